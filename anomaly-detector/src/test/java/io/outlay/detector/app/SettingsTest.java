package io.outlay.detector.app;

import io.outlay.config.ConfigChecks;
import io.outlay.detector.rule.Rule;
import io.outlay.detector.rule.SpendRatioRule;
import io.outlay.detector.rule.Terms;
import io.outlay.detector.spend.Cut;
import io.outlay.detector.spend.Dimension;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class SettingsTest {
  @TempDir private Path scratch;

  @Test
  void givenNoFileWhenTakenThenNothingIsWatched() {
    Settings settings = Settings.of(ConfigChecks.load(null, Map.of()));

    assertThat(settings.rules()).isEmpty();
    assertThat(settings.receivers()).isEmpty();
    assertThat(settings.evaluateEvery()).isEqualTo(Duration.ofMillis(500));
    assertThat(settings.maxAge()).isEqualTo(Duration.ofHours(1));
    assertThat(settings.base()).isEqualTo(URI.create("http://127.0.0.1:8082"));
    assertThat(settings.longestBaseline()).isEqualTo(1);
  }

  @Test
  void givenFileWhenTakenThenEveryKeyArrivesAndTheSecretIsNotShown() throws IOException {
    Path file = scratch.resolve("outlay.yaml");
    Files.writeString(
        file,
        """
        timezone: Europe/Berlin
        host: "::1"
        detector: {port: 9182, evaluateEvery: 1s, maxAge: 2h}
        receivers:
          - {name: oncall, type: webhook, url: "https://example.org/hook",
             secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
        rules:
          - {name: daily-spend, type: spend-ratio, threshold: 1.3, window: 1d, baseline: 14d,
             by: [model, team], minImpactUsd: 2.5, minHistoryDays: 5, receivers: [oncall]}
        """);
    Settings settings = Settings.of(ConfigChecks.load(file, Map.of()));

    assertThat(settings.zone()).isEqualTo(ZoneId.of("Europe/Berlin"));
    assertThat(settings.base()).isEqualTo(URI.create("http://[::1]:9182"));
    assertThat(settings.evaluateEvery()).isEqualTo(Duration.ofSeconds(1));
    assertThat(settings.maxAge()).isEqualTo(Duration.ofHours(2));
    assertThat(settings.rules())
        .containsExactly(
            new SpendRatioRule(
                new Terms(
                    "daily-spend",
                    "spend-ratio",
                    new BigDecimal("1.3"),
                    List.of(Cut.of(Dimension.MODEL), Cut.of(Dimension.TEAM)),
                    new BigDecimal("2.5"),
                    List.of("oncall")),
                ZoneId.of("Europe/Berlin"),
                14,
                5));
    assertThat(settings.longestBaseline()).isEqualTo(14);
    assertThat(settings.receivers()).extracting(Settings.Target::name).containsExactly("oncall");
    assertThat(settings.toString()).doesNotContain("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  }

  @Test
  void givenEveryTypeOfSignalWhenTakenThenItsRuleHasItsDefaults() throws IOException {
    Path file = scratch.resolve("outlay.yaml");
    Files.writeString(
        file,
        """
        receivers:
          - {name: oncall, type: webhook, url: "https://example.org/hook",
             secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
        rules:
          - {name: a, type: cost-per-request-ratio, receivers: [oncall]}
          - {name: b, type: gpu-utilization, receivers: [oncall]}
          - {name: c, type: latency-ratio, window: 30m, receivers: [oncall]}
          - {name: d, type: error-rate, receivers: [oncall]}
          - {name: e, type: cache-hit-rate, receivers: [oncall]}
          - {name: f, type: quality-drop, receivers: [oncall]}
          - {name: g, type: data-stale, by: [customer], receivers: [oncall]}
        """);
    List<Rule> rules = Settings.of(ConfigChecks.load(file, Map.of())).rules();

    assertThat(rules).extracting(rule -> rule.terms().name()).containsExactly(NAMES);
    assertThat(rules).extracting(rule -> rule.terms().type()).containsExactly(TYPES);
    assertThat(rules).allMatch(Rule::isContinuous);
    assertThat(rules).filteredOn(Rule::isTimeDriven).containsExactly(rules.get(6));
    assertThat(rules)
        .extracting(rule -> rule.needs().minutes())
        .containsExactly(60, 30, 30, 15, 60, 0, 0);
    assertThat(rules).extracting(rule -> rule.needs().days()).containsExactly(8, 0, 8, 0, 0, 9, 8);
    assertThat(rules.get(6).terms().by())
        .containsExactly(Cut.WHOLE, Cut.of(new Dimension("customer")));
  }

  private static final String[] NAMES = {"a", "b", "c", "d", "e", "f", "g"};
  private static final String[] TYPES = {
    "cost-per-request-ratio",
    "gpu-utilization",
    "latency-ratio",
    "error-rate",
    "cache-hit-rate",
    "quality-drop",
    "data-stale"
  };
}
