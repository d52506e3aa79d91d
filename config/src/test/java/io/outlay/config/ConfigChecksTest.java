package io.outlay.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
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

  @TempDir Path folder;

  private static Stream<Arguments> limits() {
    return Stream.of(
        arguments("kafka.partitions", "1", "0", "must be >= 1, was 0"),
        arguments("collectors.maxBodyBytes", "1", "0", "must be >= 1, was 0"),
        arguments("collectors.maxEvents", "1", "-1", "must be >= 1, was -1"),
        arguments("streams.threads", "1", "0", "must be >= 1, was 0"),
        arguments("sink.batchRows", "1", "0", "must be >= 1, was 0"),
        arguments("collectors.acknowledgeWithin", "1ms", "0s", "must be 1ms to 36500d, was PT0S"),
        arguments("collectors.maxFuture", "0s", "-PT1S", "must be 0s to 36500d, was PT-1S"),
        arguments("streams.commitInterval", "1ms", "0ms", "must be 1ms to 36500d, was PT0S"),
        arguments("streams.dedupeHorizon", "1ms", "PT-1H", "must be 1ms to 36500d, was PT-1H"),
        arguments(
            "streams.dedupeHorizon",
            "36500d",
            "PT2562047788015215H",
            "must be 1ms to 36500d, was PT2562047788015215H"),
        arguments("streams.retention", "1ms", "0d", "must be 1ms to 36500d, was PT0S"),
        arguments("sink.linger", "0ms", "36501d", "must be 0s to 36500d, was PT876024H"),
        arguments("detector.evaluateEvery", "1ms", "0s", "must be 1ms to 36500d, was PT0S"),
        arguments("detector.maxAge", "0s", "-PT1S", "must be 0s to 36500d, was PT-1S"));
  }

  @ParameterizedTest
  @MethodSource("limits")
  void aNumberOrDurationKeepsItsLimit(String key, String atLimit, String beyond, String message)
      throws IOException {
    String yaml = key.replace(".", ": {") + ": %s}\n";

    assertThat(load(yaml.formatted(atLimit))).isNotNull();
    refused(yaml.formatted(beyond), key + ": " + message);
  }

  private static Stream<Arguments> faults() {
    return Stream.of(
        arguments(
            "type: webhook", "type: pigeon", "receivers[0].type: must be webhook, was pigeon"),
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
            "type: spend-limit",
            "rules[0].type: must be spend-ratio, was spend-limit"),
        arguments("threshold: 1.2", "threshold: 1.0", "rules[0].threshold: must be > 1, was 1.0"),
        arguments("threshold: 1.2", "threshold: -2", "rules[0].threshold: must be > 1, was -2"),
        arguments("window: 1d", "window: 1h", "rules[0].window: must be 1d, was PT1H"),
        arguments(
            "baseline: 7d",
            "baseline: 29d",
            "rules[0].baseline: must be 1d to 28d, whole days, was PT696H"),
        arguments(
            "baseline: 7d",
            "baseline: 100h",
            "rules[0].baseline: must be 1d to 28d, whole days, was PT100H"),
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
            "by: [team, customer]",
            "rules[0].by: must be of team, model, feature, was customer"),
        arguments(
            "receivers: [oncall]",
            "receivers: [oncall, chat]",
            "rules[0].receivers: no receiver is named chat"));
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
  })
  void whatIsAtTheLimitIsAccepted(String sound, String other) throws IOException {
    assertThat(SOUND).contains(sound);

    assertThat(load(SOUND.replace(sound, other)).rules()).hasSize(1);
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
        receivers[0].type: must be webhook, was a
        rules[0].window: must be 1d, was PT48H""");
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
          .hasMessage(
              "receivers[0].secret: must be whsec_ and base64 of 24 to 64 bytes (its value is not"
                  + " shown)");
    }
  }

  private void refused(String yaml, String message) {
    assertThatThrownBy(() -> load(yaml))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
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
