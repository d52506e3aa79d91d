package io.outlay.embedded.scenario;

import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Two weeks of usage of a company that sells things and answers questions: six teams, with days,
 * nights and weekends. The same seed and time give the same events.
 */
public final class Scenario {
  /** Days before today. */
  public static final int DAYS = 14;

  /** Feature that runs away. */
  public static final String RUNAWAY_FEATURE = "coding-agent";

  /** Team of {@link #RUNAWAY_FEATURE}. */
  public static final String RUNAWAY_TEAM = "developer-tools";

  private static final double WEEKEND = 0.7;
  private static final double NIGHT = 0.3;
  private static final int RUNAWAY_CALLS = 400;
  private static final Duration RUNAWAY_MINUTES = Duration.ofMinutes(10);
  private static final long GB = 1_000_000_000L;

  private final SplittableRandom random;
  private final Instant now;
  private final Reckoning prices;
  private int sequence;

  /**
   * @param now end of the two weeks
   */
  public Scenario(long seed, Instant now, Reckoning prices) {
    this.random = new SplittableRandom(seed);
    this.now = now.truncatedTo(ChronoUnit.SECONDS);
    this.prices = prices;
  }

  /** The events of all hours up to now, ordered by time. */
  public List<ScenarioEvent> history() {
    List<ScenarioEvent> events = new ArrayList<>();
    Instant hour = now.truncatedTo(ChronoUnit.DAYS).minus(DAYS, ChronoUnit.DAYS);
    for (; hour.isBefore(now); hour = hour.plus(1, ChronoUnit.HOURS)) {
      hour(hour, events);
    }
    events.removeIf(event -> !event.time().isBefore(now));
    events.sort(Comparator.comparing(ScenarioEvent::time));
    return events;
  }

  /** A feature that calls its model in a loop, in the last minutes. */
  public List<ScenarioEvent> runaway() {
    List<ScenarioEvent> events = new ArrayList<>();
    Duration step = RUNAWAY_MINUTES.dividedBy(RUNAWAY_CALLS);
    for (int i = 0; i < RUNAWAY_CALLS; i++) {
      Instant time = now.minus(RUNAWAY_MINUTES).plus(step.multipliedBy(i));
      events.add(
          call(
              time,
              attribution(RUNAWAY_TEAM, "ide", RUNAWAY_FEATURE, "agent-loop"),
              "anthropic",
              "claude-opus-4-5",
              "chat",
              tokens(around(90_000), 0, 0, around(4_000)),
              ""));
    }
    return events;
  }

  private void hour(Instant hour, List<ScenarioEvent> events) {
    ZonedDateTime local = hour.atZone(ZoneOffset.UTC);
    DayOfWeek day = local.getDayOfWeek();
    double load =
        (day == DayOfWeek.SATURDAY || day == DayOfWeek.SUNDAY ? WEEKEND : 1)
            * (NIGHT + (1 - NIGHT) * Math.exp(-Math.pow((local.getHour() - 14) / 5.0, 2)));
    search(hour, load, events);
    support(hour, load, events);
    developerTools(hour, load, events);
    marketing(hour, load, events);
    machineLearning(hour, load, events);
    dataPlatform(hour, load, events);
  }

  /** Retrieval: embed, rerank and generate share a request; a semantic cache answers a part. */
  private void search(Instant hour, double load, List<ScenarioEvent> events) {
    for (int i = 0; i < 26 * load; i++) {
      Instant time = within(hour);
      String request = "q-" + sequence;
      Map<String, Object> who = attribution("search", "shop", "semantic-search", request);
      if (random.nextInt(100) < 30) {
        Map<String, Long> avoided = tokens(around(5_200), 0, 0, around(420));
        Map<String, Object> data = new LinkedHashMap<>(who);
        data.put("layer", "semantic");
        data.put("hit", true);
        data.put("provider", "openai");
        data.put("model", "gpt-4.1");
        data.put("tokens", avoided);
        events.add(event("io.outlay.cache.lookup", time, data, BigDecimal.ZERO));
        continue;
      }
      Map<String, Object> miss = new LinkedHashMap<>(who);
      miss.put("layer", "semantic");
      miss.put("hit", false);
      events.add(event("io.outlay.cache.lookup", time, miss, BigDecimal.ZERO));
      events.add(
          call(
              time,
              who,
              "openai",
              "text-embedding-3-large",
              "embedding",
              tokens(around(900), 0, 0, 0),
              ""));
      events.add(call(time, who, "cohere", "rerank-v3.5", "rerank", Map.of(), ""));
      events.add(
          call(
              time,
              who,
              "openai",
              "gpt-4.1",
              "chat",
              tokens(around(5_200), 0, 0, around(420)),
              ""));
      if (random.nextInt(4) == 0) {
        Map<String, Object> score = new LinkedHashMap<>(who);
        score.put("metric", "faithfulness");
        score.put("score", BigDecimal.valueOf(850 + random.nextInt(140), 3));
        score.put("model", "gpt-4.1");
        events.add(event("io.outlay.quality.score", time, score, BigDecimal.ZERO));
      }
    }
  }

  /** Easy tickets are routed to a small model, the rest read a cached prompt. */
  private void support(Instant hour, double load, List<ScenarioEvent> events) {
    for (int i = 0; i < 40 * load; i++) {
      Instant time = within(hour);
      boolean easy = random.nextInt(100) < 60;
      events.add(
          call(
              time,
              attribution("support", "helpdesk", "ticket-triage", "t-" + sequence),
              "openai",
              easy ? "gpt-4.1-mini" : "gpt-4.1",
              "chat",
              tokens(around(3_000), 0, 0, around(250)),
              "gpt-4.1"));
    }
    for (int i = 0; i < 30 * load; i++) {
      Instant time = within(hour);
      boolean warm = random.nextInt(10) > 0;
      events.add(
          call(
              time,
              attribution("support", "helpdesk", "reply-draft", "d-" + sequence),
              "anthropic",
              "claude-sonnet-4-5",
              "chat",
              tokens(around(1_500), warm ? 12_000 : 0, warm ? 0 : 12_000, around(700)),
              ""));
    }
  }

  private void developerTools(Instant hour, double load, List<ScenarioEvent> events) {
    for (int i = 0; i < 24 * load; i++) {
      events.add(
          call(
              within(hour),
              attribution(RUNAWAY_TEAM, "ide", RUNAWAY_FEATURE, "a-" + sequence),
              "anthropic",
              "claude-opus-4-5",
              "chat",
              tokens(around(18_000), around(40_000), 0, around(1_800)),
              ""));
    }
    for (int i = 0; i < 30 * load; i++) {
      events.add(
          call(
              within(hour),
              attribution(RUNAWAY_TEAM, "ide", "code-review", "r-" + sequence),
              "openai",
              "gpt-5.1",
              "chat",
              tokens(around(14_000), around(6_000), 0, around(2_200)),
              ""));
    }
  }

  private void marketing(Instant hour, double load, List<ScenarioEvent> events) {
    for (int i = 0; i < 36 * load; i++) {
      events.add(
          call(
              within(hour),
              attribution("marketing", "campaigns", "ad-copy", "m-" + sequence),
              "google",
              "gemini-2.5-pro",
              "chat",
              tokens(around(2_500), 0, 0, around(3_000)),
              ""));
    }
  }

  /** Accelerators run day and night; serving is busy by day, training at night on spot. */
  private void machineLearning(Instant hour, double load, List<ScenarioEvent> events) {
    for (int quarter = 0; quarter < 4; quarter++) {
      Instant time = hour.plus(15L * quarter, ChronoUnit.MINUTES);
      events.add(
          gpu(time, "embedding-serving", "A100-80GB", "on_demand", 1_800, 0.35 + 0.5 * load));
      events.add(gpu(time, "fine-tuning", "H100", "spot", 900, 0.8 + random.nextDouble() * 0.15));
    }
  }

  private void dataPlatform(Instant hour, double load, List<ScenarioEvent> events) {
    Map<String, Object> who = attribution("data-platform", "lake", "", "");
    long hot = (4_000 + sequence % 100) * GB;
    Map<String, Object> held = new LinkedHashMap<>(who);
    held.put("store", "vectors");
    held.put("dataset", "catalogue");
    held.put("tier", "hot");
    held.put("bytes", hot);
    held.put("seconds", 3_600);
    events.add(
        event("io.outlay.storage.usage", hour, held, prices.storage("hot", hour, hot, 3_600)));
    if (hour.atZone(ZoneOffset.UTC).getHour() % 6 == 2) {
      long bytes = (50 + random.nextInt(50)) * GB;
      Map<String, Object> move = new LinkedHashMap<>(who);
      move.put("store", "vectors");
      move.put("dataset", "archive-2025");
      move.put("bytes", bytes);
      move.put("fromTier", "cold");
      move.put("toTier", "hot");
      events.add(
          event("io.outlay.storage.move", hour, move, prices.move("cold", "hot", hour, bytes)));
    }
    long sent = Math.round(20 * load * GB);
    Map<String, Object> network = new LinkedHashMap<>(who);
    network.put("bytes", sent);
    network.put("path", "egress");
    network.put("cloud", "aws");
    events.add(
        event(
            "io.outlay.network.transfer",
            hour,
            network,
            prices.network("aws", "egress", hour, sent)));
    Map<String, Object> instance = new LinkedHashMap<>(who);
    instance.put("feature", "ingest");
    instance.put("instanceType", "m7i.xlarge");
    instance.put("seconds", 14_400);
    instance.put("cloud", "aws");
    events.add(
        event(
            "io.outlay.compute.usage",
            hour,
            instance,
            prices.instance("aws", "m7i.xlarge", hour, BigDecimal.valueOf(14_400))));
    if (hour.atZone(ZoneOffset.UTC).getHour() == 0) {
      Map<String, Object> licence = new LinkedHashMap<>(who);
      licence.put("amount", "12.50");
      licence.put("currency", "USD");
      licence.put("category", "licence");
      events.add(event("io.outlay.cost.direct", hour, licence, new BigDecimal("12.50")));
    }
  }

  private ScenarioEvent gpu(
      Instant time,
      String workload,
      String model,
      String option,
      long seconds,
      double utilization) {
    Map<String, Object> data =
        new LinkedHashMap<>(attribution("machine-learning", "models", workload, ""));
    BigDecimal exact = BigDecimal.valueOf(seconds * 1_000 + random.nextInt(1_000), 3);
    data.put("gpuModel", model);
    data.put("gpuSeconds", exact);
    data.put("utilization", BigDecimal.valueOf(Math.round(utilization * 1_000), 3));
    data.put("purchaseOption", option);
    data.put("cloud", "aws");
    data.put("workload", workload);
    return event("io.outlay.gpu.usage", time, data, prices.gpu("aws", model, option, time, exact));
  }

  private ScenarioEvent call(
      Instant time,
      Map<String, Object> who,
      String provider,
      String model,
      String operation,
      Map<String, Long> tokens,
      String baseline) {
    Map<String, Object> data = new LinkedHashMap<>(who);
    data.put("provider", provider);
    data.put("model", model);
    data.put("operation", operation);
    if (!baseline.isEmpty()) {
      data.put("baselineModel", baseline);
    }
    data.put("latencyMs", 200 + random.nextInt(1_500));
    data.put("status", "ok");
    data.put("tokens", tokens);
    data.put("requests", 1);
    return event("io.outlay.llm.usage", time, data, prices.call(provider, model, time, tokens, 1));
  }

  private ScenarioEvent event(
      String type, Instant time, Map<String, Object> data, BigDecimal cost) {
    return new ScenarioEvent("demo-%07d".formatted(sequence++), type, time, data, cost);
  }

  private static Map<String, Object> attribution(
      String team, String project, String feature, String requestId) {
    Map<String, Object> who = new LinkedHashMap<>();
    who.put("team", team);
    who.put("project", project);
    if (!feature.isEmpty()) {
      who.put("feature", feature);
    }
    if (!requestId.isEmpty()) {
      who.put("requestId", requestId);
    }
    who.put("environment", "prod");
    return who;
  }

  private static Map<String, Long> tokens(long input, long read, long write, long output) {
    Map<String, Long> tokens = new LinkedHashMap<>();
    tokens.put("input", input);
    tokens.put("cacheRead", read);
    tokens.put("cacheWrite5m", write);
    tokens.put("output", output);
    return tokens;
  }

  private Instant within(Instant hour) {
    return hour.plusMillis(random.nextInt(3_600_000));
  }

  /** A number that is on average {@code mean}, half as much at least and twice at most. */
  private long around(long mean) {
    return Math.round(mean * (0.5 + random.nextDouble() * 0.5 + random.nextDouble() * 0.5));
  }
}
