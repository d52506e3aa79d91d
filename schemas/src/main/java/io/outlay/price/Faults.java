package io.outlay.price;

import io.outlay.price.PriceFileException.Fault;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Collects the faults of a file, so that one reading tells all of them. */
final class Faults {
  /** Faults that are kept; the others are counted. */
  static final int KEPT = 100;

  private final List<Fault> faults = new ArrayList<>();
  private int count;

  void add(int line, String message) {
    count++;
    if (faults.size() < KEPT) {
      faults.add(new Fault(line, message));
    }
  }

  int count() {
    return count;
  }

  /** What the part gives, or null if it has a fault, which is then kept. */
  <T> @Nullable T tried(Supplier<T> part) {
    try {
      return part.get();
    } catch (PriceFileException e) {
      for (Fault fault : e.faults()) {
        add(fault.line(), fault.message());
      }
      return null;
    }
  }

  /**
   * Ends the reading of a file.
   *
   * @throws PriceFileException if there are faults
   */
  void throwIfAny() {
    if (count > 0) {
      faults.sort(Comparator.comparingInt(Fault::line));
      throw new PriceFileException(faults, count);
    }
  }
}
