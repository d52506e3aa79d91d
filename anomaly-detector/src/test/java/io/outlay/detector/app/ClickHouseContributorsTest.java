package io.outlay.detector.app;

import io.outlay.config.ConfigChecks;
import io.outlay.config.OutlayConfig;
import io.outlay.detector.rule.Comparison;
import io.outlay.detector.rule.Metric;
import io.outlay.detector.spend.Dimension;
import io.outlay.detector.spend.Scope;
import io.outlay.detector.spend.Window;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ClickHouseContributorsTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  private static OutlayConfig.ClickHouse at(int port) {
    return ConfigChecks.load(null, Map.of("OUTLAY_CLICKHOUSE_URL", "http://127.0.0.1:" + port))
        .clickhouse();
  }

  private static Comparison comparison(Scope scope, Metric metric) {
    // The Sunday on which clocks go back.
    Window day = Window.ofDay(LocalDate.parse("2026-10-25"), BERLIN);
    BigDecimal usd = BigDecimal.TEN;
    return new Comparison(
        scope,
        day,
        Instant.parse("2026-10-25T11:00:00Z"),
        metric,
        usd,
        BigDecimal.ONE,
        usd,
        usd,
        usd,
        BigDecimal.ONE);
  }

  @Test
  void givenAScopeWhenAskedThenItsOtherDimensionsAgainstTheSamePartByTheClockOfEarlierDays() {
    String sql =
        ClickHouseContributors.sql(
            "outlay", comparison(Scope.of(Dimension.TEAM, "o'hare"), Metric.COST));

    assertThat(sql)
        .contains("`outlay`.usage_costs WHERE team = 'o\\'hare' AND (")
        .contains("('customer', toString(customer))")
        .doesNotContain("('team'", "('model'")
        // Noon on the day before, an hour earlier by UTC.
        .contains(
            "event_time BETWEEN fromUnixTimestamp64Micro("
                + Instant.parse("2026-10-23T22:00:00Z").toEpochMilli()
                + "000) AND fromUnixTimestamp64Micro("
                + Instant.parse("2026-10-24T10:00:00Z").toEpochMilli()
                + "000)");
    assertThat(
            ClickHouseContributors.sql(
                "outlay",
                comparison(Scope.of(Map.of("customer", "acme", "tags.tier", "x")), Metric.COST)))
        .contains("customer = 'acme' AND tags['tier'] = 'x' AND (", "('team'", "('model'")
        .doesNotContain("('customer'");
  }

  @Test
  void givenNobodyListensWhenAskedThenItFails() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    try (ClickHouseContributors contributors = new ClickHouseContributors(at(port))) {
      assertThat(contributors.ask(comparison(Scope.of(Dimension.TEAM, "a"), Metric.COST)))
          .failsWithin(Duration.ofSeconds(30));
    }
  }

  @Test
  void givenClickHouseHangsWhenAskedOftenThenEachQuestionReturnsAtOnceAndFails() throws Exception {
    try (ServerSocket hanging = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        ClickHouseContributors contributors =
            new ClickHouseContributors(at(hanging.getLocalPort()))) {
      Comparison comparison = comparison(Scope.of(Dimension.TEAM, "a"), Metric.COST);
      var first = contributors.ask(comparison);
      for (int i = 0; i < 100; i++) {
        var unused = contributors.ask(comparison);
      }
      // More than are let wait fail at once.
      assertThat(contributors.ask(comparison)).isCompletedExceptionally();
      assertThat(first).isNotCompletedExceptionally().failsWithin(Duration.ofSeconds(30));
    }
  }

  @Test
  void givenWhatIsNotMoneyWhenAskedThenNobodyContributed() {
    try (ClickHouseContributors contributors = new ClickHouseContributors(at(1))) {
      assertThat(contributors.ask(comparison(Scope.of(Dimension.TEAM, "a"), Metric.LATENCY)))
          .isCompletedWithValueMatching(List::isEmpty);
    }
  }
}
