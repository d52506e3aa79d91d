package io.outlay.config;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
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

  /** The topology takes a day more than this, for clocks that differ. */
  private static final Duration MAX_FUTURE = Duration.ofDays(1);

  private static final int MIN_SECRET_BYTES = 24;
  private static final int MAX_SECRET_BYTES = 64;
  private static final int MAX_SECRETS = 5;
  private static final String WEBHOOK = "webhook";
  private static final String PAGERDUTY = "pagerduty";
  private static final Set<String> RECEIVER_TYPES =
      Set.of(WEBHOOK, "slack", PAGERDUTY, "alertmanager");
  private static final Pattern ROUTING_KEY = Pattern.compile("[A-Za-z0-9]{32}");
  private static final Pattern LITERAL_IPV4 = Pattern.compile("[0-9]+(\\.[0-9]+){3}");

  private ConfigChecks() {}

  /**
   * Loads a configuration as a program would.
   *
   * @param file null for the defaults and the environment alone
   * @throws IllegalArgumentException naming every key that is unknown or wrong, with the line of
   *     the file where it stands, or saying why the file is not YAML
   * @throws java.io.UncheckedIOException if the file cannot be read
   */
  public static OutlayConfig load(@Nullable Path file, Map<String, String> environment) {
    SmallRyeConfigBuilder builder =
        new SmallRyeConfigBuilder()
            .addDefaultInterceptors()
            .withSources(new EnvConfigSource(environment, 300))
            .withMapping(OutlayConfig.class);
    Lines lines = Lines.NONE;
    if (file != null) {
      builder.withSources(OutlayFile.source(file));
      lines = Lines.of(file);
    }
    OutlayConfig config;
    try {
      SmallRyeConfig built = builder.build();
      List<String> unset = unset(built);
      if (!unset.isEmpty()) {
        throw new IllegalArgumentException(lines.locate(unset));
      }
      config = built.getConfigMapping(OutlayConfig.class);
    } catch (io.smallrye.config.ConfigValidationException e) {
      List<String> problems = new ArrayList<>();
      for (int i = 0; i < e.getProblemCount(); i++) {
        problems.add(ReadableProblem.of(String.valueOf(e.getProblem(i).getMessage())));
      }
      throw new IllegalArgumentException(lines.locate(problems), e);
    }
    List<String> problems = problems(config);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(lines.locate(problems));
    }
    return config;
  }

  /** Values of variables that are not set: where a key is optional, they pass for absent. */
  private static List<String> unset(SmallRyeConfig config) {
    List<String> unset = new ArrayList<>();
    for (String name : new TreeSet<>(names(config))) {
      config
          .getConfigValue(name)
          .getProblems()
          .forEach(problem -> unset.add(ReadableProblem.of(problem.getMessage())));
    }
    return unset;
  }

  private static List<String> names(SmallRyeConfig config) {
    List<String> names = new ArrayList<>();
    config.getPropertyNames().forEach(names::add);
    names.removeIf(name -> !name.startsWith("outlay."));
    return names;
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
    Duration maxFuture = config.collectors().maxFuture();
    if (maxFuture.isNegative() || maxFuture.compareTo(MAX_FUTURE) > 0) {
      problems.add("collectors.maxFuture: must be 0s to 1d, was " + maxFuture);
    }
    positive(problems, "streams.commitInterval", config.streams().commitInterval());
    positive(problems, "streams.retention", config.streams().retention());
    int longer = config.streams().dedupeHorizon().compareTo(config.streams().retention());
    if (longer < 0) {
      problems.add(
          "streams.dedupeHorizon: must be >= streams.retention ("
              + config.streams().retention()
              + "), or copies that are still in time would be counted again; was "
              + config.streams().dedupeHorizon());
    } else if (longer > 0) {
      positive(problems, "streams.dedupeHorizon", config.streams().dedupeHorizon());
    }
    List<String> cuts = config.streams().cuts().orElse(List.of());
    for (int i = 0; i < cuts.size(); i++) {
      cut(problems, "streams.cuts[" + i + "]", cuts.get(i));
    }
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
    BudgetChecks budgets =
        new BudgetChecks(problems, receivers, config.timezone(), config.streams().retention());
    for (int i = 0; i < config.budgets().size(); i++) {
      budgets.check(config.budgets().get(i), "budgets[" + i + "]");
    }
    for (int i = 0; i < config.planned().size(); i++) {
      rules.check(config.planned().get(i), config.timezone(), "planned[" + i + "]");
    }
    new CutChecks(problems).check(config);
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

  private static void cut(List<String> problems, String key, String cut) {
    for (String dimension : cut.split("\\+", -1)) {
      if (!RuleChecks.isDimension(dimension)) {
        problems.add(
            key
                + ": must be dimensions joined with +, each of team, project, feature, customer,"
                + " user, environment, region, provider, model, operation and tags.KEY, was "
                + cut);
        return;
      }
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
      if (!TARGET_NAME.matcher(receiver.name()).matches()) {
        problems.add(
            at
                + ".name: must be 1 to 64 letters, digits, dots, dashes and underscores, was "
                + receiver.name());
      } else if (!names.add(receiver.name())) {
        problems.add(at + ".name: " + receiver.name() + " is taken by another receiver");
      }
      receiver(receiver, at, problems);
    }
    for (int i = 0; i < config.receivers().size(); i++) {
      OutlayConfig.Receiver receiver = config.receivers().get(i);
      String at = "receivers[" + i + "].fallback";
      receiver.fallback().ifPresent(name -> fallback(name, receiver.name(), names, at, problems));
    }
    return names;
  }

  private static void fallback(
      String name, String of, Set<String> names, String at, List<String> problems) {
    if (name.equals(of)) {
      problems.add(at + ": must be another receiver, was " + name + " itself");
    } else if (!names.contains(name)) {
      problems.add(at + ": no receiver is named " + name);
    }
  }

  private static void receiver(OutlayConfig.Receiver receiver, String at, List<String> problems) {
    String type = receiver.type();
    if (!RECEIVER_TYPES.contains(type)) {
      problems.add(at + ".type: must be webhook, slack, pagerduty or alertmanager, was " + type);
      return;
    }
    receiver
        .url()
        .ifPresentOrElse(
            url -> receiverAddress(url, receiver.allowPrivate(), at, problems),
            () -> {
              if (!type.equals(PAGERDUTY)) {
                problems.add(at + ".url: must be set for a receiver of type " + type);
              }
            });
    boolean signs = type.equals(WEBHOOK) || type.equals("alertmanager");
    if (receiver.secret().isPresent() && !signs) {
      problems.add(at + ".secret: has no meaning for a receiver of type " + type);
    } else if (receiver.secret().isEmpty() && type.equals(WEBHOOK)) {
      problems.add(at + ".secret: must be set for a receiver of type webhook");
    }
    secrets(receiver.secret().orElse(List.of()), at + ".secret", problems);
    if (type.equals(PAGERDUTY)) {
      if (!ROUTING_KEY.matcher(receiver.routingKey().orElse("")).matches()) {
        problems.add(at + ".routingKey: must be 32 letters and digits (its value is not shown)");
      }
    } else if (receiver.routingKey().isPresent()) {
      problems.add(at + ".routingKey: has no meaning for a receiver of type " + type);
    }
    if (receiver.expiry().compareTo(Duration.ofSeconds(10)) < 0
        || receiver.expiry().compareTo(Duration.ofDays(7)) > 0) {
      problems.add(at + ".expiry: must be 10s to 7d, was " + receiver.expiry());
    }
    if (receiver.fallbackAfter() < 1 || receiver.fallbackAfter() > 100) {
      problems.add(at + ".fallbackAfter: must be 1 to 100, was " + receiver.fallbackAfter());
    }
  }

  private static void secrets(List<String> secrets, String key, List<String> problems) {
    for (int i = 0; i < secrets.size(); i++) {
      if (!isSecret(secrets.get(i))) {
        problems.add(
            (secrets.size() == 1 ? key : key + "[" + i + "]")
                + ": must be whsec_ and base64 of 24 to 64 bytes (its value is not shown)");
      }
    }
    if (secrets.size() > MAX_SECRETS) {
      problems.add(key + ": must be at most 5, were " + secrets.size());
    }
  }

  /** What a name resolves to is checked with each request; what needs no resolving, here. */
  private static void receiverAddress(
      URI url, boolean allowPrivate, String at, List<String> problems) {
    String scheme = url.getScheme();
    if (url.getHost() == null || !("http".equals(scheme) || "https".equals(scheme))) {
      problems.add(at + ".url: must be an http or https address, was " + url);
    } else if (url.getUserInfo() != null) {
      problems.add(at + ".url: must not hold a user and password (its value is not shown)");
    } else if (!allowPrivate && isLocal(url.getHost())) {
      problems.add(
          at
              + ".url: "
              + url.getHost()
              + " is a loopback, private or link-local address, which needs allowPrivate: true");
    }
  }

  private static boolean isLocal(String host) {
    if (host.equalsIgnoreCase("localhost")) {
      return true;
    }
    if (!host.startsWith("[") && !LITERAL_IPV4.matcher(host).matches()) {
      return false;
    }
    try {
      InetAddress address = InetAddress.getByName(host);
      return address.isLoopbackAddress()
          || address.isSiteLocalAddress()
          || address.isLinkLocalAddress()
          || address.isAnyLocalAddress();
    } catch (UnknownHostException e) {
      return false;
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
