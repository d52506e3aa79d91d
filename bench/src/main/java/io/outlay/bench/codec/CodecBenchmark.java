package io.outlay.bench.codec;

import io.outlay.bench.Benchmark;
import io.outlay.bench.jmh.JmhBenchmark;
import io.outlay.bench.jmh.JmhBenchmark.Plan;
import java.util.List;
import java.util.Map;

/** The benchmark {@code codec}. */
public final class CodecBenchmark {
  private static final Map<String, String> LABELS =
      Map.of(
          "decodeUsage", "decode usage",
          "encodeUsage", "encode usage",
          "encodeCost", "encode costs");

  private CodecBenchmark() {}

  /** Reading usage, writing it, and writing costs. */
  public static Benchmark create() {
    return new JmhBenchmark(
        "codec",
        "Avro: usage read and written, costs written around the bytes of their usage",
        "decode usage",
        512,
        List.of(new Plan(CodecMethods.class, Map.of(), LABELS.size(), true)),
        params -> {
          String method = params.getBenchmark();
          return LABELS.getOrDefault(method.substring(method.lastIndexOf('.') + 1), method);
        });
  }
}
