package io.outlay.detector.app;

import io.outlay.config.ConfigChecks;
import io.outlay.config.OutlayConfig;
import io.outlay.config.RuleType;
import io.outlay.detector.budget.Budget;
import io.outlay.detector.budget.Period;
import io.outlay.detector.rule.ForecastOverrunRule;
import io.outlay.detector.rule.Grade;
import io.outlay.detector.rule.Planned;
import io.outlay.detector.rule.PlannedRule;
import io.outlay.detector.rule.Rule;
import io.outlay.detector.rule.Severity;
import io.outlay.detector.rule.SpendDriftRule;
import io.outlay.detector.rule.SpendLimitRule;
import io.outlay.detector.rule.SpendRatioRule;
import io.outlay.detector.rule.SpendRobustRule;
import io.outlay.detector.rule.Terms;
import io.outlay.detector.spend.Cut;
import io.outlay.detector.spend.Dimension;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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

  /** Whatever the check of the configuration lets through, the detector can be made of. */
  @ParameterizedTest
  @EnumSource(RuleType.class)
  void givenAnyWindowWhenTheCheckTakesItThenTheDetectorDoesToo(RuleType type) throws IOException {
    List<String> windows =
        List.of("1m", "5m", "7m", "30m", "1h", "5h", "12h", "1d", "36h", "7d", "30d", "35d", "36d");
    List<String> baselines = List.of("", ", baseline: 1d", ", baseline: 7d", ", baseline: 35d");
    int taken = 0;
    for (String window : windows) {
      for (String baseline : baselines) {
        for (String more : List.of("", ", minHistoryDays: 1", ", method: robust, drift: 1.5")) {
          String limit = type.takes(RuleType.Key.LIMIT_USD) ? ", limitUsd: 1" : "";
          String yaml =
              """
              receivers: [{name: chat, type: slack, url: "https://example.org/x"}]
              rules:
                - {name: a, type: %s, window: %s, by: [team], receivers: [chat]%s%s%s}
              """
                  .formatted(type.text(), window, limit, baseline, more);
          OutlayConfig config;
          try {
            config =
                ConfigChecks.load(Files.writeString(scratch.resolve("x.yaml"), yaml), Map.of());
          } catch (IllegalArgumentException refused) {
            assertThat(refused).hasMessageContaining("x.yaml:3: rules[0].");
            continue;
          }
          assertThat(Settings.of(config).rules()).as(yaml).isNotEmpty();
          taken++;
        }
      }
    }
    assertThat(taken).isPositive();
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
          - {name: pager, type: pagerduty, routingKey: 0123456789abcdef0123456789abcdef, expiry: 30m,
             fallback: chat, fallbackAfter: 2, collapse: false}
          - {name: chat, type: slack, url: "https://hooks.slack.com/services/T/B/x"}
          - {name: am, type: alertmanager, url: "http://127.0.0.1:9/x", allowPrivate: true}
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
    assertThat(settings.receivers())
        .containsExactly(
            new Settings.Target(
                "oncall",
                "webhook",
                URI.create("https://example.org/hook"),
                List.of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
                "",
                Duration.ofHours(1),
                null,
                3,
                false,
                false),
            new Settings.Target(
                "pager",
                "pagerduty",
                URI.create("https://events.pagerduty.com/v2/enqueue"),
                List.of(),
                "0123456789abcdef0123456789abcdef",
                Duration.ofMinutes(30),
                "chat",
                2,
                false,
                false),
            new Settings.Target(
                "chat",
                "slack",
                URI.create("https://hooks.slack.com/services/T/B/x"),
                List.of(),
                "",
                Duration.ofHours(1),
                null,
                3,
                true,
                false),
            new Settings.Target(
                "am",
                "alertmanager",
                URI.create("http://127.0.0.1:9/x"),
                List.of(),
                "",
                Duration.ofHours(1),
                null,
                3,
                true,
                true));
    assertThat(settings.receivers())
        .extracting(target -> target.format().getClass().getSimpleName())
        .containsExactly("WebhookFormat", "PagerDutyFormat", "SlackFormat", "AlertmanagerFormat");
    assertThat(settings.toString())
        .doesNotContain("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        .doesNotContain("0123456789abcdef");
  }

  @Test
  void givenAddressWhenShownThenWithoutWhatMayBeASecret() {
    assertThat(ReceiversResource.shown(URI.create("https://hooks.slack.com/services/T/B/x?k=1")))
        .isEqualTo("https://hooks.slack.com/…");
    assertThat(ReceiversResource.shown(URI.create("http://[::1]:9/"))).isEqualTo("http://[::1]:9/");
    assertThat(ReceiversResource.shown(URI.create("http://h.example?token=1")))
        .isEqualTo("http://h.example/");
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

  @Test
  void givenEveryOptionOfSpendWhenTakenThenTheRulesHaveThem() throws IOException {
    Path file = scratch.resolve("outlay.yaml");
    Files.writeString(
        file,
        """
        receivers:
          - {name: oncall, type: webhook, url: "https://example.org/hook",
             secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
        rules:
          - {name: robust, type: spend-ratio, method: robust, baseline: 28d, deviations: 4, drift: 1.5,
             newScopeUsd: 20, learn: true, minHistoryDays: 14, severity: info, critical: 3, by: [team],
             receivers: [oncall]}
          - {name: week, type: spend-ratio, window: 7d, baseline: 28d, by: [team], receivers: [oncall]}
          - {name: limit, type: spend-limit, window: 1h, limitUsd: 50, by: [team], receivers: [oncall]}
          - {name: forecast, type: forecast-overrun, window: 7d, limitUsd: 900, threshold: 0.9,
             by: [team], receivers: [oncall]}
        planned:
          - {name: fair, from: 2026-11-27, to: "2026-11-28T06:00:00Z", scope: {team: shop}}
        """);
    Settings settings = Settings.of(ConfigChecks.load(file, Map.of()));
    List<Rule> rules = settings.rules().stream().map(rule -> ((PlannedRule) rule).rule()).toList();

    assertThat(rules.get(0)).isInstanceOf(SpendRobustRule.class);
    assertThat(rules.get(1))
        .isInstanceOfSatisfying(
            SpendDriftRule.class,
            drift -> {
              assertThat(drift.terms().name()).isEqualTo("robust.drift");
              assertThat(drift.terms().threshold()).isEqualByComparingTo("1.5");
            });
    assertThat(rules.get(2))
        .isInstanceOfSatisfying(
            SpendRatioRule.class,
            week -> assertThat(week.windows().length()).isEqualTo(Duration.ofDays(7)));
    assertThat(rules.get(3))
        .isInstanceOfSatisfying(
            SpendLimitRule.class,
            limit -> {
              assertThat(limit.windows().length()).isEqualTo(Duration.ofHours(1));
              assertThat(limit.grade()).isEqualTo(new Grade(Severity.WARNING, new BigDecimal("2")));
            });
    assertThat(rules.get(4)).isInstanceOf(ForecastOverrunRule.class);
    assertThat(settings.longestBaseline()).isEqualTo(35);
    assertThat(((PlannedRule) settings.rules().get(0)).planned())
        .containsExactly(
            new Planned(
                "fair",
                Instant.parse("2026-11-27T00:00:00Z"),
                Instant.parse("2026-11-28T06:00:00Z"),
                Map.of("team", "shop")));
  }
}
