package io.outlay.it.faults;

import io.outlay.it.faults.Tariff.Call;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Events of all kinds, each a function of seed and number, so that any of them can be made again
 * and none has to be kept. Times lie before the beginning of the run: most within an hour, some
 * days back, across the end of summer time, and some beyond the retention.
 */
final class Load {
  static final String SOURCE = "faults";
  static final String TOO_LATE = "too_late";
  static final String OUT_OF_RANGE = "cost_out_of_range";

  private static final String[] TEAMS = {"search", Tariff.DISCOUNTED_TEAM, "ml", "ops"};
  private static final String[] FEATURES = {"answers", "rerank", "", "ver\u00e4ndert"};
  private static final String[] REGIONS = {"", "eu-west-1", "us-east-1"};
  private static final String[] BUCKETS = {
    "input",
    "cacheRead",
    "cacheWrite5m",
    "cacheWrite1h",
    "output",
    "reasoning",
    "inputAudio",
    "outputAudio",
    "inputImage",
    "outputImage"
  };
  private static final Duration BEYOND_RETENTION = Duration.ofDays(40);
  private static final int LATE_MINUTES = 300;
  private static final int RETENTION_MINUTES = 33 * 24 * 60;
  private static final long MICROS_PER_MINUTE = 60_000_000;
  private static final long MIX = 0x9e3779b97f4a7c15L;

  private final long seed;
  private final long baseMicros;
  private final Tariff tariff;

  /**
   * @param base no event is later
   */
  Load(long seed, Instant base, Tariff tariff) {
    this.seed = seed;
    this.baseMicros = ChronoUnit.MICROS.between(Instant.EPOCH, base);
    this.tariff = tariff;
  }

  /** The copies that are sent along with an event: of itself, a recent one, or any before. */
  List<Long> copiesWith(long number) {
    SplittableRandom random = random(number, 1);
    int roll = random.nextInt(1_000);
    List<Long> copies = new ArrayList<>();
    if (roll < 20) {
      copies.add(number);
    } else if (roll < 40 && number > 0) {
      copies.add(Math.max(0, number - random.nextInt(1, 3_000)));
    } else if (roll < 50 && number > 0) {
      copies.add(random.nextLong(number));
    }
    return copies;
  }

  /** Whether a record that nobody can count follows an event. */
  boolean poisonAfter(long number) {
    return random(number, 2).nextInt(500) == 0;
  }

  Usage event(long number) {
    SplittableRandom random = random(number, 0);
    String id = "e-" + number;
    Place place =
        new Place(
            id,
            pick(random, TEAMS),
            pick(random, FEATURES),
            pick(random, REGIONS),
            micros(random),
            Optional.empty());
    if (random.nextInt(250) == 0) {
      place = place.beyond(baseMicros - BEYOND_RETENTION.toSeconds() * 1_000_000);
    }
    int kind = random.nextInt(100);
    if (kind < 58) {
      return call(place, random);
    }
    if (kind < 66) {
      return lookup(place, random);
    }
    if (kind < 72) {
      return gpu(place, random);
    }
    if (kind < 78) {
      return compute(place, random);
    }
    if (kind < 82) {
      return move(place, random);
    }
    if (kind < 87) {
      return storage(place, random);
    }
    if (kind < 92) {
      long bytes = random.nextLong(1, 90_000_000_000L);
      return place.make(
          "network.transfer",
          "\"bytes\":%d,\"path\":\"egress\",\"cloud\":\"%s\"".formatted(bytes, Tariff.CLOUD),
          "",
          tariff.egress(bytes),
          BigDecimal.ZERO);
    }
    if (kind < 96) {
      return place.make(
          "quality.score",
          "\"metric\":\"faithfulness\",\"score\":0.%03d,\"model\":\"%s\""
              .formatted(random.nextInt(1_000), Tariff.PLAIN),
          Tariff.PLAIN,
          BigDecimal.ZERO,
          BigDecimal.ZERO);
    }
    BigDecimal amount = BigDecimal.valueOf(random.nextLong(-50_000_000_000L, 50_000_000_000L), 12);
    boolean pounds = random.nextBoolean();
    return place.make(
        "cost.direct",
        "\"amount\":\"%s\",\"currency\":\"%s\",\"category\":\"support\""
            .formatted(amount.toPlainString(), pounds ? "GBP" : "USD"),
        "",
        pounds ? tariff.pounds(amount) : amount,
        BigDecimal.ZERO);
  }

  private Usage call(Place place, SplittableRandom random) {
    int which = random.nextInt(100);
    String model;
    Map<String, Long> tokens = new LinkedHashMap<>();
    String tier = "";
    String baseline = "";
    long requests = 1;
    long searches = 0;
    if (which < 45) {
      model = Tariff.RICH;
      tier = pick(random, new String[] {"", "", "flex", "batch", "priority"});
      boolean large = tier.isEmpty() && random.nextInt(20) == 0;
      for (String bucket : BUCKETS) {
        if (random.nextInt(3) == 0 || bucket.equals("input")) {
          tokens.put(bucket, random.nextLong(1, large ? 120_000 : 15_000));
        }
      }
      if (random.nextInt(2_000) == 0) {
        tokens.put("input", 900_000_000_000L);
        tokens.put("output", 900_000_000_000L);
        place = place.tooDear();
      }
      searches = random.nextInt(10) == 0 ? random.nextInt(1, 4) : 0;
    } else {
      model =
          which < 75
              ? Tariff.PLAIN
              : which < 83
                  ? Tariff.CORRECTED
                  : which < 93 ? Tariff.LATE + random.nextInt(Tariff.LATE_MODELS) : Tariff.UNKNOWN;
      tokens.put("input", random.nextLong(1, 9_000));
      tokens.put("output", random.nextLong(1, 3_000));
      if (model.equals(Tariff.PLAIN)) {
        tokens.put("reasoning", random.nextLong(1, 3_000));
        tokens.put("cacheWrite1h", random.nextLong(1, 3_000));
        requests = random.nextInt(1, 5);
        baseline = random.nextInt(4) == 0 ? Tariff.CORRECTED : "";
      }
    }
    Call call = new Call(model, place.team, place.region, tier, tokens, requests, searches);
    BigDecimal cost = tariff.call(call);
    BigDecimal other = baseline.isEmpty() ? null : tariff.call(call.of(baseline));
    BigDecimal avoided = cost == null || other == null ? BigDecimal.ZERO : other.subtract(cost);
    boolean batch = tier.equals("batch");
    return place.make(
        "llm.usage",
        "\"provider\":\"%s\",\"model\":\"%s\",\"baselineModel\":\"%s\",\"operation\":\"chat\",\"serviceTier\":\"%s\",\"batch\":%s,\"requests\":%d,\"webSearches\":%d,\"tokens\":%s"
            .formatted(
                Tariff.PROVIDER,
                model,
                baseline,
                batch ? "" : tier,
                batch,
                requests,
                searches,
                json(tokens)),
        model,
        cost,
        avoided);
  }

  private Usage lookup(Place place, SplittableRandom random) {
    if (random.nextInt(3) == 0) {
      return place.make(
          "cache.lookup",
          "\"layer\":\"exact\",\"hit\":false",
          "",
          BigDecimal.ZERO,
          BigDecimal.ZERO);
    }
    String model =
        pick(random, new String[] {Tariff.RICH, Tariff.CORRECTED, Tariff.UNKNOWN, Tariff.PLAIN});
    Map<String, Long> tokens = new LinkedHashMap<>();
    tokens.put("input", random.nextLong(1, 9_000));
    tokens.put("output", random.nextLong(1, 3_000));
    BigDecimal avoided = tariff.call(new Call(model, place.team, place.region, "", tokens, 1, 0));
    return place.make(
        "cache.lookup",
        "\"layer\":\"semantic\",\"hit\":true,\"provider\":\"%s\",\"model\":\"%s\",\"tokens\":%s"
            .formatted(Tariff.PROVIDER, model, json(tokens)),
        model,
        // Free, unless nobody can say what it avoided.
        avoided == null ? null : BigDecimal.ZERO,
        avoided == null ? BigDecimal.ZERO : avoided);
  }

  private Usage gpu(Place place, SplittableRandom random) {
    String option = pick(random, new String[] {"spot", "on_demand", "reserved"});
    long micros = random.nextLong(1, 40_000_000_000L);
    return place.make(
        "gpu.usage",
        "\"gpuModel\":\"GX-1\",\"gpuSeconds\":%s,\"utilization\":0.%02d,\"purchaseOption\":\"%s\",\"cloud\":\"%s\""
            .formatted(seconds(micros), random.nextInt(100), option, Tariff.CLOUD),
        "",
        tariff.gpu(option, micros),
        BigDecimal.ZERO);
  }

  private Usage compute(Place place, SplittableRandom random) {
    long micros = random.nextLong(1, 40_000_000_000L);
    if (random.nextBoolean()) {
      return place.make(
          "compute.usage",
          "\"instanceType\":\"n1\",\"seconds\":%s,\"purchaseOption\":\"on_demand\",\"cloud\":\"%s\""
              .formatted(seconds(micros), Tariff.CLOUD),
          "",
          tariff.instance(micros),
          BigDecimal.ZERO);
    }
    long memory = random.nextLong(1, 40_000_000_000L);
    return place.make(
        "compute.usage",
        "\"cpuSeconds\":%s,\"memoryGbSeconds\":%s,\"purchaseOption\":\"on_demand\",\"cloud\":\"%s\""
            .formatted(seconds(micros), seconds(memory), Tariff.CLOUD),
        "",
        tariff.shares(micros, memory),
        BigDecimal.ZERO);
  }

  private Usage move(Place place, SplittableRandom random) {
    long bytes = random.nextLong(1, 90_000_000_000L);
    boolean toHot = random.nextBoolean();
    return place.make(
        "storage.move",
        "\"store\":\"s\",\"dataset\":\"d\",\"bytes\":%d,\"fromTier\":\"%s\",\"toTier\":\"%s\""
            .formatted(bytes, toHot ? "cold" : "hot", toHot ? "hot" : "cold"),
        "",
        toHot ? tariff.coldToHot(bytes) : BigDecimal.ZERO,
        BigDecimal.ZERO);
  }

  private Usage storage(Place place, SplittableRandom random) {
    long bytes = random.nextLong(1, 90_000_000_000_000L);
    long seconds = random.nextLong(1, 90_000);
    String tier = pick(random, new String[] {"hot", "warm", "cold", "archive"});
    return place.make(
        "storage.usage",
        "\"store\":\"s\",\"dataset\":\"d\",\"tier\":\"%s\",\"bytes\":%d,\"seconds\":%d"
            .formatted(tier, bytes, seconds),
        "",
        tariff.storage(tier, bytes, seconds * 1_000_000),
        BigDecimal.ZERO);
  }

  /** Mostly the last hour; else one of some hundred minutes of the weeks before. */
  private long micros(SplittableRandom random) {
    long back = random.nextLong(60 * MICROS_PER_MINUTE);
    if (random.nextInt(10) == 0) {
      long slot = random.nextInt(LATE_MINUTES);
      back += (slot * RETENTION_MINUTES / LATE_MINUTES) * MICROS_PER_MINUTE;
    }
    return baseMicros - back;
  }

  private SplittableRandom random(long number, int purpose) {
    return new SplittableRandom((seed * MIX + number) * MIX + purpose);
  }

  private static String pick(SplittableRandom random, String[] of) {
    return of[random.nextInt(of.length)];
  }

  private static String seconds(long micros) {
    return BigDecimal.valueOf(micros, 6).toPlainString();
  }

  private static String json(Map<String, Long> tokens) {
    return tokens.entrySet().stream()
        .map(bucket -> "\"" + bucket.getKey() + "\":" + bucket.getValue())
        .collect(Collectors.joining(",", "{", "}"));
  }

  /** Who, where and when. */
  private record Place(
      String id,
      String team,
      String feature,
      String region,
      long micros,
      Optional<String> deadLetter) {
    Place beyond(long earlier) {
      return new Place(id, team, feature, region, earlier, Optional.of(TOO_LATE));
    }

    /** What is too late is not even rated. */
    Place tooDear() {
      return deadLetter.isPresent()
          ? this
          : new Place(id, team, feature, region, micros, Optional.of(OUT_OF_RANGE));
    }

    Usage make(
        String type,
        String quantities,
        String model,
        @Nullable BigDecimal cost,
        BigDecimal avoided) {
      String json =
          "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"%s\",\"type\":\"io.outlay.%s\",\"time\":\"%s\",\"data\":{\"team\":\"%s\",\"feature\":\"%s\",\"region\":\"%s\",%s}}"
              .formatted(
                  id,
                  SOURCE,
                  type,
                  Instant.EPOCH.plus(micros, ChronoUnit.MICROS),
                  team,
                  feature,
                  region,
                  quantities);
      return new Usage(id, json, micros, team, model, feature, cost, avoided, deadLetter);
    }
  }
}
