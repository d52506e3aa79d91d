package io.outlay.detector.spend;

import io.outlay.money.Money;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;

/** The sums of an hour or a minute, as the books have them. Immutable. */
public final class Sums {
  private final BigInteger cost;
  private final BigInteger idle;
  private final long[] counts;
  private final Instant lastEvent;

  private Sums(BigInteger cost, BigInteger idle, long[] counts, Instant lastEvent) {
    this.cost = cost;
    this.idle = idle;
    this.counts = counts;
    this.lastEvent = lastEvent;
  }

  /** Nothing: what a record that was deleted leaves. */
  public static Sums none() {
    return of(BigDecimal.ZERO, Instant.MIN).build();
  }

  /**
   * Begins with the spend.
   *
   * @param costUsd at most twelve places
   * @param lastEvent latest event time among the facts
   * @throws ArithmeticException if the spend has more places
   */
  public static Builder of(BigDecimal costUsd, Instant lastEvent) {
    return new Builder(pico(costUsd), lastEvent);
  }

  /** Sums in the making. */
  public static final class Builder {
    private final BigInteger cost;
    private final Instant lastEvent;
    private final long[] counts = new long[Signal.ALL.size()];
    private BigInteger idle = BigInteger.ZERO;

    private Builder(BigInteger cost, Instant lastEvent) {
      this.cost = cost;
      this.lastEvent = lastEvent;
    }

    /** Sets the sum of a signal other than {@link Signal#GPU_IDLE_PICO_USD}. */
    public Builder count(Signal signal, long sum) {
      if (signal == Signal.GPU_IDLE_PICO_USD) {
        throw new IllegalArgumentException("what is idle is money");
      }
      counts[signal.ordinal()] = sum;
      return this;
    }

    /**
     * Sets what the idle part of accelerators cost.
     *
     * @param usd at most twelve places
     * @throws ArithmeticException if it has more
     */
    public Builder gpuIdle(BigDecimal usd) {
      idle = pico(usd);
      return this;
    }

    /** The sums. */
    public Sums build() {
      return new Sums(cost, idle, counts.clone(), lastEvent);
    }
  }

  /** What has to be added to the former sums to come to these. */
  static Sums change(BigInteger cost, BigInteger idle, long[] counts) {
    return new Sums(cost, idle, counts, Instant.MIN);
  }

  BigInteger cost() {
    return cost;
  }

  BigInteger idle() {
    return idle;
  }

  long count(Signal signal) {
    return counts[signal.ordinal()];
  }

  Instant lastEvent() {
    return lastEvent;
  }

  private static BigInteger pico(BigDecimal usd) {
    return usd.signum() == 0
        ? BigInteger.ZERO
        : usd.movePointRight(Money.SCALE).toBigIntegerExact();
  }
}
