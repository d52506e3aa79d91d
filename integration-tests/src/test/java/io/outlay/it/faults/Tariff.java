package io.outlay.it.faults;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The prices of a run, and what usage costs by them: in {@link BigDecimal}, with none of the code
 * that rates, so that the two can be held against each other.
 */
final class Tariff {
  static final String PROVIDER = "acme";
  static final String CLOUD = "nimbus";

  /** Has thresholds, tiers and regions. */
  static final String RICH = "atlas";

  /** Has rates for input, output and requests only. */
  static final String PLAIN = "comet";

  /** Its price is corrected again and again. */
  static final String CORRECTED = "drift";

  /** Prefix of the models whose prices come only after usage. */
  static final String LATE = "late-";

  /** Number of the models whose prices come late. */
  static final int LATE_MODELS = 8;

  /** Has no price at all. */
  static final String UNKNOWN = "nobody-knows";

  /** Pays less for its models. */
  static final String DISCOUNTED_TEAM = "payments";

  private static final String BATCH = "batch";
  private static final String FLEX = "flex";
  private static final String PRIORITY = "priority";
  private static final long ABOVE = 200_000;
  private static final int PLACES = 12;
  private static final BigDecimal MILLION = new BigDecimal("1000000");
  private static final BigDecimal THOUSAND = new BigDecimal("1000");
  private static final BigDecimal HOUR_MICROS = new BigDecimal("3600000000");
  private static final BigDecimal GB = new BigDecimal("1000000000");
  private static final BigDecimal MONTH_MICROS = new BigDecimal("2592000000000");
  private static final BigDecimal DISCOUNT_LEAVES = new BigDecimal("0.875");
  private static final BigDecimal EU = new BigDecimal("1.1");
  private static final BigDecimal HALF = new BigDecimal("0.5");
  private static final BigDecimal POUND = new BigDecimal("1.2741");

  private static final Map<String, String> RICH_RATES =
      rates(
          "input 2.5 cacheRead 0.25 cacheWrite5m 3.1234567 cacheWrite1h 5 output 10 reasoning 12"
              + " inputAudio 40 outputAudio 80 inputImage 5.0000001 outputImage 20 webSearches 10");
  private static final Map<String, String> RICH_ABOVE =
      rates("input 5 cacheRead 0.5 cacheWrite5m 6.25 cacheWrite1h 10 output 15 webSearches 10");
  private static final Map<String, String> RICH_PRIORITY =
      rates("input 4.3750003 output 17.77 webSearches 11");
  private static final Map<String, String> PLAIN_RATES =
      rates("input 0.1234567 output 0.6 requests 0.37");

  private static final Map<String, String> GPU =
      rates("spot 0.9612345 on_demand 2.5"); // and none for reserved
  private static final String INSTANCE = "0.2016007";
  private static final String CPU = "0.0405001";
  private static final String MEMORY = "0.0044501";
  private static final Map<String, String> STORAGE =
      rates("hot 0.0311 warm 0.0127 cold 0.0041 archive 0.00101");
  private static final String COLD_TO_HOT = "0.0213";
  private static final String EGRESS = "0.0917";

  private final Map<String, String> correctedRates;

  /**
   * @param corrections how often the price of {@link #CORRECTED} will have been corrected at the
   *     end
   */
  Tariff(int corrections) {
    this.correctedRates = corrected(corrections);
  }

  /** Quantities of a call, by the names of the token buckets. */
  record Call(
      String model,
      String team,
      String region,
      String tier,
      Map<String, Long> tokens,
      long requests,
      long searches) {
    Call of(String other) {
      return new Call(other, team, region, tier, tokens, requests, searches);
    }
  }

  /** The price file to begin with: everything but what comes late. */
  static String file() {
    StringBuilder yaml = new StringBuilder("format: outlay-prices/1\nmodels:\n");
    yaml.append(
        "  - {provider: %s, model: %s, rates: %s, above: [{inputTokens: %d, rates: %s}], tiers: {%s: {multiplier: 0.5}, %s: {multiplier: 0.5}, %s: {rates: %s}}, regions: {\"eu*\": 1.1}}%n"
            .formatted(
                PROVIDER,
                RICH,
                yaml(RICH_RATES),
                ABOVE,
                yaml(RICH_ABOVE),
                FLEX,
                BATCH,
                PRIORITY,
                yaml(RICH_PRIORITY)));
    yaml.append(model(PLAIN, PLAIN_RATES)).append(model(CORRECTED, corrected(0)));
    yaml.append("gpus:\n");
    GPU.forEach(
        (option, rate) ->
            yaml.append(
                "  - {gpuModel: GX-1, cloud: %s, purchaseOption: %s, rates: {hour: %s}}%n"
                    .formatted(CLOUD, option, rate)));
    yaml.append(
        """
        compute:
          - {instanceType: n1, cloud: %1$s, purchaseOption: on_demand, rates: {hour: %2$s}}
          - {cloud: %1$s, purchaseOption: on_demand, rates: {cpuHour: %3$s, memoryGbHour: %4$s}}
        moves:
          - {fromTier: cold, toTier: hot, rates: {gb: %5$s}}
          - {fromTier: hot, toTier: cold, rates: {gb: 0}}
        network:
          - {cloud: %1$s, path: egress, rates: {gb: %6$s}}
        exchangeRates:
          - {currency: GBP, from: 2026-01-01, usd: %7$s}
        discounts:
          - {team: %8$s, provider: %9$s, percent: 12.5}
        storage:
        """
            .formatted(
                CLOUD,
                INSTANCE,
                CPU,
                MEMORY,
                COLD_TO_HOT,
                EGRESS,
                POUND,
                DISCOUNTED_TEAM,
                PROVIDER));
    STORAGE.forEach(
        (tier, rate) ->
            yaml.append("  - {tier: %s, rates: {gbMonth: %s}}%n".formatted(tier, rate)));
    return yaml.toString();
  }

  /** The price file of a correction. */
  static String correction(int number) {
    return "format: outlay-prices/1\nmodels:\n" + model(CORRECTED, corrected(number));
  }

  /** The price file of a late model. */
  static String late(int number) {
    return "format: outlay-prices/1\nmodels:\n" + model(LATE + number, lateRates(number));
  }

  /** Null if there is no price or a quantity has no rate. */
  @Nullable BigDecimal call(Call call) {
    Map<String, String> card;
    BigDecimal factor = BigDecimal.ONE;
    if (call.model.equals(RICH)) {
      long input =
          call.tokens.entrySet().stream()
              .filter(bucket -> !bucket.getKey().matches("output.*|reasoning"))
              .mapToLong(Map.Entry::getValue)
              .sum();
      card = input > ABOVE ? RICH_ABOVE : RICH_RATES;
      switch (call.tier) {
        case "" -> {}
        case PRIORITY -> card = RICH_PRIORITY;
        default -> factor = HALF;
      }
      if (call.region.startsWith("eu")) {
        factor = factor.multiply(EU);
      }
    } else if (!call.tier.isEmpty()) {
      return null;
    } else if (call.model.equals(PLAIN)) {
      card = PLAIN_RATES;
    } else if (call.model.equals(CORRECTED)) {
      card = correctedRates;
    } else if (call.model.startsWith(LATE)) {
      card = lateRates(Integer.parseInt(call.model.substring(LATE.length())));
    } else {
      return null;
    }
    if (call.team.equals(DISCOUNTED_TEAM)) {
      factor = factor.multiply(DISCOUNT_LEAVES);
    }
    BigDecimal sum = BigDecimal.ZERO;
    for (Map.Entry<String, Long> bucket : call.tokens.entrySet()) {
      String rate = rate(card, bucket.getKey());
      if (bucket.getValue() > 0 && rate == null) {
        return null;
      }
      sum = sum.add(line(bucket.getValue(), rate, factor, MILLION));
    }
    sum = sum.add(line(call.requests, card.getOrDefault("requests", "0"), factor, THOUSAND));
    if (call.searches > 0) {
      if (!card.containsKey("webSearches")) {
        return null;
      }
      sum = sum.add(line(call.searches, card.get("webSearches"), factor, THOUSAND));
    }
    return sum;
  }

  /** Null if there is no price for the option. */
  @Nullable BigDecimal gpu(String option, long micros) {
    return GPU.containsKey(option)
        ? line(micros, GPU.get(option), BigDecimal.ONE, HOUR_MICROS)
        : null;
  }

  BigDecimal instance(long micros) {
    return line(micros, INSTANCE, BigDecimal.ONE, HOUR_MICROS);
  }

  BigDecimal shares(long cpuMicros, long memoryGbMicros) {
    return line(cpuMicros, CPU, BigDecimal.ONE, HOUR_MICROS)
        .add(line(memoryGbMicros, MEMORY, BigDecimal.ONE, HOUR_MICROS));
  }

  BigDecimal storage(String tier, long bytes, long micros) {
    return new BigDecimal(bytes)
        .multiply(new BigDecimal(micros))
        .multiply(new BigDecimal(STORAGE.get(tier)))
        .divide(GB.multiply(MONTH_MICROS), PLACES, RoundingMode.HALF_EVEN);
  }

  BigDecimal coldToHot(long bytes) {
    return line(bytes, COLD_TO_HOT, BigDecimal.ONE, GB);
  }

  BigDecimal egress(long bytes) {
    return line(bytes, EGRESS, BigDecimal.ONE, GB);
  }

  BigDecimal pounds(BigDecimal amount) {
    return amount.multiply(POUND).setScale(PLACES, RoundingMode.HALF_EVEN);
  }

  private static BigDecimal line(
      long quantity, @Nullable String rate, BigDecimal factor, BigDecimal per) {
    return quantity == 0 || rate == null
        ? BigDecimal.ZERO
        : new BigDecimal(quantity)
            .multiply(new BigDecimal(rate))
            .multiply(factor)
            .divide(per, PLACES, RoundingMode.HALF_EVEN);
  }

  /** A bucket's rate, or the one that providers bill it by where it has none. */
  private static @Nullable String rate(Map<String, String> card, String bucket) {
    if (card.containsKey(bucket)) {
      return card.get(bucket);
    }
    return switch (bucket) {
      case "cacheWrite1h" -> card.containsKey("cacheWrite5m") ? null : card.get("input");
      case "reasoning", "outputAudio", "outputImage" -> card.get("output");
      default -> card.get("input");
    };
  }

  private static Map<String, String> corrected(int number) {
    BigDecimal step = new BigDecimal("0.0370001").multiply(BigDecimal.valueOf(number));
    return rates(
        "input " + step.add(BigDecimal.ONE) + " output " + step.add(new BigDecimal("4.4")));
  }

  private static Map<String, String> lateRates(int number) {
    return rates("input 0.77%d output 3.3%d".formatted(number, number));
  }

  private static Map<String, String> rates(String text) {
    String[] words = text.split(" ");
    Map<String, String> rates = new LinkedHashMap<>();
    for (int i = 0; i < words.length; i += 2) {
      rates.put(words[i], words[i + 1]);
    }
    return rates;
  }

  private static String model(String name, Map<String, String> rates) {
    return "  - {provider: %s, model: %s, rates: %s}%n".formatted(PROVIDER, name, yaml(rates));
  }

  private static String yaml(Map<String, String> rates) {
    return rates.entrySet().stream()
        .map(rate -> rate.getKey() + ": " + rate.getValue())
        .collect(Collectors.joining(", ", "{", "}"));
  }
}
