package io.outlay.streams.rollup;

import io.outlay.money.Money;
import io.outlay.schema.CostRollup;
import io.outlay.schema.RollupWindow;
import io.outlay.schema.ScopeRollup;
import io.outlay.topic.RollupKey;
import io.outlay.topic.ScopeKey;
import io.outlay.topic.WindowKey;
import java.math.BigDecimal;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * How rollups of one schema are placed and added up. Everything from {@code events} on is a sum,
 * but for {@code revision} and {@code lastEventMicros}, whose sum is the greater one: a sum that is
 * added to the schema is added up here without a line of code.
 *
 * @param <R> the rollups; neither they nor what they hold is changed here unless said so
 */
public abstract sealed class RollupType<R extends SpecificRecordBase> {
  /** By team, model and feature: minutes, hours and days. */
  public static final RollupType<CostRollup> COSTS = new Costs();

  /** By the scopes of cuts: minutes and hours. */
  public static final RollupType<ScopeRollup> SCOPES = new Scopes();

  private static final BigDecimal NOTHING = BigDecimal.valueOf(0, Money.SCALE);

  private final List<RollupWindow> windows;
  private final List<Schema.Field> fields;
  private final int firstSum;
  private final int window;
  private final int start;
  private final int revision;
  private final int lastEvent;

  private RollupType(Schema schema, List<RollupWindow> windows) {
    this.windows = windows;
    this.fields = List.copyOf(schema.getFields());
    this.firstSum = schema.getField("events").pos();
    this.window = schema.getField("window").pos();
    this.start = schema.getField("windowStartMicros").pos();
    this.revision = schema.getField("revision").pos();
    this.lastEvent = schema.getField("lastEventMicros").pos();
  }

  /** The windows that a minute is added to. */
  List<RollupWindow> windows() {
    return windows;
  }

  /** The key of a rollup. */
  public WindowKey key(R rollup) {
    return key(rollup, (RollupWindow) rollup.get(window), start(rollup));
  }

  /** The key of a rollup of the same scope. */
  abstract WindowKey key(R sameScope, RollupWindow otherWindow, long otherStart);

  abstract R blank();

  /** Start of its window, in microseconds since 1970-01-01T00:00:00Z. */
  long start(R rollup) {
    return (Long) rollup.get(start);
  }

  /** A rollup of the same key that nothing was added to. */
  public R zero(R sameKey) {
    return zero(sameKey, (RollupWindow) sameKey.get(window), start(sameKey));
  }

  /** A rollup of the same scope that nothing was added to, in another window. */
  R zero(R sameScope, RollupWindow otherWindow, long otherStart) {
    R zero = blank();
    for (int i = 0; i < firstSum; i++) {
      zero.put(i, sameScope.get(i));
    }
    for (int i = firstSum; i < fields.size(); i++) {
      zero.put(i, sameScope.get(i) instanceof BigDecimal ? NOTHING : (Object) 0L);
    }
    zero.put(window, otherWindow);
    zero.put(start, otherStart);
    return zero;
  }

  /** Adds a rollup to a sum of its scope, which is changed; the greater revision holds. */
  public void add(R sum, R rollup) {
    for (int i = firstSum; i < fields.size(); i++) {
      Object left = sum.get(i);
      Object right = rollup.get(i);
      if (left instanceof BigDecimal amount) {
        BigDecimal more = (BigDecimal) right;
        if (more.signum() != 0) {
          sum.put(i, amount.add(more));
        }
      } else {
        long more = (Long) right;
        if (more != 0) {
          long before = (Long) left;
          sum.put(i, i == revision || i == lastEvent ? Math.max(before, more) : before + more);
        }
      }
    }
  }

  /**
   * Whether a change may be the first of a rollup. One of a scope that brings no fact is about
   * facts of before its cut was configured, which are not in the sums.
   */
  public abstract boolean mayBegin(R change);

  /** Counts a change of a rollup, in it. */
  public void raiseRevision(R rollup) {
    rollup.put(revision, (Long) rollup.get(revision) + 1);
  }

  private static final class Costs extends RollupType<CostRollup> {
    private Costs() {
      super(
          CostRollup.getClassSchema(),
          List.of(RollupWindow.MINUTE, RollupWindow.HOUR, RollupWindow.DAY));
    }

    @Override
    WindowKey key(CostRollup rollup, RollupWindow otherWindow, long otherStart) {
      return new RollupKey(
          otherWindow, otherStart, rollup.getTeam(), rollup.getModel(), rollup.getFeature());
    }

    @Override
    public boolean mayBegin(CostRollup change) {
      return true;
    }

    @Override
    CostRollup blank() {
      return new CostRollup();
    }
  }

  private static final class Scopes extends RollupType<ScopeRollup> {
    private Scopes() {
      super(ScopeRollup.getClassSchema(), List.of(RollupWindow.MINUTE, RollupWindow.HOUR));
    }

    @Override
    WindowKey key(ScopeRollup rollup, RollupWindow otherWindow, long otherStart) {
      return ScopeKey.of(otherWindow, otherStart, rollup.getScope());
    }

    @Override
    public boolean mayBegin(ScopeRollup change) {
      return change.getEvents() > 0;
    }

    @Override
    ScopeRollup blank() {
      return new ScopeRollup();
    }
  }
}
