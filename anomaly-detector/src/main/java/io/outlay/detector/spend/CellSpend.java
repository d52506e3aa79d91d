package io.outlay.detector.spend;

import java.math.BigInteger;
import java.util.List;

/**
 * Hours and minutes of one cell. Bounded by what the store keeps: about 600 bytes a day without
 * further signals, twice that on a day on which the clock is set back.
 */
public final class CellSpend extends Usage {
  private final Cell cell;
  private final List<ScopeSpend> scopes;

  /**
   * @param scopes that it is a part of
   */
  CellSpend(Cell cell, List<ScopeSpend> scopes, Kept kept) {
    super(kept);
    this.cell = cell;
    this.scopes = scopes;
  }

  List<ScopeSpend> scopes() {
    return scopes;
  }

  /** Which cell. */
  public Cell cell() {
    return cell;
  }

  /** Pico-USD of a window so far; all of an hour that the window has a part of. */
  public BigInteger cost(Window window) {
    return Span.of(window).sum(this);
  }

  /** Requests of a window so far. */
  public long requests(Window window) {
    return Span.of(window).requests(this);
  }
}
