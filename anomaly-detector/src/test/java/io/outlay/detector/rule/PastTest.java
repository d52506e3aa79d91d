package io.outlay.detector.rule;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class PastTest {
  private static final long FLOOR = 400_000;
  private static final long DEVIATIONS = 5_000_000;
  private static final long IMPACT = 20_000_000;

  /** Days from a Monday on; USD. */
  private static Past of(double... usd) {
    long[] spent = Arrays.stream(usd).mapToLong(each -> Math.round(each * 1_000_000)).toArray();
    int[] kinds = new int[spent.length];
    Arrays.setAll(kinds, i -> i % 7);
    return new Past(spent, kinds, FLOOR, DEVIATIONS, IMPACT);
  }

  /** Three weeks that are restless: every day differs by a fifth from the day before. */
  private static double[] restless(double... then) {
    double[] usd = new double[21 + then.length];
    for (int i = 0; i < 21; i++) {
      usd[i] = i % 2 == 0 ? 200 : 250;
    }
    System.arraycopy(then, 0, usd, 21, then.length);
    return usd;
  }

  @Test
  void aShiftIsSeenHoweverRestlessTheDaysBeforeAre() {
    Past past = of(restless(440, 440, 440, 440));

    assertThat(past.lastShift()).isEqualTo(21);
    assertThat(past.next(4)).isBetween(400_000_000L, 480_000_000L);
  }

  @Test
  void aShiftThatHoversAtTheEdgeIsOneRunOfDays() {
    double[] calm = new double[21];
    Arrays.fill(calm, 100);
    double[] usd = Arrays.copyOf(calm, 25);
    // 45 %, 35 % and 50 % above: the second is not flagged, and does not end the run.
    usd[21] = 145;
    usd[22] = 135;
    usd[23] = 150;
    usd[24] = 140;
    Past past = of(usd);

    assertThat(past.lastShift()).isEqualTo(21);
    assertThat(past.flagged()).isZero();
  }

  @Test
  void daysThatAreHardlyFurtherOffThanUsualAreNoShift() {
    double[] usd = new double[28];
    Arrays.fill(usd, 100);
    Arrays.fill(usd, 21, 28, 125);

    assertThat(of(usd).lastShift()).isEqualTo(-1);
  }

  @Test
  void twoDaysAreNoShift() {
    double[] usd = new double[24];
    Arrays.fill(usd, 100);
    usd[21] = 300;
    usd[22] = 300;
    Past past = of(usd);

    assertThat(past.lastShift()).isEqualTo(-1);
    assertThat(past.flagged()).isEqualTo(2);
    assertThat(past.next(3)).isEqualTo(100_000_000);
  }

  @Test
  void aFewQuietNumbersDoNotMakeTheSpreadSmall() {
    // Most are within one hundredth; one in seven is a fifth off.
    long[] parts = {1_000_000, 1_010_000, 990_000, 1_000_000, 1_005_000, 1_200_000, 800_000};

    assertThat(Statistics.deviation(parts.clone(), 1_000_000)).isEqualTo(14_826);
    assertThat(Statistics.spread(parts.clone(), 1_000_000)).isEqualTo(121_591);
    assertThat(Statistics.spread(new long[] {7, 7, 7}, 7)).isZero();
  }
}
