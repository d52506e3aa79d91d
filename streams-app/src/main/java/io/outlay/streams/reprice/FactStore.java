package io.outlay.streams.reprice;

import io.outlay.schema.CostRollup;
import io.outlay.schema.RepricingFilter;
import io.outlay.schema.ScopeRollup;
import io.outlay.usage.Cut;
import java.time.LocalDate;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The facts as readers see them, each at its highest revision, however old. All methods throw a
 * {@link StoreAwayException} if the store does not answer, which says nothing about the facts.
 */
public interface FactStore {
  /** A calendar day of the configured time zone, and how many facts of it a filter takes. */
  record Day(LocalDate date, long facts) {}

  /**
   * The days that hold facts, the earliest first.
   *
   * @param from first day; null for the first of all
   */
  List<Day> days(RepricingFilter filter, @Nullable LocalDate from);

  /** Hands over the facts of a day one by one, in no order. */
  void read(RepricingFilter filter, LocalDate day, Consumer<Fact> to);

  /** Number of facts without a price. */
  long unpriced();

  /**
   * Hands over the rollups of a day that are not the sums of its facts, as they should be, with a
   * revision higher than the stored one's.
   */
  void wrongRollups(LocalDate day, Consumer<CostRollup> to);

  /**
   * The same for a cut, of the rollups that there are: a scope whose cut was configured later has
   * none, and gets none.
   */
  void wrongScopeRollups(LocalDate day, Cut cut, Consumer<ScopeRollup> to);
}
