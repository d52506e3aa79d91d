package io.outlay.detector.spend;

import java.math.BigDecimal;

/** What each cell spent in a window so far, and what it was expected to. */
public interface Baseline {
  /** USD that a cell spent. */
  BigDecimal actual(CellSpend cell);

  /** USD expected of a cell. */
  Fraction expected(CellSpend cell);

  /** Requests of a cell. */
  long actualRequests(CellSpend cell);

  /** Requests expected of a cell. */
  Fraction expectedRequests(CellSpend cell);
}
