package io.outlay.sink.audit;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Two sides that have to be equal, as one look saw them.
 *
 * @param equation what it belongs to
 * @param what names it within the equation and place
 * @param place the cell it is about; null for a line of the equation itself
 */
record Item(
    String equation,
    String what,
    @Nullable Place place,
    BigDecimal left,
    BigDecimal right,
    Kind kind) {

  /** How an item is judged while traffic flows. */
  enum Kind {
    /** Only by equality. */
    EXACT,
    /**
     * The left side is a count that only grows: the right side may lie between two of its looks.
     */
    COUNT,
    /**
     * The left side is a sum that mostly grows: lying between two looks is well, lying outside
     * proves nothing.
     */
    SUM,
    /** Not at all: a sum for people, over what other items judge one by one. */
    SHOWN
  }

  /** A line of an equation. */
  static Item line(String equation, String what, BigDecimal left, BigDecimal right, Kind kind) {
    return new Item(equation, what, null, left, right, kind);
  }

  boolean isEqual() {
    return left.compareTo(right) == 0;
  }

  /** Names it across looks. */
  Key key() {
    return new Key(equation, what, place);
  }

  /** Whether another look saw the same of it. */
  boolean isUnchanged(Item other) {
    return left.compareTo(other.left) == 0 && right.compareTo(other.right) == 0;
  }

  /** What names an item across looks. */
  record Key(String equation, String what, @Nullable Place place) {}
}
