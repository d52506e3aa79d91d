package io.outlay.detector.backtest;

import io.outlay.detector.rule.SpendRatioRule;
import io.outlay.detector.rule.Terms;
import io.outlay.detector.spend.Cell;
import io.outlay.detector.spend.Cut;
import io.outlay.detector.spend.Dimension;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class BacktestTest {
  private static final Cell CHAT = new Cell("search", "gpt", "chat");
  private static final Cell LOOP = new Cell("search", "gpt", "loop");
  private static final Cell DOCS = new Cell("docs", "mini", "summary");
  private static final Instant FIRST = Instant.parse("2026-11-01T00:00:00Z");
  private static final Instant FROM = Instant.parse("2026-11-10T00:00:00Z");
  private static final Instant SPIKE = Instant.parse("2026-11-15T10:00:00Z");

  private static final Backtest BACKTEST =
      new Backtest(
          List.of(
              new SpendRatioRule(
                  new Terms(
                      "daily",
                      SpendRatioRule.TYPE,
                      new BigDecimal("1.2"),
                      Dimension.OF_CELLS.stream().map(Cut::of).toList(),
                      BigDecimal.TEN,
                      List.of()),
                  ZoneOffset.UTC,
                  7,
                  3)),
          ZoneOffset.UTC,
          7);

  /** Ten dollars an hour of each; the loop costs two, and fifty more in the hours of the spike. */
  private static List<HourOfSpend> hours() {
    List<HourOfSpend> hours = new ArrayList<>();
    for (Instant hour = FIRST; hour.isBefore(FROM.plus(Duration.ofDays(10))); ) {
      boolean spike = !hour.isBefore(SPIKE) && hour.isBefore(SPIKE.plus(Duration.ofHours(4)));
      hours.add(new HourOfSpend(hour, CHAT, BigDecimal.TEN, 100));
      hours.add(new HourOfSpend(hour, LOOP, BigDecimal.valueOf(spike ? 52 : 2), spike ? 1000 : 40));
      hours.add(new HourOfSpend(hour, DOCS, BigDecimal.TEN, 100));
      hour = hour.plus(Duration.ofHours(1));
    }
    return hours;
  }

  private static Label label(String from, String to, String... scope) {
    return new Label(
        scope.length == 2
            ? Map.of(scope[0], scope[1])
            : Map.of(scope[0], scope[1], scope[2], scope[3]),
        Instant.parse(from),
        Instant.parse(to),
        "spike");
  }

  @Test
  void givenASpikeInThePastWhenRunThenOneAlertSaysWhenWhatAndAtWhatLoss() {
    List<Instant> judged = new ArrayList<>();
    List<Alert> alerts = BACKTEST.run(hours(), FROM, judged::add);

    assertThat(alerts).hasSize(1);
    Alert alert = alerts.get(0);
    assertThat(alert.at()).isEqualTo("2026-11-15T10:59:59.999999Z");
    assertThat(alert.rule()).isEqualTo("daily");
    assertThat(alert.scope().toMap()).containsKey("team").containsValue("search");
    assertThat(alert.lossUsd()).isBetween(new BigDecimal("50"), new BigDecimal("50.001"));
    assertThat(alert.causes()).anySatisfy(cause -> assertThat(cause.value()).isEqualTo("loop"));
    assertThat(judged).first().isEqualTo(FROM);
    assertThat(judged).hasSize(240);
  }

  @Test
  void givenHistoryOnlyWhenRunThenNothingIsJudgedInIt() {
    assertThat(BACKTEST.run(hours(), SPIKE.plus(Duration.ofDays(1)), hour -> {})).isEmpty();
  }

  @Test
  void givenHoursOutOfOrderWhenRunThenRefused() {
    List<HourOfSpend> hours = new ArrayList<>(hours());
    hours.add(hours.get(0));
    assertThatThrownBy(() -> BACKTEST.run(hours, FROM, hour -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("in order");
  }

  @Test
  void givenLabelsWhenScoredThenFoundMissedRepeatedAndFalse() {
    List<Alert> alerts = BACKTEST.run(hours(), FROM, hour -> {});
    Label spike =
        label("2026-11-15T10:00:00Z", "2026-11-15T14:00:00Z", "team", "search", "feature", "loop");
    Label elsewhere = label("2026-11-15T10:00:00Z", "2026-11-15T14:00:00Z", "team", "docs");
    Label later = label("2026-11-16T10:00:00Z", "2026-11-16T14:00:00Z", "team", "search");
    Score score = Score.of(List.of(alerts.get(0), alerts.get(0)), List.of(spike, elsewhere, later));

    assertThat(score.found()).containsOnlyKeys(spike);
    assertThat(score.missed()).containsExactly(elsewhere, later);
    assertThat(score.repeats()).isEqualTo(1);
    assertThat(score.recall()).contains(new BigDecimal("0.3333"));
    assertThat(score.precision()).contains(new BigDecimal("1.0000"));
    assertThat(score.medianDelay()).contains(Duration.parse("PT59M59.999999S"));

    Score wolf = Score.of(alerts, List.of(elsewhere));
    assertThat(wolf.falseAlerts()).hasSize(1);
    assertThat(wolf.precision()).contains(new BigDecimal("0.0000"));
    assertThat(Score.of(List.of(), List.of()).precision()).isEmpty();
  }

  @Test
  void givenALabelsFileWhenReadThenItsLabels() {
    List<Label> labels =
        Labels.parse(
            """
            # what happened
            scope,from,to,kind

            team=search+feature=loop,2026-11-15T10:00:00Z,2026-11-16,runaway
            """,
            ZoneOffset.UTC);

    assertThat(labels)
        .containsExactly(
            new Label(
                Map.of("team", "search", "feature", "loop"),
                SPIKE,
                Instant.parse("2026-11-16T00:00:00Z"),
                "runaway"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          team=a,2026-11-15,2026-11-16 | line 2: must have 4 columns, had 3
          team,2026-11-15,2026-11-16,x | line 2: scope must be like team=search+feature=chat, was team
          crew=a,2026-11-15,2026-11-16,x | line 2: must be of
          team=a,yesterday,2026-11-16,x | line 2: from must be an instant
          team=a,2026-11-16,2026-11-16,x | line 2: to must be after from
          """)
  void givenAMistakeInALabelsFileWhenReadThenItsLineIsNamed(String line, String message) {
    assertThatThrownBy(() -> Labels.parse(Labels.HEADER + "\n" + line, ZoneOffset.UTC))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
