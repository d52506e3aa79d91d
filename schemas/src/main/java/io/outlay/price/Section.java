package io.outlay.price;

import io.outlay.schema.Meter;
import io.outlay.schema.PriceKind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The sections of a price file: which keys and rates their entries have. */
enum Section {
  MODELS("models", PriceKind.MODEL, "provider", List.of("model"), models()),
  GPUS("gpus", PriceKind.GPU, "cloud", List.of("gpuModel"), Map.of("hour", Meter.GPU_HOURS)),
  COMPUTE(
      "compute",
      PriceKind.COMPUTE,
      "cloud",
      List.of("instanceType"),
      Map.of(
          "hour", Meter.INSTANCE_HOURS,
          "cpuHour", Meter.CPU_HOURS,
          "memoryGbHour", Meter.MEMORY_GB_HOURS)),
  STORAGE(
      "storage",
      PriceKind.STORAGE,
      "cloud",
      List.of("tier"),
      Map.of("gbMonth", Meter.STORAGE_GB_MONTHS)),
  MOVES(
      "moves",
      PriceKind.STORAGE_MOVE,
      "cloud",
      List.of("fromTier", "toTier"),
      Map.of("gb", Meter.MOVED_GB)),
  NETWORK(
      "network", PriceKind.NETWORK, "cloud", List.of("path"), Map.of("gb", Meter.TRANSFERRED_GB)),
  EXCHANGE_RATES(
      "exchangeRates",
      PriceKind.EXCHANGE_RATE,
      "",
      List.of("currency"),
      Map.of("usd", Meter.CURRENCY_UNITS)),
  DISCOUNTS("discounts", PriceKind.DISCOUNT, "provider", List.of("model"), Map.of());

  final String key;
  final PriceKind kind;
  final String providerKey;

  /** Keys whose values make the name, in that order. */
  final List<String> nameKeys;

  /** Rates by the key they have in a file. */
  final Map<String, Meter> meters;

  private final Map<Meter, String> keys = new EnumMap<>(Meter.class);

  Section(
      String key,
      PriceKind kind,
      String providerKey,
      List<String> nameKeys,
      Map<String, Meter> meters) {
    this.key = key;
    this.kind = kind;
    this.providerKey = providerKey;
    this.nameKeys = nameKeys;
    this.meters = meters;
    meters.forEach((name, meter) -> keys.put(meter, name));
  }

  private static Map<String, Meter> models() {
    Map<String, Meter> meters = new LinkedHashMap<>();
    meters.put("input", Meter.INPUT_TOKENS);
    meters.put("cacheRead", Meter.CACHE_READ_TOKENS);
    meters.put("cacheWrite5m", Meter.CACHE_WRITE_5M_TOKENS);
    meters.put("cacheWrite1h", Meter.CACHE_WRITE_1H_TOKENS);
    meters.put("output", Meter.OUTPUT_TOKENS);
    meters.put("reasoning", Meter.REASONING_TOKENS);
    meters.put("inputAudio", Meter.INPUT_AUDIO_TOKENS);
    meters.put("outputAudio", Meter.OUTPUT_AUDIO_TOKENS);
    meters.put("inputImage", Meter.INPUT_IMAGE_TOKENS);
    meters.put("outputImage", Meter.OUTPUT_IMAGE_TOKENS);
    meters.put("requests", Meter.REQUESTS);
    meters.put("webSearches", Meter.WEB_SEARCHES);
    meters.put("images", Meter.IMAGES);
    meters.put("characters", Meter.CHARACTERS);
    meters.put("mediaHour", Meter.MEDIA_HOURS);
    meters.put("pages", Meter.PAGES);
    return meters;
  }

  static @Nullable Section named(String key) {
    for (Section section : values()) {
      if (section.key.equals(key)) {
        return section;
      }
    }
    return null;
  }

  static Section of(PriceKind kind) {
    for (Section section : values()) {
      if (section.kind == kind) {
        return section;
      }
    }
    throw new IllegalArgumentException("no section holds " + kind);
  }

  /** The key of a rate in a file, or null if entries of this section have no such rate. */
  @Nullable String rateKey(Meter meter) {
    return keys.get(meter);
  }

  /** Whether entries have cards of rates. */
  boolean hasRates() {
    return this != EXCHANGE_RATES && this != DISCOUNTS;
  }

  /** Whether names are free text, so that they can have aliases and be prefixes. */
  boolean hasFreeNames() {
    return this == MODELS || this == GPUS || this == COMPUTE || this == DISCOUNTS;
  }

  boolean hasPurchaseOption() {
    return this == GPUS || this == COMPUTE;
  }

  Set<String> required() {
    Set<String> required = new TreeSet<>();
    switch (this) {
      case MODELS -> required.add("provider");
      case EXCHANGE_RATES -> required.add("usd");
      case DISCOUNTS -> required.add("percent");
      default -> {
        // the name alone
      }
    }
    if (this != COMPUTE && this != DISCOUNTS) {
      required.addAll(nameKeys);
    }
    if (hasPurchaseOption()) {
      required.add("purchaseOption");
    }
    return required;
  }

  Set<String> known() {
    List<String> known = new ArrayList<>(required());
    known.addAll(nameKeys);
    known.addAll(List.of("from", "to", "asOf"));
    if (!providerKey.isEmpty()) {
      known.add(providerKey);
    }
    if (this != EXCHANGE_RATES) {
      known.addAll(List.of("region", "team", "customer"));
    }
    if (hasFreeNames()) {
      known.addAll(List.of("match", "aliases"));
    }
    if (hasRates()) {
      known.addAll(List.of("rates", "currency", "regions"));
    }
    if (this == MODELS) {
      known.addAll(List.of("above", "daily", "tiers"));
    }
    return new TreeSet<>(known);
  }
}
