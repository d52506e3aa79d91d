package io.outlay.bench.pipeline;

import io.outlay.schema.CacheLookup;
import io.outlay.schema.GpuUsage;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Usage of a shape, the same for the same seed: calls of models, of a hundred events three of
 * accelerators and three looks into caches. Few features make most of it, and each has models of
 * its own that it calls most. What it costs is reckoned here, without the code that rates.
 */
final class Traffic {
  static final String PROVIDER = "acme";
  private static final String GPU = "GX-1";
  private static final long GPU_PICO_PER_MILLI = 1_000_000;
  private static final int KINDS = 100;
  private static final int OTHER_KINDS = 3;
  private static final double SKEW = 3;

  private final Shape shape;
  private final long firstMicros;
  private final SplittableRandom random;
  private final String[] teams;
  private final String[] projects;
  private final String[] features;
  private final String[] models;
  private final UsageEvent event = new UsageEvent();
  private final LlmUsage call = new LlmUsage();
  private final TokenCounts tokens = new TokenCounts();
  private final GpuUsage gpu =
      new GpuUsage(GPU, 0L, 500_000, "on_demand", "nimbus", "node-1", "train");
  private final CacheLookup lookup = new CacheLookup("exact", false, "", "", null);
  private int number;
  private long costPico;

  /**
   * @param series sets its ids apart from those of others
   * @param firstMicros time of the first event, microseconds since 1970-01-01T00:00:00Z
   */
  Traffic(Shape shape, long seed, long firstMicros, String series) {
    this.shape = shape;
    this.firstMicros = firstMicros;
    this.random = new SplittableRandom(seed);
    this.features = new String[shape.features()];
    this.teams = new String[shape.features()];
    this.projects = new String[shape.features()];
    for (int i = 0; i < features.length; i++) {
      features[i] = "feature-" + i;
      teams[i] = "team-" + i / shape.featuresOfTeam();
      projects[i] = "project-" + i / 2;
    }
    this.models = new String[shape.models()];
    for (int i = 0; i < models.length; i++) {
      models[i] = "bench-" + i;
    }
    event.setSource("bench-" + series);
    event.setCustomer("");
    event.setUser("");
    event.setEnvironment("prod");
    event.setRegion("eu-central-1");
    event.setTraceId("");
    event.setTags(Map.of());
    event.setWarning("");
    call.setProvider(PROVIDER);
    call.setBaselineModel("");
    call.setOperation("chat");
    call.setServiceTier("");
    call.setStatus("ok");
    call.setRequests(1L);
    call.setTokens(tokens);
  }

  /** The prices of the models and the accelerator, as a price file. */
  static String prices(Shape shape) {
    StringBuilder yaml = new StringBuilder("format: outlay-prices/1\nmodels:\n");
    for (int i = 0; i < shape.models(); i++) {
      yaml.append(
          String.format(
              Locale.ROOT,
              "  - {provider: %s, model: bench-%d, rates: {input: %d, cacheRead: %d, output: %d}}%n",
              PROVIDER,
              i,
              input(i),
              cacheRead(i),
              output(i)));
    }
    // 3.6 USD an hour are a million pico-USD a millisecond.
    yaml.append("gpus:\n  - {gpuModel: ")
        .append(GPU)
        .append(", cloud: nimbus, purchaseOption: on_demand, rates: {hour: 3.6}}\n");
    return yaml.toString();
  }

  /** The next event; the same object each time. */
  UsageEvent next() {
    int feature = skewed(features.length);
    long at = firstMicros + (long) number * shape.minutes() * 60_000_000 / shape.events();
    event.setId(id(number++));
    event.setEventTimeMicros(at);
    event.setIngestedAtMicros(at + 40_000);
    event.setTeam(teams[feature]);
    event.setProject(projects[feature]);
    event.setFeature(features[feature]);
    event.setRequestId(event.getId());
    int kind = random.nextInt(KINDS);
    if (kind < OTHER_KINDS) {
      long millis = 1L + random.nextInt(60_000);
      gpu.setGpuMicros(millis * 1_000);
      costPico = millis * GPU_PICO_PER_MILLI;
      event.setDetail(gpu);
    } else if (kind < 2 * OTHER_KINDS) {
      lookup.setHit(false);
      costPico = 0;
      event.setDetail(lookup);
    } else {
      call(feature);
    }
    return event;
  }

  /** What the event costs that was given last, in pico-USD. */
  long costPico() {
    return costPico;
  }

  private void call(int feature) {
    int model = (feature * 7 + skewed(Math.min(models.length, 8))) % models.length;
    tokens.setInput(100L + random.nextInt(4_000));
    tokens.setCacheRead(random.nextInt(5) < 2 ? 128L * (1 + random.nextInt(60)) : 0);
    tokens.setOutput(20L + random.nextInt(1_000));
    call.setModel(models[model]);
    call.setLatencyMs(200L + random.nextInt(5_000));
    // So many USD for a million tokens are so many million pico-USD for one.
    costPico =
        1_000_000
            * (tokens.getInput() * input(model)
                + tokens.getCacheRead() * cacheRead(model)
                + tokens.getOutput() * output(model));
    event.setDetail(call);
  }

  private static String id(int number) {
    StringBuilder id = new StringBuilder("01JD00000000000000");
    String digits = Integer.toString(number);
    for (int i = digits.length(); i < 8; i++) {
      id.append('0');
    }
    return id.append(digits).toString();
  }

  private static long input(int model) {
    return 1L + model % 5;
  }

  private static long cacheRead(int model) {
    return 1L + model % 2;
  }

  private static long output(int model) {
    return 4 * input(model);
  }

  /** A number below a bound, small ones more often. */
  private int skewed(int bound) {
    return (int) (bound * Math.pow(random.nextDouble(), SKEW));
  }
}
