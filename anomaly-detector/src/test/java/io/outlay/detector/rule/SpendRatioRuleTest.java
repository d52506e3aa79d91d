package io.outlay.detector.rule;

import io.outlay.detector.spend.Windows;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SpendRatioRuleTest {
  private static final Terms TERMS = Spending.terms(SpendRatioRule.TYPE, "1.2");
  private static final ZoneId AUCKLAND = ZoneId.of("Pacific/Auckland");
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  private static SpendRatioRule of(ZoneId zone, Duration window, int baseline, int minHistory) {
    return new SpendRatioRule(
        TERMS, new Windows(zone, window), baseline, minHistory, Grade.USUAL, Newcomers.UNJUDGED);
  }

  private static SpendRatioRule with(Newcomers newcomers) {
    return new SpendRatioRule(TERMS, Windows.days(ZoneOffset.UTC), 7, 3, Grade.USUAL, newcomers);
  }

  /** The rule as it is asked for, in its plainest words, against the one that is judged with. */
  @Test
  void givenAnyDaysWhenJudgedThenThePlainRuleIsWhatItsWordsSay() {
    Random random = new Random(20261121);
    int fired = 0;
    for (int round = 0; round < 200; round++) {
      BigDecimal[][] hours = new BigDecimal[8][24];
      for (BigDecimal[] day : hours) {
        for (int h = 0; h < 24; h++) {
          day[h] = BigDecimal.valueOf(random.nextInt(2_000_000), 6);
        }
      }
      int hour = 1 + random.nextInt(23);
      int minutes = random.nextInt(60);
      Instant now = Instant.parse("2026-11-21T00:00:00Z").plusSeconds(hour * 3600L + minutes * 60L);
      Spending spending = new Spending(ZoneOffset.UTC);
      LocalDate today = LocalDate.parse("2026-11-21");
      for (int ago = 7; ago >= 0; ago--) {
        for (int h = 0; h < (ago == 0 ? hour + 1 : 24); h++) {
          Instant start = today.minusDays(ago).atTime(h, 0).toInstant(ZoneOffset.UTC);
          spending.store.put(Spending.CELL, start, hours[ago][h], 1, start, now);
        }
      }
      BigDecimal actual = BigDecimal.ZERO;
      for (int h = 0; h <= hour; h++) {
        actual = actual.add(hours[0][h]);
      }
      // Sixty times seven times the average, so that nothing is rounded
      BigDecimal sum = BigDecimal.ZERO;
      BigDecimal rest = BigDecimal.ZERO;
      for (int ago = 1; ago <= 7; ago++) {
        for (int h = 0; h < 24; h++) {
          int passed = h < hour ? 60 : h == hour ? minutes : 0;
          sum = sum.add(hours[ago][h].multiply(BigDecimal.valueOf(passed)));
          rest = rest.add(hours[ago][h].multiply(BigDecimal.valueOf(60 - passed)));
        }
      }
      BigDecimal divisor = BigDecimal.valueOf(420);
      boolean above =
          actual.multiply(divisor).compareTo(sum.multiply(new BigDecimal("1.2"))) > 0
              && actual.subtract(BigDecimal.ONE).multiply(divisor).compareTo(sum) >= 0;
      Verdict verdict = spending.judge(new SpendRatioRule(TERMS, ZoneOffset.UTC, 7, 3), now);

      assertThat(verdict instanceof Verdict.Exceeded).isEqualTo(above);
      Comparison comparison = verdict.figures().orElseThrow();
      assertThat(comparison.actual()).isEqualTo(actual.setScale(12));
      assertThat(comparison.expected()).isEqualTo(sum.divide(divisor, 12, RoundingMode.HALF_EVEN));
      assertThat(comparison.projectedUsd())
          .isEqualTo(actual.setScale(12).add(rest.divide(divisor, 12, RoundingMode.HALF_EVEN)));
      assertThat(comparison.confidence()).isEqualTo(new BigDecimal("1.00"));
      fired += above ? 1 : 0;
    }
    assertThat(fired).isBetween(20, 180);
  }

  @Test
  void givenExactlyTheThresholdWhenJudgedThenItDoesNotFire() {
    Spending spending = new Spending(ZoneOffset.UTC);
    Instant now = Instant.parse("2026-11-21T12:00:00Z");
    spending.spend("2026-11-14", now, hour -> hour.getDayOfMonth() == 21 ? 1.2 : 1);
    SpendRatioRule rule = new SpendRatioRule(TERMS, ZoneOffset.UTC, 7, 3);

    assertThat(spending.judge(rule, now)).isInstanceOf(Verdict.Within.class);

    spending.store.put(Spending.CELL, now, new BigDecimal("0.000000000001"), 1, now, now);
    assertThat(spending.judge(rule, now)).isInstanceOf(Verdict.Exceeded.class);
  }

  @Test
  void givenAWindowOfHoursWhenJudgedThenItIsHeldAgainstTheSameHoursOfEarlierDays() {
    Spending spending = new Spending(AUCKLAND);
    // The second run of the hour from two that the clock repeats: an hour and a half of it are over
    Instant now = Instant.parse("2026-04-04T14:30:00Z");
    spending.spend("2026-03-25", now, hour -> hour.getHour() + 1);
    Comparison comparison =
        spending.judge(of(AUCKLAND, Duration.ofHours(2), 7, 3), now).figures().orElseThrow();

    // 02:00 to 04:00; three dollars an hour from two to three
    assertThat(comparison.expected()).isEqualByComparingTo("4.5");
    assertThat(comparison.actual()).isEqualByComparingTo("4.5");
    assertThat(comparison.projectedUsd()).isEqualByComparingTo("10");
  }

  @Test
  void givenAnHourWhenSpendJumpsInItThenOnlyItsWindowFires() {
    Spending spending = new Spending(BERLIN);
    Instant now = spending.at("2026-11-21T14:30");
    spending.spend(
        "2026-11-10", now, hour -> hour.getDayOfMonth() == 21 && hour.getHour() == 14 ? 30 : 10);

    Verdict hour = spending.judge(of(BERLIN, Duration.ofHours(1), 7, 3), now);
    assertThat(hour).isInstanceOf(Verdict.Exceeded.class);
    assertThat(hour.figures().orElseThrow().expected()).isEqualByComparingTo("5");
    assertThat(hour.figures().orElseThrow().actual()).isEqualByComparingTo("15");
    assertThat(spending.judge(of(BERLIN, Duration.ofDays(1), 7, 3), now))
        .isInstanceOf(Verdict.Within.class);
  }

  @Test
  void givenAWeekWhenJudgedThenItIsHeldAgainstTheSamePartOfEarlierWeeks() {
    Spending spending = new Spending(BERLIN);
    Instant now = spending.at("2026-10-28T12:00");
    // Clocks were set back on Sunday, in the week before; weekends are free
    spending.spend(
        "2026-10-05",
        now,
        hour -> hour.getDayOfWeek().getValue() > 5 ? 0 : hour.getDayOfMonth() >= 26 ? 3 : 2);
    Verdict verdict = spending.judge(of(BERLIN, Duration.ofDays(7), 21, 3), now);
    Comparison comparison = verdict.figures().orElseThrow();

    assertThat(verdict).isInstanceOf(Verdict.Exceeded.class);
    assertThat(comparison.expected()).isEqualByComparingTo("120");
    assertThat(comparison.actual()).isEqualByComparingTo("180");
    assertThat(comparison.projectedUsd()).isEqualByComparingTo("300");
    Explanation explanation = spending.explain(of(BERLIN, Duration.ofDays(7), 21, 3), now);
    assertThat(explanation.deltas())
        .singleElement()
        .satisfies(delta -> assertThat(delta.usd()).isEqualByComparingTo("60"));
  }

  @Test
  void givenNoWholeEarlierWindowWhenJudgedThenUnknown() {
    Spending spending = new Spending(BERLIN);
    Instant now = spending.at("2026-10-28T12:00");
    spending.spend("2026-10-22", now, hour -> 2);

    assertThat(spending.judge(of(BERLIN, Duration.ofDays(7), 21, 3), now))
        .isInstanceOf(Verdict.Unknown.class);
  }

  @Test
  void givenAWindowOfMinutesWhenMadeThenRefused() {
    assertThatThrownBy(() -> of(BERLIN, Duration.ofMinutes(15), 7, 3))
        .hasMessageContaining("rule rule: window must be an hour or more");
  }

  @Test
  void givenAScopeWithoutHistoryWhenItSpendsMuchThenItFiresOnce() {
    SpendRatioRule rule = with(new Newcomers(false, Optional.of(new BigDecimal("20"))));
    Spending spending = new Spending(ZoneOffset.UTC);
    Instant now = Instant.parse("2026-11-21T12:00:00Z");
    spending.spend("2026-11-21", now, hour -> 1);
    assertThat(spending.judge(rule, now)).isInstanceOf(Verdict.Unknown.class);

    spending.spend("2026-11-21", now, hour -> 2);
    assertThat(spending.judge(rule, now))
        .isInstanceOfSatisfying(
            Verdict.Exceeded.class,
            exceeded -> {
              assertThat(exceeded.comparison().expected()).isEqualByComparingTo("0");
              assertThat(exceeded.comparison().impactUsd()).isEqualByComparingTo("24");
              assertThat(exceeded.comparison().confidence()).isEqualByComparingTo("0");
              assertThat(exceeded.notes()).containsExactly("new: no history, and above 20 USD");
            });

    // The day after, as it goes on
    Instant next = Instant.parse("2026-11-22T23:00:00Z");
    spending.spend("2026-11-21", next, hour -> 2);
    assertThat(spending.judge(rule, next)).isInstanceOf(Verdict.Unknown.class);
  }

  @Test
  void givenLearningWhenHistoryIsShortThenTheBandIsWideAndSaysSo() {
    SpendRatioRule rule = with(new Newcomers(true, Optional.empty()));
    Spending spending = new Spending(ZoneOffset.UTC);
    Instant now = Instant.parse("2026-11-21T12:00:00Z");
    // Two days of history, the first of them half a day: 1 + 0.2 * 3 / 2 is the multiple
    spending.spend(
        "2026-11-19",
        now,
        hour ->
            hour.getDayOfMonth() == 19 && hour.getHour() < 12
                ? 0
                : hour.getDayOfMonth() == 21 ? 1.3 : 1);
    assertThat(spending.judge(rule, now)).isInstanceOf(Verdict.Within.class);

    spending.store.put(Spending.CELL, now, BigDecimal.ONE, 1, now, now);
    assertThat(spending.judge(rule, now))
        .isInstanceOfSatisfying(
            Verdict.Exceeded.class,
            exceeded -> {
              assertThat(exceeded.notes()).containsExactly("learning: 2 of 3 days");
              assertThat(exceeded.comparison().expected()).isEqualByComparingTo("12");
              assertThat(exceeded.comparison().confidence()).isEqualByComparingTo("0.29");
            });
    assertThat(spending.judge(with(Newcomers.UNJUDGED), now)).isInstanceOf(Verdict.Unknown.class);
  }

  @Test
  void givenCriticalWhenReachedThenCritical() {
    SpendRatioRule rule =
        new SpendRatioRule(
            TERMS,
            Windows.days(ZoneOffset.UTC),
            7,
            3,
            new Grade(Severity.INFO, new BigDecimal("3")),
            Newcomers.UNJUDGED);
    Instant now = Instant.parse("2026-11-21T12:00:00Z");
    for (double today : new double[] {2.9, 3}) {
      Spending spending = new Spending(ZoneOffset.UTC);
      spending.spend("2026-11-14", now, hour -> hour.getDayOfMonth() == 21 ? today : 1);
      assertThat(spending.judge(rule, now))
          .isInstanceOfSatisfying(
              Verdict.Exceeded.class,
              exceeded ->
                  assertThat(exceeded.severity())
                      .isEqualTo(today < 3 ? Severity.INFO : Severity.CRITICAL));
    }
  }
}
