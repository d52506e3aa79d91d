package io.outlay.bench.detection;

import io.outlay.detector.backtest.HourOfSpend;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SeriesGeneratorTest {
  private static final List<SpendSeries> ALL = new SeriesGenerator(7).all();

  @Test
  void givenASeedWhenMadeTwiceThenTheSeriesAreTheSame() {
    assertThat(new SeriesGenerator(7).all()).isEqualTo(ALL);
    assertThat(new SeriesGenerator(8).all().get(0).hours()).isNotEqualTo(ALL.get(0).hours());
  }

  @Test
  void givenAllSeriesWhenCountedThenEachKindIsThereAndAlarmingOnesAreLabelled() {
    assertThat(ALL).hasSizeGreaterThanOrEqualTo(200);
    assertThat(ALL.stream().map(SpendSeries::kind).collect(Collectors.toSet()))
        .containsExactlyInAnyOrder(Kind.values());
    assertThat(ALL)
        .allSatisfy(
            series -> {
              assertThat(series.label().isPresent()).isEqualTo(series.kind().isAlarming());
              assertThat(series.extraUsd().isEmpty()).isEqualTo(!series.kind().isAlarming());
              assertThat(series.hours()).extracting(HourOfSpend::start).isSorted();
            });
  }

  @Test
  void givenALabelWhenLookedUpThenItCostAtLeastThirtyDollarsInItsFirstDay() {
    assertThat(ALL)
        .filteredOn(series -> series.kind().isAlarming() && series.kind() != Kind.DRIFT)
        .allSatisfy(
            series -> {
              var from = series.label().orElseThrow().from();
              BigDecimal extra =
                  series.extraUsd().subMap(from, from.plus(Duration.ofDays(1))).values().stream()
                      .reduce(BigDecimal.ZERO, BigDecimal::add);
              assertThat(extra).isGreaterThanOrEqualTo(new BigDecimal("30"));
            });
  }
}
