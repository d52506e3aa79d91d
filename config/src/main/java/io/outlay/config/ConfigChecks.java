package io.outlay.config;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Loads a configuration outside a program, and checks what types alone cannot. */
public final class ConfigChecks {
  private static final Set<String> PURCHASE_OPTIONS = Set.of("on_demand", "spot", "reserved");
  private static final Pattern API_KEY = Pattern.compile("[!-~]{16,256}");
  private static final Pattern TARGET_NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final int MAX_DIMENSION_LENGTH = 128;
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
    positive(problems, "collectors.maxLineBytes", config.collectors().maxLineBytes());
    positive(problems, "streams.threads", config.streams().threads());
    positive(problems, "sink.batchRows", config.sink().batchRows());
    positive(problems, "collectors.acknowledgeWithin", config.collectors().acknowledgeWithin());
    notNegative(problems, "collectors.maxFuture", config.collectors().maxFuture());
    positive(problems, "streams.commitInterval", config.streams().commitInterval());
    positive(problems, "streams.dedupeHorizon", config.streams().dedupeHorizon());
    positive(problems, "streams.retention", config.streams().retention());
    notNegative(problems, "sink.linger", config.sink().linger());
    notNegative(problems, "sink.audit.every", config.sink().audit().every());
    positive(problems, "detector.evaluateEvery", config.detector().evaluateEvery());
    notNegative(problems, "detector.maxAge", config.detector().maxAge());
    apiKeys(config.apiKeys(), problems);
    attribution(config.attribution(), problems);
    pullers(config.pullers(), problems);
    Set<String> receivers = receivers(config, problems);
    RuleChecks rules = new RuleChecks(problems, receivers);
    for (int i = 0; i < config.rules().size(); i++) {
      rules.check(config.rules().get(i), "rules[" + i + "]");
    }
    for (int i = 0; i < config.planned().size(); i++) {
      rules.check(config.planned().get(i), config.timezone(), "planned[" + i + "]");
    }
    return problems;
  }

  private static void apiKeys(List<OutlayConfig.ApiKey> keys, List<String> problems) {
    Set<String> names = new HashSet<>();
    Set<String> secrets = new HashSet<>();
    for (int i = 0; i < keys.size(); i++) {
      OutlayConfig.ApiKey key = keys.get(i);
      String at = "apiKeys[" + i + "]";
      if (!names.add(key.name())) {
        problems.add(at + ".name: " + key.name() + " is taken by another key");
      }
      if (!API_KEY.matcher(key.key()).matches()) {
        problems.add(
            at + ".key: must be 16 to 256 visible ASCII characters (its value is not shown)");
      } else if (!secrets.add(key.key())) {
        problems.add(at + ".key: is the same as another's (its value is not shown)");
      }
      key.team().ifPresent(team -> dimension(problems, at + ".team", team));
      key.eventsPerSecond().ifPresent(rate -> positive(problems, at + ".eventsPerSecond", rate));
    }
  }

  private static void attribution(
      List<OutlayConfig.Attribution> attribution, List<String> problems) {
    for (int i = 0; i < attribution.size(); i++) {
      OutlayConfig.Attribution entry = attribution.get(i);
      String at = "attribution[" + i + "]";
      List<String> patterns =
          Stream.of(entry.service(), entry.key(), entry.namespace())
              .flatMap(Optional::stream)
              .toList();
      if (patterns.size() != 1) {
        problems.add(at + ": must have one of service, key and namespace, had " + patterns.size());
      }
      for (String pattern : patterns) {
        int star = pattern.indexOf('*');
        if (star >= 0 && star < pattern.length() - 1) {
          problems.add(at + ": * may only stand at the end, was " + pattern);
        }
      }
      dimension(problems, at + ".team", entry.team());
      entry.project().ifPresent(value -> dimension(problems, at + ".project", value));
      entry.feature().ifPresent(value -> dimension(problems, at + ".feature", value));
      entry.environment().ifPresent(value -> dimension(problems, at + ".environment", value));
    }
  }

  private static void pullers(OutlayConfig.Pullers pullers, List<String> problems) {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < pullers.gpus().size(); i++) {
      OutlayConfig.GpuTarget target = pullers.gpus().get(i);
      String at = "pullers.gpus[" + i + "]";
      target(problems, at, names, target.name(), target.interval(), target.timeout());
      address(problems, at, target.url(), Set.of("http", "https"));
      dimension(problems, at + ".team", target.team());
      if (!PURCHASE_OPTIONS.contains(target.purchaseOption())) {
        problems.add(
            at
                + ".purchaseOption: must be on_demand, spot or reserved, was "
                + target.purchaseOption());
      }
    }
    for (int i = 0; i < pullers.inventories().size(); i++) {
      OutlayConfig.InventoryTarget target = pullers.inventories().get(i);
      String at = "pullers.inventories[" + i + "]";
      target(problems, at, names, target.name(), target.interval(), target.timeout());
      address(problems, at, target.url(), Set.of("http", "https", "file"));
      dimension(problems, at + ".team", target.team());
    }
  }

  private static void target(
      List<String> problems,
      String at,
      Set<String> names,
      String name,
      Duration interval,
      Duration timeout) {
    if (!TARGET_NAME.matcher(name).matches()) {
      problems.add(
          at + ".name: must be 1 to 64 letters, digits, dots, dashes and underscores, was " + name);
    } else if (!names.add(name)) {
      problems.add(at + ".name: " + name + " is taken by another target");
    }
    if (interval.compareTo(Duration.ofSeconds(1)) < 0
        || interval.compareTo(Duration.ofDays(1)) > 0) {
      problems.add(at + ".interval: must be 1s to 1d, was " + interval);
    }
    if (timeout.compareTo(SHORTEST) < 0 || timeout.compareTo(interval) > 0) {
      problems.add(at + ".timeout: must be 1ms to the interval, was " + timeout);
    }
  }

  private static void address(List<String> problems, String at, URI url, Set<String> schemes) {
    String scheme = String.valueOf(url.getScheme());
    boolean complete = scheme.equals("file") ? url.getPath() != null : url.getHost() != null;
    if (!schemes.contains(scheme) || !complete) {
      problems.add(at + ".url: must be an address of " + new TreeSet<>(schemes) + ", was " + url);
    }
  }

  private static void dimension(List<String> problems, String key, String value) {
    if (value.isBlank() || value.length() > MAX_DIMENSION_LENGTH) {
      problems.add(key + ": must have 1 to 128 characters, was \"" + value + "\"");
    }
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
