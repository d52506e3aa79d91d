package io.outlay.detector.rule;

import io.outlay.detector.spend.Cell;
import io.outlay.detector.spend.Dimension;
import io.outlay.detector.spend.Windows;
import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** 2026-11-21 is a Saturday. */
class SpendRobustRuleTest {
  private static final Terms TERMS = Spending.terms(SpendRatioRule.TYPE, "1.2");
  private static final ZoneId AUCKLAND = ZoneId.of("Pacific/Auckland");
  private static final String LONG_AGO = "2026-09-15";

  private static SpendRobustRule rule(ZoneId zone) {
    return rule(zone, Duration.ofDays(1), Newcomers.UNJUDGED);
  }

  private static SpendRobustRule rule(ZoneId zone, Duration window, Newcomers newcomers) {
    return new SpendRobustRule(
        TERMS, new Windows(zone, window), 28, 7, Grade.USUAL, newcomers, BigDecimal.valueOf(3));
  }

  private static boolean isWeekend(ZonedDateTime hour) {
    return hour.getDayOfWeek().compareTo(DayOfWeek.SATURDAY) >= 0;
  }

  private static BigDecimal usd(String amount) {
    return new BigDecimal(amount);
  }

  private static LocalDate date(String date) {
    return LocalDate.parse(date);
  }

  private static Verdict judged(String now, ToDoubleFunction<ZonedDateTime> usd) {
    Instant at = Instant.parse(now);
    return new Spending(ZoneOffset.UTC).spend(LONG_AGO, at, usd).judge(rule(ZoneOffset.UTC), at);
  }

  @Test
  void givenQuietWeekendsWhenMondayComesThenItIsUsual() {
    ToDoubleFunction<ZonedDateTime> usd = hour -> isWeekend(hour) ? 1 : 10;
    Verdict monday = judged("2026-11-23T12:00:00Z", usd);

    assertThat(monday).isInstanceOf(Verdict.Within.class);
    assertThat(monday.figures().orElseThrow().expected()).isEqualByComparingTo("120");
    assertThat(monday.figures().orElseThrow().projectedUsd()).isEqualByComparingTo("240");
    // The plain rule cries wolf
    Instant now = Instant.parse("2026-11-23T12:00:00Z");
    assertThat(
            new Spending(ZoneOffset.UTC)
                .spend(LONG_AGO, now, usd)
                .judge(new SpendRatioRule(TERMS, ZoneOffset.UTC, 7, 3), now))
        .isInstanceOf(Verdict.Exceeded.class);
  }

  @Test
  void givenAQuietWeekendWhenItSpendsLikeAWeekdayThenItFires() {
    Verdict saturday =
        judged(
            "2026-11-21T12:00:00Z", hour -> isWeekend(hour) && hour.getDayOfMonth() != 21 ? 1 : 10);

    assertThat(saturday)
        .isInstanceOfSatisfying(
            Verdict.Exceeded.class,
            exceeded -> {
              assertThat(exceeded.severity()).isEqualTo(Severity.CRITICAL);
              assertThat(exceeded.comparison().expected()).isEqualByComparingTo("12");
            });
  }

  @Test
  void givenADayOfTenTimesTheUsualWhenTheNextIsHighThenItStillFires() {
    LocalDate spike = date("2026-11-19");
    ToDoubleFunction<ZonedDateTime> usd =
        hour -> hour.toLocalDate().equals(spike) ? 100 : hour.getDayOfMonth() == 20 ? 13 : 10;
    Verdict verdict = judged("2026-11-20T12:00:00Z", usd);

    assertThat(verdict)
        .isInstanceOfSatisfying(
            Verdict.Exceeded.class,
            exceeded -> {
              assertThat(exceeded.comparison().expected()).isEqualByComparingTo("120");
              assertThat(exceeded.notes()).containsExactly("baseline: 1 of 28 left out as unusual");
              assertThat(exceeded.comparison().confidence()).isEqualByComparingTo("0.96");
            });
  }

  @Test
  void givenALastingShiftWhenThreeDaysHaveShownItThenItIsUsual() {
    LocalDate shift = date("2026-11-17");
    ToDoubleFunction<ZonedDateTime> usd =
        hour -> (isWeekend(hour) ? 1 : 10) * (hour.toLocalDate().isBefore(shift) ? 1 : 2);

    for (String day : new String[] {"2026-11-17", "2026-11-18", "2026-11-19"}) {
      assertThat(judged(day + "T12:00:00Z", usd)).as(day).isInstanceOf(Verdict.Exceeded.class);
    }
    assertThat(judged("2026-11-20T12:00:00Z", usd)).isInstanceOf(Verdict.Within.class);
    // Saturdays before count at the new level
    Verdict saturday = judged("2026-11-21T12:00:00Z", usd);
    assertThat(saturday).isInstanceOf(Verdict.Within.class);
    assertThat(saturday.figures().orElseThrow().expected()).isEqualByComparingTo("24");
  }

  @Test
  void givenALastingShiftWhenSpendLeavesItThenTheVerdictSaysSinceWhenItIsUsual() {
    LocalDate shift = date("2026-11-10");
    Verdict verdict =
        judged(
            "2026-11-20T12:00:00Z",
            hour ->
                hour.getDayOfMonth() == 20 && hour.getMonthValue() == 11
                    ? 40
                    : hour.toLocalDate().isBefore(shift) ? 10 : 20);

    assertThat(verdict)
        .isInstanceOfSatisfying(
            Verdict.Exceeded.class,
            exceeded -> {
              assertThat(exceeded.comparison().expected()).isEqualByComparingTo("240");
              assertThat(exceeded.notes())
                  .containsExactly("baseline: re-based after a lasting shift on 2026-11-10");
            });
  }

  @Test
  void givenDaysWithoutDataWhenTheyAreOverThenTheUsualIsAsBefore() {
    ToDoubleFunction<ZonedDateTime> usd =
        hour ->
            hour.toLocalDate().isAfter(date("2026-11-08"))
                    && hour.toLocalDate().isBefore(date("2026-11-20"))
                ? 0
                : 10;

    // Less is no alarm, and neither is what comes back after eleven days
    assertThat(judged("2026-11-15T12:00:00Z", usd)).isInstanceOf(Verdict.Within.class);
    assertThat(judged("2026-11-20T12:00:00Z", usd)).isInstanceOf(Verdict.Within.class);
    assertThat(judged("2026-11-21T12:00:00Z", usd)).isInstanceOf(Verdict.Within.class);
  }

  @Test
  void givenAHolidayWeekWhenItIsOverThenTheUsualIsAsBefore() {
    Verdict verdict =
        judged(
            "2026-11-20T12:00:00Z",
            hour ->
                hour.toLocalDate().isAfter(date("2026-11-12"))
                        && hour.toLocalDate().isBefore(date("2026-11-20"))
                    ? 3
                    : 10);

    assertThat(verdict).isInstanceOf(Verdict.Within.class);
    assertThat(verdict.figures().orElseThrow().expected()).isEqualByComparingTo("120");
  }

  @Test
  void givenMondaysThatCostMoreWhenTheyHaveForThreeWeeksThenTheyAreUsual() {
    ToDoubleFunction<ZonedDateTime> usd =
        hour -> hour.getDayOfWeek() == DayOfWeek.MONDAY ? 50 : isWeekend(hour) ? 1 : 10;

    assertThat(judged("2026-11-23T12:00:00Z", usd)).isInstanceOf(Verdict.Within.class);
    assertThat(judged("2026-11-24T12:00:00Z", usd).figures().orElseThrow().expected())
        .isEqualByComparingTo("120");
  }

  @Test
  void givenNoisyDaysWhenOneIsWithinTheNoiseThenItDoesNotFire() {
    Random random = new Random(7);
    double[] noise = random.doubles(100, 0.4, 1.6).toArray();
    ToDoubleFunction<ZonedDateTime> usd = hour -> 10 * noise[hour.getDayOfYear() % 100];
    Instant now = Instant.parse("2026-11-21T12:00:00Z");
    int today = now.atZone(ZoneOffset.UTC).getDayOfYear();

    assertThat(
            judged(
                now.toString(),
                hour -> hour.getDayOfYear() == today ? 14 : usd.applyAsDouble(hour)))
        .isInstanceOf(Verdict.Within.class);
    assertThat(
            judged(
                now.toString(),
                hour -> hour.getDayOfYear() == today ? 60 : usd.applyAsDouble(hour)))
        .isInstanceOf(Verdict.Exceeded.class);
  }

  @Test
  void givenClocksSetForwardInAucklandWhenSpendIsFlatThenNothingFires() {
    // 2026-09-27: 02:00 becomes 03:00
    SpendRobustRule rule = rule(AUCKLAND);
    for (String local : new String[] {"2026-09-27T00:30", "2026-09-27T03:15", "2026-09-28T02:30"}) {
      Spending spending = new Spending(AUCKLAND);
      Instant now = spending.at(local);
      Comparison comparison =
          spending.spend("2026-08-20", now, hour -> 10).judge(rule, now).figures().orElseThrow();

      assertThat(comparison.actual().doubleValue())
          .isCloseTo(comparison.expected().doubleValue(), org.assertj.core.data.Offset.offset(0.5));
    }
  }

  @Test
  void givenAWindowOfHoursWhenJudgedThenTheUsualIsThatOfTheHours() {
    SpendRobustRule hourly = rule(AUCKLAND, Duration.ofHours(1), Newcomers.UNJUDGED);
    Spending spending = new Spending(AUCKLAND);
    Instant now = spending.at("2026-11-20T14:30");
    spending.spend(
        LONG_AGO,
        now,
        hour ->
            hour.getDayOfMonth() == 20 && hour.getMonthValue() == 11 && hour.getHour() == 14
                ? 30
                : isWeekend(hour) ? 1 : hour.getHour());
    Verdict verdict = spending.judge(hourly, now);

    assertThat(verdict).isInstanceOf(Verdict.Exceeded.class);
    assertThat(verdict.figures().orElseThrow().expected()).isEqualByComparingTo("7");
    assertThat(verdict.figures().orElseThrow().actual()).isEqualByComparingTo("15");
  }

  @Test
  void givenAnEarlierDayIsCorrectedWhenJudgedAgainThenItCounts() {
    SpendRobustRule rule = rule(ZoneOffset.UTC);
    Instant now = Instant.parse("2026-11-21T12:00:00Z");
    Spending spending = new Spending(ZoneOffset.UTC).spend(LONG_AGO, now, hour -> 10);
    assertThat(spending.judge(rule, now).figures().orElseThrow().expected())
        .isEqualByComparingTo("120");

    spending.spend(LONG_AGO, Instant.parse("2026-11-21T00:00:00Z"), hour -> 20);
    assertThat(spending.judge(rule, now).figures().orElseThrow().expected())
        .isEqualByComparingTo("240");
  }

  @Test
  void givenAnotherStoreWhenJudgedByTheSameRuleThenNothingOfTheFormerIsRemembered() {
    SpendRobustRule rule = rule(ZoneOffset.UTC);
    Instant now = Instant.parse("2026-11-21T12:00:00Z");
    for (double usd : new double[] {10, 20}) {
      Spending spending = new Spending(ZoneOffset.UTC).spend(LONG_AGO, now, hour -> usd);
      assertThat(spending.judge(rule, now).figures().orElseThrow().expected().doubleValue())
          .isEqualTo(12 * usd);
    }
  }

  @Test
  void givenARunawayFeatureWhenExplainedThenTheCellsAddUpToTheChange() {
    Instant now = Instant.parse("2026-11-20T12:00:00Z");
    Cell loop = new Cell("search", "gpt", "loop");
    Spending spending =
        new Spending(ZoneOffset.UTC)
            .spend(LONG_AGO, now, hour -> isWeekend(hour) ? 2 : 10)
            .spend(
                loop,
                LONG_AGO,
                now,
                hour -> hour.toLocalDate().equals(date("2026-11-20")) ? 20 : 1);
    SpendRobustRule rule = rule(ZoneOffset.UTC);
    Explanation explanation = spending.explain(rule, now);

    Explanation.Cause feature =
        explanation.causes().stream()
            .filter(cause -> cause.dimension().equals(Dimension.FEATURE))
            .findFirst()
            .orElseThrow();
    assertThat(feature.value()).isEqualTo("loop");
    assertThat(feature.deltaUsd()).isEqualByComparingTo("228");
    BigDecimal change = spending.judge(rule, now).figures().orElseThrow().impactUsd();
    assertThat(
            explanation
                .drivers()
                .volumeUsd()
                .add(explanation.drivers().unitPriceUsd())
                .add(explanation.drivers().mixUsd()))
        .isEqualByComparingTo(change);
  }

  @Test
  void givenLearningWhenHistoryIsShortThenTheBandIsWide() {
    SpendRobustRule learning =
        rule(ZoneOffset.UTC, Duration.ofDays(1), new Newcomers(true, java.util.Optional.empty()));
    Instant now = Instant.parse("2026-11-21T12:00:00Z");
    for (double today : new double[] {13, 14}) {
      Spending spending =
          new Spending(ZoneOffset.UTC)
              .spend("2026-11-17", now, hour -> hour.getDayOfMonth() == 21 ? today : 10);
      Verdict verdict = spending.judge(learning, now);
      // 1 + 0.2 * 7 / 4
      assertThat(verdict)
          .isInstanceOf(today < 13.5 ? Verdict.Within.class : Verdict.Exceeded.class);
      if (verdict instanceof Verdict.Exceeded exceeded) {
        assertThat(exceeded.notes()).containsExactly("learning: 4 of 7 days");
      }
    }
  }

  @Test
  void givenADayThatIsNearlyOverWhenTheLastHoursAreFarAboveThenItFiresTheSameDay() {
    // From 18:00 on 1.75 times the usual. All of the day so far is within 120 %.
    Verdict late =
        judged(
            "2026-11-20T22:00:00Z",
            hour ->
                hour.toLocalDate().equals(date("2026-11-20")) && hour.getHour() >= 18 ? 17.5 : 10);
    assertThat(late)
        .isInstanceOfSatisfying(
            Verdict.Exceeded.class,
            exceeded -> {
              assertThat(exceeded.comparison().actual()).isEqualByComparingTo("250");
              assertThat(exceeded.comparison().expected()).isBetween(usd("219.99"), usd("220"));
              assertThat(exceeded.clearly()).isTrue();
              assertThat(exceeded.notes())
                  .containsExactly("since 17:00: 80.00 USD where 50.00 are usual");
            });
  }

  @Test
  void givenLastHoursThatAreLittleMoneyOrOfADayBelowTheUsualWhenJudgedThenItDoesNotFire() {
    // 1.25 times in the last six hours of 22: a threshold of 120 % asks for 130 % of these.
    assertThat(
            judged(
                "2026-11-20T22:00:00Z",
                hour ->
                    hour.toLocalDate().equals(date("2026-11-20")) && hour.getHour() >= 16
                        ? 12.5
                        : 10))
        .isInstanceOf(Verdict.Within.class);
    // What was saved in the morning is spent in the evening.
    assertThat(
            judged(
                "2026-11-20T22:00:00Z",
                hour ->
                    !hour.toLocalDate().equals(date("2026-11-20"))
                        ? 10
                        : hour.getHour() >= 16 ? 20 : 5))
        .isInstanceOf(Verdict.Within.class);
    // Windows of hours have no last hours of their own.
    assertThat(
            new Spending(ZoneOffset.UTC)
                .spend(
                    LONG_AGO,
                    Instant.parse("2026-11-20T22:00:00Z"),
                    hour ->
                        hour.toLocalDate().equals(date("2026-11-20")) && hour.getHour() >= 21
                            ? 19
                            : 10)
                .judge(
                    rule(ZoneOffset.UTC, Duration.ofHours(12), Newcomers.UNJUDGED),
                    Instant.parse("2026-11-20T22:00:00Z")))
        .isInstanceOf(Verdict.Within.class);
  }
}
