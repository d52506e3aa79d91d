package io.outlay.config;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Loads a configuration outside a program, and checks what types alone cannot. */
public final class ConfigChecks {
  private static final Set<String> DIMENSIONS = Set.of("team", "model", "feature");
  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofDays(36_500);
  private static final int MIN_SECRET_BYTES = 24;
  private static final int MAX_SECRET_BYTES = 64;

  private ConfigChecks() {}

  /**
   * Loads a configuration as a program would.
   *
   * @param file null for the defaults and the environment alone
   * @throws IllegalArgumentException naming every key that is unknown or wrong, or saying why the
   *     file is not YAML
   * @throws java.io.UncheckedIOException if the file cannot be read
   */
  public static OutlayConfig load(@Nullable Path file, Map<String, String> environment) {
    SmallRyeConfigBuilder builder =
        new SmallRyeConfigBuilder()
            .addDefaultInterceptors()
            .withSources(new EnvConfigSource(environment, 300))
            .withMapping(OutlayConfig.class);
    if (file != null) {
      builder.withSources(OutlayFile.source(file));
    }
    OutlayConfig config;
    try {
      SmallRyeConfig built = builder.build();
      config = built.getConfigMapping(OutlayConfig.class);
    } catch (io.smallrye.config.ConfigValidationException e) {
      List<String> problems = new ArrayList<>();
      for (int i = 0; i < e.getProblemCount(); i++) {
        problems.add(ReadableProblem.of(String.valueOf(e.getProblem(i).getMessage())));
      }
      throw new IllegalArgumentException(String.join("\n", problems), e);
    }
    List<String> problems = problems(config);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
    return config;
  }

  /** What is wrong with a configuration whose types are right; each names key and value. */
  public static List<String> problems(OutlayConfig config) {
    List<String> problems = new ArrayList<>();
    positive(problems, "kafka.partitions", config.kafka().partitions());
    positive(problems, "collectors.maxBodyBytes", config.collectors().maxBodyBytes());
    positive(problems, "collectors.maxEvents", config.collectors().maxEvents());
    positive(problems, "streams.threads", config.streams().threads());
    positive(problems, "sink.batchRows", config.sink().batchRows());
    positive(problems, "collectors.acknowledgeWithin", config.collectors().acknowledgeWithin());
    notNegative(problems, "collectors.maxFuture", config.collectors().maxFuture());
    positive(problems, "streams.commitInterval", config.streams().commitInterval());
    positive(problems, "streams.dedupeHorizon", config.streams().dedupeHorizon());
    positive(problems, "streams.retention", config.streams().retention());
    notNegative(problems, "sink.linger", config.sink().linger());
    positive(problems, "detector.evaluateEvery", config.detector().evaluateEvery());
    notNegative(problems, "detector.maxAge", config.detector().maxAge());
    Set<String> receivers = receivers(config, problems);
    Set<String> rules = new HashSet<>();
    for (int i = 0; i < config.rules().size(); i++) {
      rule(config.rules().get(i), "rules[" + i + "]", rules, receivers, problems);
    }
    return problems;
  }

  private static Set<String> receivers(OutlayConfig config, List<String> problems) {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < config.receivers().size(); i++) {
      OutlayConfig.Receiver receiver = config.receivers().get(i);
      String at = "receivers[" + i + "]";
      if (!names.add(receiver.name())) {
        problems.add(at + ".name: " + receiver.name() + " is taken by another receiver");
      }
      if (!receiver.type().equals("webhook")) {
        problems.add(at + ".type: must be webhook, was " + receiver.type());
      }
      String scheme = receiver.url().getScheme();
      if (receiver.url().getHost() == null || !("http".equals(scheme) || "https".equals(scheme))) {
        problems.add(at + ".url: must be an http or https address, was " + receiver.url());
      }
      if (!isSecret(receiver.secret())) {
        problems.add(
            at + ".secret: must be whsec_ and base64 of 24 to 64 bytes (its value is not shown)");
      }
    }
    return names;
  }

  private static void rule(
      OutlayConfig.Rule rule,
      String at,
      Set<String> names,
      Set<String> receivers,
      List<String> problems) {
    if (!names.add(rule.name())) {
      problems.add(at + ".name: " + rule.name() + " is taken by another rule");
    }
    if (!rule.type().equals("spend-ratio")) {
      problems.add(at + ".type: must be spend-ratio, was " + rule.type());
    }
    if (rule.threshold().compareTo(BigDecimal.ONE) <= 0) {
      problems.add(at + ".threshold: must be > 1, was " + rule.threshold());
    }
    if (!rule.window().equals(Duration.ofDays(1))) {
      problems.add(at + ".window: must be 1d, was " + rule.window());
    }
    long days = rule.baseline().toDays();
    if (days < 1 || days > 28 || !rule.baseline().equals(Duration.ofDays(days))) {
      problems.add(at + ".baseline: must be 1d to 28d, whole days, was " + rule.baseline());
    }
    if (rule.minHistoryDays() < 1 || rule.minHistoryDays() > Math.max(1, days)) {
      problems.add(
          at + ".minHistoryDays: must be 1 to the days of baseline, was " + rule.minHistoryDays());
    }
    if (rule.minImpactUsd().signum() < 0) {
      problems.add(at + ".minImpactUsd: must be >= 0, was " + rule.minImpactUsd());
    }
    if (rule.by().isEmpty()) {
      problems.add(at + ".by: must name at least one of team, model, feature");
    }
    for (String dimension : rule.by()) {
      if (!DIMENSIONS.contains(dimension)) {
        problems.add(at + ".by: must be of team, model, feature, was " + dimension);
      }
    }
    for (String receiver : rule.receivers()) {
      if (!receivers.contains(receiver)) {
        problems.add(at + ".receivers: no receiver is named " + receiver);
      }
    }
  }

  private static boolean isSecret(String secret) {
    if (!secret.startsWith("whsec_")) {
      return false;
    }
    try {
      int length = Base64.getDecoder().decode(secret.substring("whsec_".length())).length;
      return length >= MIN_SECRET_BYTES && length <= MAX_SECRET_BYTES;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static void positive(List<String> problems, String key, Duration value) {
    if (value.compareTo(SHORTEST) < 0 || value.compareTo(LONGEST) > 0) {
      problems.add(key + ": must be 1ms to 36500d, was " + value);
    }
  }

  private static void notNegative(List<String> problems, String key, Duration value) {
    if (value.isNegative() || value.compareTo(LONGEST) > 0) {
      problems.add(key + ": must be 0s to 36500d, was " + value);
    }
  }

  private static void positive(List<String> problems, String key, long value) {
    if (value < 1) {
      problems.add(key + ": must be >= 1, was " + value);
    }
  }
}
