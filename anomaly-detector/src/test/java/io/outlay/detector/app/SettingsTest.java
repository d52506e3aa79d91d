package io.outlay.detector.app;

import io.outlay.config.ConfigChecks;
import io.outlay.detector.budget.Budget;
import io.outlay.detector.budget.Period;
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
import java.util.TreeMap;
import java.util.stream.Stream;
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
        budgets:
          - {name: search-week, scope: {team: search}, period: week, timezone: UTC, limitUsd: 5.5,
             thresholds: [0.5, 1], hard: true, forecast: false, receivers: [oncall]}
          - {name: all, period: quarter, limitUsd: 1}
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
    assertThat(settings.budgets())
        .containsExactly(
            new Budget(
                "search-week",
                new TreeMap<>(Map.of("team", "search")),
                Period.WEEK,
                ZoneId.of("UTC"),
                new BigDecimal("5.5"),
                List.of(new BigDecimal("0.5"), new BigDecimal("1")),
                true,
                false,
                List.of("oncall")),
            new Budget(
                "all",
                new TreeMap<>(),
                Period.QUARTER,
                ZoneId.of("Europe/Berlin"),
                new BigDecimal("1"),
                Stream.of("0.7", "0.85", "0.9", "0.95", "1.0").map(BigDecimal::new).toList(),
                false,
                true,
                List.of()));
    assertThat(settings.receivers()).extracting(Settings.Target::name).containsExactly("oncall");
    assertThat(settings.toString()).doesNotContain("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  }
}
