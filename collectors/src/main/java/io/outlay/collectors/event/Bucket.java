package io.outlay.collectors.event;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The token buckets, as {@code data.tokens} names them. */
enum Bucket {
  INPUT("input"),
  CACHE_READ("cacheRead"),
  CACHE_WRITE_5M("cacheWrite5m"),
  CACHE_WRITE_1H("cacheWrite1h"),
  OUTPUT("output"),
  REASONING("reasoning"),
  INPUT_AUDIO("inputAudio"),
  OUTPUT_AUDIO("outputAudio"),
  INPUT_IMAGE("inputImage"),
  OUTPUT_IMAGE("outputImage");

  /** How many there are. */
  static final int COUNT = values().length;

  private static final Map<String, Bucket> BY_NAME =
      Arrays.stream(values()).collect(Collectors.toMap(b -> b.jsonName, Function.identity()));
  private static final String NAMES =
      Arrays.stream(values()).map(b -> b.jsonName).collect(Collectors.joining(", "));

  private final String jsonName;
  private final String path;

  Bucket(String jsonName) {
    this.jsonName = jsonName;
    this.path = "data.tokens." + jsonName;
  }

  /** The bucket of that name, or null if there is none. */
  static @Nullable Bucket of(String jsonName) {
    return BY_NAME.get(jsonName);
  }

  /** All names, for people. */
  static String names() {
    return NAMES;
  }

  /** Path for error messages. */
  String path() {
    return path;
  }
}
