package io.outlay.detector.rule;

import io.outlay.detector.spend.Baseline;
import io.outlay.detector.spend.CellSpend;
import io.outlay.detector.spend.Fraction;
import io.outlay.detector.spend.Window;
import io.outlay.money.Money;
import java.math.BigDecimal;

/** For rules that hold spend against a limit: all that a cell spent contributes to it. */
record AgainstNothing(Window window) implements Baseline {
  @Override
  public BigDecimal actual(CellSpend cell) {
    return new BigDecimal(cell.cost(window), Money.SCALE);
  }

  @Override
  public Fraction expected(CellSpend cell) {
    return Fraction.ZERO;
  }

  @Override
  public long actualRequests(CellSpend cell) {
    return cell.requests(window);
  }

  @Override
  public Fraction expectedRequests(CellSpend cell) {
    return Fraction.ZERO;
  }
}
