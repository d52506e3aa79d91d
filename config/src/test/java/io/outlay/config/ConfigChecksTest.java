package io.outlay.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class ConfigChecksTest {
  private static final String SOUND =
      """
      receivers:
        - {name: oncall, type: webhook, url: "https://h/x", secret: whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz}
      rules:
        - {name: daily, type: spend-ratio, threshold: 1.2, window: 1d, baseline: 7d, by: [team],
           minImpactUsd: 1, minHistoryDays: 3, receivers: [oncall]}
      """;

  private static final String EDGE =
      """
      apiKeys:
        - {name: a, key: 0123456789abcdef, team: search, eventsPerSecond: 1}
        - {name: b, key: 0123456789abcdeg}
      attribution:
        - {service: shop-*, team: shop}
        - {namespace: ml, team: ml, project: p, feature: f, environment: e}
      pullers:
        gpus:
          - {name: n1, url: "http://n1:9400/metrics", purchaseOption: spot}
        inventories:
          - {name: lake, url: "file:///lake.csv", interval: 1m}
      """;

  @TempDir Path folder;

  private static Stream<Arguments> limits() {
    return Stream.of(
        arguments("kafka.partitions", "1", "0", "must be >= 1, was 0"),
        arguments("collectors.maxBodyBytes", "1", "0", "must be >= 1, was 0"),
        arguments("collectors.maxEvents", "1", "-1", "must be >= 1, was -1"),
        arguments("collectors.maxLineBytes", "1", "0", "must be >= 1, was 0"),
        arguments("streams.threads", "1", "0", "must be >= 1, was 0"),
        arguments("sink.batchRows", "1", "0", "must be >= 1, was 0"),
        arguments("collectors.acknowledgeWithin", "1ms", "0s", "must be 1ms to 36500d, was PT0S"),
        arguments("collectors.maxFuture", "0s", "-PT1S", "must be 0s to 1d, was PT-1S"),
        arguments("collectors.maxFuture", "1d", "25h", "must be 0s to 1d, was PT25H"),
        arguments("streams.commitInterval", "1ms", "0ms", "must be 1ms to 36500d, was PT0S"),
        arguments(
            "streams.dedupeHorizon",
            "35d",
            "34d",
            "must be >= streams.retention (PT840H), or copies that are still in time would be"
                + " counted again; was PT816H"),
        arguments(
            "streams.dedupeHorizon",
            "36500d",
            "PT2562047788015215H",
            "must be 1ms to 36500d, was PT2562047788015215H"),
        arguments("streams.retention", "1ms", "0d", "must be 1ms to 36500d, was PT0S"),
        arguments("sink.linger", "0ms", "36501d", "must be 0s to 36500d, was PT876024H"),
        arguments("sink.audit.every", "0s", "-PT1S", "must be 0s to 36500d, was PT-1S"),
        arguments("detector.evaluateEvery", "1ms", "0s", "must be 1ms to 36500d, was PT0S"),
        arguments("detector.maxAge", "0s", "-PT1S", "must be 0s to 36500d, was PT-1S"));
  }

  @ParameterizedTest
  @MethodSource("limits")
  void aNumberOrDurationKeepsItsLimit(String key, String atLimit, String beyond, String message)
      throws IOException {
    String yaml = key.replace(".", ": {") + ": %s" + "}".repeat(key.split("\\.").length - 1) + "\n";

    assertThat(load(yaml.formatted(atLimit))).isNotNull();
    refused(yaml.formatted(beyond), key + ": " + message);
  }

  @Test
  void aCutIsMadeOfDimensions() throws IOException {
    String yaml = "streams: {cuts: [customer, region+team, \"%s\"]}\n";

    assertThat(load(yaml.formatted("tags.cost centre+user")).streams().cuts())
        .contains(List.of("customer", "region+team", "tags.cost centre+user"));
    for (String wrong : List.of("regoin", "team+", "tags.", "team model")) {
      refused(
          yaml.formatted(wrong),
          "streams.cuts[2]: must be dimensions joined with +, each of team, project, feature,"
              + " customer, user, environment, region, provider, model, operation and tags.KEY,"
              + " was "
              + wrong);
    }
  }

  @Test
  void rulesOfOtherTypesTakeMinutes() throws IOException {
    String yaml =
        """
        receivers: [{name: o, type: slack, url: "https://h/x"}]
        rules:
          - {name: a, type: %s, window: %s, by: [team], receivers: [o]%s}
        """;
    for (String type : List.of("cost-per-request-ratio", "error-rate", "data-stale")) {
      assertThat(load(yaml.formatted(type, "5m", "")).rules()).hasSize(1);
      refused(
          yaml.formatted(type, "4m", ""),
          "rules[0].window: must be minutes that divide an hour (at least 5m), hours that divide a"
              + " day, or 1d to 35d, was PT4M");
    }
    for (String type : List.of("spend-limit", "forecast-overrun")) {
      assertThat(load(yaml.formatted(type, "1h", ", limitUsd: 1")).rules()).hasSize(1);
      refused(
          yaml.formatted(type, "30m", ", limitUsd: 1"),
          "rules[0].window: must be hours that divide a day or 1d to 35d, for a rule about spend,"
              + " was PT30M");
    }
  }

  @Test
  void sixteenCutsAreKeptBesideTeamModelAndFeature() throws IOException {
    String fifteen =
        IntStream.rangeClosed(1, 15).mapToObj(i -> "tags.t" + i).collect(Collectors.joining(", "));
    String yaml =
        """
        receivers: [{name: o, type: slack, url: "https://h/x"}]
        streams: {cuts: [%s, team+model, team+tags.t1, tags.t1+team]}
        rules:
          - {name: a, type: error-rate, by: [team, tags.t2, feature+tags.t1], receivers: [o]}
        budgets:
          - {name: all, period: day, limitUsd: 1}
          - {name: acme, scope: {customer: acme}, period: day, limitUsd: 1}
        """;

    assertThat(
            load(
                yaml.formatted(fifteen)
                    .replace(", feature+tags.t1", "")
                    .replace("customer: acme", "team: a, tags.t1: b")))
        .isNotNull();
    refused(
        yaml.formatted(fifteen),
        "rules[0].by[2]: streams.cuts, rules and budgets together may need at most 16 cuts beside"
            + " team, model and feature, this is another, was feature+tags.t1");
    refused(
        yaml.formatted(fifteen).replace(", feature+tags.t1", ""),
        "budgets[1].scope: streams.cuts, rules and budgets together may need at most 16 cuts beside"
            + " team, model and feature, this is another, was customer");
  }

  private static Stream<Arguments> faults() {
    return Stream.of(
        arguments(
            "type: webhook",
            "type: pigeon",
            "receivers[0].type: must be webhook, slack, pagerduty or alertmanager, was pigeon"),
        arguments(
            "https://h/x",
            "ftp://h/x",
            "receivers[0].url: must be an http or https address, was ftp://h/x"),
        arguments(
            "https://h/x", "h/x", "receivers[0].url: must be an http or https address, was h/x"),
        arguments(
            "https://h/x",
            "https:///x",
            "receivers[0].url: must be an http or https address, was https:///x"),
        arguments(
            "type: spend-ratio",
            "type: spend-rate",
            "rules[0].type: must be one of [spend-ratio, cost-per-request-ratio, spend-limit,"
                + " gpu-utilization, latency-ratio, error-rate, cache-hit-rate, quality-drop,"
                + " forecast-overrun, data-stale], was spend-rate"),
        arguments(
            "minHistoryDays: 3",
            "limitUsd: 5",
            "rules[0].limitUsd: no key of a spend-ratio rule, was 5"),
        arguments(
            "minHistoryDays: 3",
            "method: mode",
            "rules[0].method: must be average or robust, was mode"),
        arguments(
            "minHistoryDays: 3",
            "severity: high",
            "rules[0].severity: must be info, warning or critical, was high"),
        arguments("minHistoryDays: 3", "drift: 1", "rules[0].drift: must be > 1, was 1"),
        arguments(
            "minHistoryDays: 3",
            "critical: 1.1",
            "rules[0].critical: must be at least the threshold, was 1.1"),
        arguments("threshold: 1.2", "threshold: 1.0", "rules[0].threshold: must be > 1, was 1.0"),
        arguments("threshold: 1.2", "threshold: -2", "rules[0].threshold: must be > 1, was -2"),
        arguments(
            "window: 1d",
            "window: 7h",
            "rules[0].window: must be hours that divide a day or 1d to 35d, for a rule about spend,"
                + " was PT7H"),
        arguments(
            "window: 1d",
            "window: 30m",
            "rules[0].window: must be hours that divide a day or 1d to 35d, for a rule about spend,"
                + " was PT30M"),
        arguments(
            "baseline: 7d",
            "baseline: 36d",
            "rules[0].baseline: must be 1d to 35d, whole days and whole windows, was PT864H"),
        arguments(
            "baseline: 7d",
            "baseline: 100h",
            "rules[0].baseline: must be 1d to 35d, whole days and whole windows, was PT100H"),
        arguments(
            "minHistoryDays: 3",
            "minHistoryDays: 0",
            "rules[0].minHistoryDays: must be 1 to the days of baseline, was 0"),
        arguments(
            "minHistoryDays: 3",
            "minHistoryDays: 8",
            "rules[0].minHistoryDays: must be 1 to the days of baseline, was 8"),
        arguments(
            "minImpactUsd: 1",
            "minImpactUsd: -0.01",
            "rules[0].minImpactUsd: must be >= 0, was -0.01"),
        arguments(
            "by: [team]",
            "by: [team, costumer]",
            "rules[0].by[1]: must be of [customer, environment, feature, model, operation, project,"
                + " provider, region, team, user] or tags.KEY, was costumer"),
        arguments(
            "by: [team]", "by: [team+team]", "rules[0].by[0]: names team twice, was team+team"),
        arguments(
            "receivers: [oncall]",
            "receivers: [oncall, chat]",
            "rules[0].receivers[1]: no receiver is named chat"));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aFaultIsToldWithKeyAndValue(String sound, String wrong, String message) {
    assertThat(SOUND).contains(sound);

    refused(SOUND.replace(sound, wrong), message);
  }

  @ParameterizedTest
  @CsvSource({
    "https://h/x, http://h:81",
    "threshold: 1.2, threshold: 1.000001",
    "baseline: 7d, baseline: 28d",
    "baseline: 7d, baseline: 72h",
    "minHistoryDays: 3, minHistoryDays: 1",
    "minHistoryDays: 3, minHistoryDays: 7",
    "minImpactUsd: 1, minImpactUsd: 0",
    "window: 1d, window: 24h",
    "window: 1d, window: 1h",
  })
  void whatIsAtTheLimitIsAccepted(String sound, String other) throws IOException {
    assertThat(SOUND).contains(sound);

    assertThat(load(SOUND.replace(sound, other)).rules()).hasSize(1);
  }

  private static final String BUDGETS =
      """
      timezone: Europe/Berlin
      streams: {retention: 35d}
      budgets:
        - {name: all, period: quarter, timezone: Europe/Berlin, limitUsd: 1, thresholds: [0.5, 1.0]}
        - {name: acme, scope: {customer: acme}, period: month, limitUsd: 1}
      """;

  private static Stream<Arguments> budgetFaults() {
    return Stream.of(
        arguments(
            "name: all",
            "name: a/b",
            "budgets[0].name: must be 1 to 64 letters, digits, dots, dashes and underscores, was"
                + " a/b"),
        arguments("name: acme", "name: all", "budgets[1].name: all is taken by another budget"),
        arguments(
            "customer: acme",
            "costumer: acme",
            "budgets[1].scope.costumer: must be of [customer, environment, feature, model, operation,"
                + " project, provider, region, team, user] or tags.KEY, was costumer"),
        arguments(
            "customer: acme",
            "customer: \" \"",
            "budgets[1].scope.customer: must have 1 to 128 characters, was \" \""),
        arguments(
            "period: month",
            "period: year",
            "budgets[1].period: must be day, week, month or quarter, was year"),
        arguments("limitUsd: 1,", "limitUsd: 0,", "budgets[0].limitUsd: must be > 0, was 0"),
        arguments("limitUsd: 1,", "limitUsd: -5,", "budgets[0].limitUsd: must be > 0, was -5"),
        arguments(
            "limitUsd: 1,",
            "limitUsd: 0.0000000000001,",
            "budgets[0].limitUsd: must have at most 15 digits before the point and 12 after it, was"
                + " 1E-13"),
        arguments(
            "[0.5, 1.0]",
            "[0.5, 2.01]",
            "budgets[0].thresholds[1]: must be > 0 and at most 2, was 2.01"),
        arguments(
            "[0.5, 1.0]", "[0, 1.0]", "budgets[0].thresholds[0]: must be > 0 and at most 2, was 0"),
        arguments(
            "[0.5, 1.0]", "[1.0, 0.5]", "budgets[0].thresholds[1]: must ascend, was 0.5 after 1.0"),
        arguments(
            "[0.5, 1.0]",
            "[0.5, 0.50]",
            "budgets[0].thresholds[1]: must ascend, was 0.50 after 0.5"),
        arguments(
            "period: month",
            "period: month, receivers: [chat]",
            "budgets[1].receivers[0]: no receiver is named chat"),
        arguments(
            "period: month",
            "period: quarter",
            "budgets[1].period: needs a streams.retention of at least 92d, because its scope"
                + " [customer] is kept by hours only, was quarter"),
        arguments(
            "retention: 35d",
            "retention: 30d",
            "budgets[1].period: needs a streams.retention of at least 31d, because its scope"
                + " [customer] is kept by hours only, was month"),
        arguments(
            "timezone: Europe/Berlin, ",
            "timezone: UTC, ",
            "budgets[0].period: needs a streams.retention of at least 92d, because its timezone UTC"
                + " is not the stack's, was quarter"),
        arguments(
            "timezone: Europe/Berlin, ",
            "timezone: Asia/Kolkata, ",
            "budgets[0].timezone: must differ from the timezone Europe/Berlin by whole hours, was"
                + " Asia/Kolkata"),
        // Half an hour of daylight saving: whole hours apart for only a part of the year.
        arguments(
            "timezone: Europe/Berlin, ",
            "timezone: Australia/Lord_Howe, ",
            "budgets[0].timezone: must differ from the timezone Europe/Berlin by whole hours, was"
                + " Australia/Lord_Howe"));
  }

  @ParameterizedTest
  @MethodSource("budgetFaults")
  void aFaultOfABudgetIsToldWithKeyAndValue(String sound, String wrong, String message) {
    assertThat(BUDGETS).contains(sound);

    refused(BUDGETS.replaceFirst(Pattern.quote(sound), wrong), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "[0.5, 1.0]; [0.000001, 2]",
        "limitUsd: 1,; limitUsd: 0.000000000001,",
        "limitUsd: 1,; limitUsd: 999999999999999,",
        "retention: 35d; retention: 31d",
        "period: quarter, timezone: Europe/Berlin,; period: month, timezone: UTC,",
        "customer: acme; tags.tier: acme",
        "timezone: Europe/Berlin; timezone: Asia/Kolkata",
      })
  void aBudgetAtTheLimitIsAccepted(String sound, String other) throws IOException {
    assertThat(BUDGETS).contains(sound);

    assertThat(load(BUDGETS.replace(sound, other)).budgets()).hasSize(2);
  }

  private static Stream<Arguments> edgeFaults() {
    String key = "must be 16 to 256 visible ASCII characters (its value is not shown)";
    String name = "must be 1 to 64 letters, digits, dots, dashes and underscores, was ";
    return Stream.of(
        arguments("name: b, ", "name: a, ", "apiKeys[1].name: a is taken by another key"),
        arguments("0123456789abcdef", "0123456789abcde", "apiKeys[0].key: " + key),
        arguments("0123456789abcdef", "\"0123456789abcde \"", "apiKeys[0].key: " + key),
        arguments(
            "0123456789abcdeg",
            "0123456789abcdef",
            "apiKeys[1].key: is the same as another's (its value is not shown)"),
        arguments(
            "team: search",
            "team: \" \"",
            "apiKeys[0].team: must have 1 to 128 characters, was \" \""),
        arguments(
            "eventsPerSecond: 1",
            "eventsPerSecond: 0",
            "apiKeys[0].eventsPerSecond: must be >= 1, was 0"),
        arguments(
            "namespace: ml,",
            "namespace: ml, key: k,",
            "attribution[1]: must have one of service, key and namespace, had 2"),
        arguments(
            "service: shop-*,",
            "",
            "attribution[0]: must have one of service, key and namespace, had 0"),
        arguments(
            "shop-*", "\"*-shop\"", "attribution[0]: * may only stand at the end, was *-shop"),
        arguments(
            "project: p",
            "project: \"" + "p".repeat(129) + "\"",
            "attribution[1].project: must have 1 to 128 characters, was \""
                + "p".repeat(129)
                + "\""),
        arguments("name: n1", "name: n/1", "pullers.gpus[0].name: " + name + "n/1"),
        arguments(
            "name: lake", "name: n1", "pullers.inventories[0].name: n1 is taken by another target"),
        arguments(
            "http://n1:9400/metrics",
            "file:///x",
            "pullers.gpus[0].url: must be an address of [http, https], was file:///x"),
        arguments(
            "file:///lake.csv",
            "s3://lake/x",
            "pullers.inventories[0].url: must be an address of [file, http, https], was s3://lake/x"),
        arguments(
            "purchaseOption: spot",
            "purchaseOption: stolen",
            "pullers.gpus[0].purchaseOption: must be on_demand, spot or reserved, was stolen"),
        arguments(
            "interval: 1m",
            "interval: 1m, timeout: 61s",
            "pullers.inventories[0].timeout: must be 1ms to the interval, was PT1M1S"),
        arguments(
            "interval: 1m",
            "interval: 25h",
            "pullers.inventories[0].interval: must be 1s to 1d, was PT25H"));
  }

  @ParameterizedTest
  @MethodSource("edgeFaults")
  void aFaultOfTheEdgeIsToldWithKeyAndValue(String sound, String wrong, String message) {
    assertThat(EDGE).contains(sound);

    refused(EDGE.replace(sound, wrong), message);
  }

  @Test
  void theEdgeIsReadWhole() throws IOException {
    OutlayConfig config = load(EDGE);

    assertThat(config.apiKeys().get(0).team()).contains("search");
    assertThat(config.apiKeys().get(0).eventsPerSecond()).contains(1);
    assertThat(config.apiKeys().get(1).team()).isEmpty();
    assertThat(config.attribution().get(1).namespace()).contains("ml");
    assertThat(config.pullers().gpus().get(0).timeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(config.pullers().inventories().get(0).interval()).isEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void twoReceiversMustNotShareAName() {
    refused(
        SOUND.replace(
            "rules:",
            """
              - {name: oncall, type: webhook, url: "https://h/y", secret: whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz}
            rules:"""),
        "receivers[1].name: oncall is taken by another receiver");
  }

  @Test
  void twoRulesMustNotShareAName() {
    refused(
        SOUND + "  - {name: daily, type: spend-ratio, receivers: [oncall]}\n",
        "rules[1].name: daily is taken by another rule");
  }

  @Test
  void allProblemsAreTold() {
    refused(
        SOUND.replace("type: webhook", "type: a").replace("window: 1d", "window: 2d")
            + "sink: {batchRows: 0}\n",
        """
        sink.batchRows: must be >= 1, was 0
        receivers[0].type: must be webhook, slack, pagerduty or alertmanager, was a
        rules[0].baseline: must be 1d to 35d, whole days and whole windows, was PT168H""");
  }

  @Test
  void aSecretHasTwentyFourToSixtyFourBytes() throws IOException {
    assertThat(load(withSecret(secret(24)))).isNotNull();
    assertThat(load(withSecret(secret(64)))).isNotNull();
    assertThat(load(withSecret(secret(25).replace("=", "")))).isNotNull();
  }

  @Test
  void whatIsNoSecretIsNotShown() {
    for (String wrong :
        new String[] {
          secret(23), secret(65), secret(24).substring(6), "whsec_", "whsec_****", "hunter2"
        }) {
      assertThatThrownBy(() -> load(withSecret(wrong)))
          .isInstanceOf(IllegalArgumentException.class)
          .extracting(e -> withoutLines(e.getMessage()))
          .isEqualTo(
              "receivers[0].secret: must be whsec_ and base64 of 24 to 64 bytes (its value is not"
                  + " shown)");
    }
  }

  private void refused(String yaml, String message) {
    assertThatThrownBy(() -> load(yaml))
        .isInstanceOf(IllegalArgumentException.class)
        .extracting(e -> withoutLines(e.getMessage()))
        .isEqualTo(message);
  }

  /** The lines themselves are for {@link LinesTest}. */
  private String withoutLines(String message) {
    return message.replaceAll("(?m)^" + Pattern.quote(folder + "/outlay.yaml") + ":\\d+: ", "");
  }

  private OutlayConfig load(String yaml) throws IOException {
    return ConfigChecks.load(Files.writeString(folder.resolve("outlay.yaml"), yaml), Map.of());
  }

  private static String withSecret(String secret) {
    return SOUND.replace("whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz", "'" + secret + "'");
  }

  private static String secret(int bytes) {
    return "whsec_" + Base64.getEncoder().encodeToString(new byte[bytes]);
  }
}
