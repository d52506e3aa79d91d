package io.outlay.collectors.pull;

import io.outlay.collectors.attribution.Attribution;
import io.outlay.collectors.attribution.Owner;
import io.outlay.collectors.format.EventFormat;
import io.outlay.collectors.format.EventSink;
import io.outlay.collectors.format.Reception;
import io.outlay.collectors.format.Rejection;
import io.outlay.collectors.format.UnreadableBodyException;
import io.outlay.schema.StorageMove;
import io.outlay.schema.StorageUsage;
import io.outlay.schema.UsageEvent;
import io.outlay.usage.UsageRules;
import io.outlay.usage.Violation;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One listing, as storage held for one slot and moves between tiers since the listing before: all
 * of them at the start of the slot. The id of what is held is made of store, dataset, tier and
 * slot; that of a move names both tiers.
 *
 * <p>A dataset with a row that breaks a rule is not compared this time: it would look as if bytes
 * had gone.
 */
final class InventoryFormat implements EventFormat {
  private static final Pattern BYTES = Pattern.compile("[0-9]{1,19}");

  private final InventoryTarget target;
  private final Slot slot;
  private final Understanding understanding;

  /** Where a reading comes from. */
  @FunctionalInterface
  private interface Understanding {
    InventoryReading of(byte[] body, Reception reception, List<Rejection> rejections)
        throws UnreadableBodyException, IOException;
  }

  private InventoryFormat(InventoryTarget target, Slot slot, Understanding understanding) {
    this.target = target;
    this.slot = slot;
    this.understanding = understanding;
  }

  /**
   * A listing that was read just now.
   *
   * @param mediaType as it is said to be, empty if unknown
   * @param modified when it was last changed, null if unknown
   * @param before the reading before, null if there was none
   * @param beforeSending given the reading
   */
  static InventoryFormat fresh(
      InventoryTarget target,
      Slot slot,
      String mediaType,
      @Nullable Instant modified,
      @Nullable InventoryReading before,
      BeforeSending<InventoryReading> beforeSending) {
    return new InventoryFormat(
        target,
        slot,
        (body, reception, rejections) -> {
          List<Listing.Row> rows =
              Listing.rows(body, mediaType, String.valueOf(target.url().getPath()));
          InventoryReading reading =
              new Fresh(target, slot, modified, before, reception, rejections).understand(rows);
          beforeSending.keep(reading);
          return reading;
        });
  }

  /** A reading that was kept, whatever the body says. */
  static InventoryFormat again(InventoryTarget target, InventoryReading kept) {
    return new InventoryFormat(target, kept.slot(), (body, reception, rejections) -> kept);
  }

  @Override
  public String name() {
    return "inventory";
  }

  /** The listing is bounded where it is fetched; the number of its rows is not. */
  @Override
  public boolean isStreamed() {
    return true;
  }

  @Override
  public void read(InputStream body, Reception reception, EventSink sink)
      throws UnreadableBodyException, IOException {
    List<Rejection> rejections = new ArrayList<>();
    InventoryReading reading = understanding.of(body.readAllBytes(), reception, rejections);
    rejections.forEach(sink::reject);
    int index = 0;
    for (Holding holding : reading.held()) {
      deliver(usage(target, slot, holding, reception), index++, sink);
    }
    for (TierMove move : reading.moves()) {
      deliver(move(move, reception), index++, sink);
    }
  }

  private static void deliver(UsageEvent event, int index, EventSink sink) {
    Violation violation = UsageRules.check(event);
    if (violation == null) {
      sink.accept(event);
    } else {
      sink.reject(new Rejection(index, event.getId(), violation.field(), violation.error()));
    }
  }

  private static UsageEvent usage(
      InventoryTarget target, Slot slot, Holding holding, Reception reception) {
    return event(
        target,
        slot,
        holding,
        holding.tier().label(),
        reception,
        StorageUsage.newBuilder()
            .setStore(holding.store())
            .setDataset(holding.dataset())
            .setTier(holding.tier().label())
            .setBytes(holding.bytes())
            .setMicros(slot.lengthMicros())
            .build());
  }

  private UsageEvent move(TierMove move, Reception reception) {
    Holding to = move.to();
    return event(
        target,
        slot,
        to,
        move.from().label() + ">" + to.tier().label(),
        reception,
        StorageMove.newBuilder()
            .setStore(to.store())
            .setDataset(to.dataset())
            .setBytes(move.bytes())
            .setFromTier(move.from().label())
            .setToTier(to.tier().label())
            .build());
  }

  private static UsageEvent event(
      InventoryTarget target,
      Slot slot,
      Holding holding,
      String what,
      Reception reception,
      Object detail) {
    String source = "inventory:" + target.name();
    UsageEvent event =
        UsageEvent.newBuilder()
            .setSource(source)
            .setId(EventIds.of(source, slot, holding.store(), holding.dataset(), what))
            .setEventTimeMicros(slot.startMicros())
            .setIngestedAtMicros(reception.receivedAtMicros())
            .setTeam(holding.team())
            .setProject(holding.project())
            .setEnvironment(
                holding.environment().isEmpty() ? target.environment() : holding.environment())
            .setRegion(target.region())
            .setDetail(detail)
            .build();
    // No team is bound to a puller, so that there is nothing to contradict.
    var unused = Attribution.settle(event, reception.publisher(), Owner.of(target.team()));
    return event;
  }

  /** Understands the rows of one listing. */
  private static final class Fresh {
    private final InventoryTarget target;
    private final Slot slot;
    private final @Nullable Instant modified;
    private final @Nullable InventoryReading before;
    private final Reception reception;
    private final List<Rejection> rejections;
    private final SortedMap<Holding, Holding> held = new TreeMap<>(Holding.BY_NAME);
    private final Set<String> doubtful = new HashSet<>();

    Fresh(
        InventoryTarget target,
        Slot slot,
        @Nullable Instant modified,
        @Nullable InventoryReading before,
        Reception reception,
        List<Rejection> rejections) {
      this.target = target;
      this.slot = slot;
      this.modified = modified;
      this.before = before;
      this.reception = reception;
      this.rejections = rejections;
    }

    InventoryReading understand(List<Listing.Row> rows) throws UnreadableBodyException {
      requireNotOlder();
      if (rows.isEmpty()) {
        throw new UnreadableBodyException(
            "lists nothing, which is taken as an error: all of it would look deleted", 0, 0);
      }
      for (int i = 0; i < rows.size(); i++) {
        Listing.Row row = rows.get(i);
        Violation violation = take(row);
        if (violation != null) {
          doubtful.add(row.value(Listing.DATASET));
          rejections.add(
              new Rejection(
                  i, null, "line " + row.line(), violation.field() + " " + violation.error()));
        }
      }
      if (held.isEmpty()) {
        Rejection first = rejections.get(0);
        throw new UnreadableBodyException(
            "no row is valid; " + first.field() + ": " + first.error(), 0, 0);
      }
      List<Holding> base = before == null ? List.of() : before.base();
      List<TierMove> moves =
          TierMove.between(certain(base).toList(), certain(List.copyOf(held.values())).toList());
      return new InventoryReading(
          slot, false, modified, List.copyOf(held.values()), nextBase(base), moves);
    }

    private void requireNotOlder() throws UnreadableBodyException {
      Instant last = before == null ? null : before.modified();
      if (last != null && modified != null && modified.isBefore(last)) {
        throw new UnreadableBodyException(
            "is of " + modified + ", older than the one before, of " + last, 0, 0);
      }
    }

    /** Takes a row, or says what is wrong with it. */
    private @Nullable Violation take(Listing.Row row) {
      String dataset = row.value(Listing.DATASET);
      if (dataset.isEmpty()) {
        return new Violation(Listing.DATASET, "is required and must not be empty");
      }
      Tier tier = Tier.of(row.value(Listing.TIER));
      if (tier == null) {
        return new Violation(
            Listing.TIER,
            "must be one of hot, warm, cold, archive, was "
                + UsageRules.shown(row.value(Listing.TIER)));
      }
      String bytes = row.value(Listing.BYTES);
      if (!BYTES.matcher(bytes).matches()) {
        return new Violation(
            Listing.BYTES, "must be a whole number >= 0, was " + UsageRules.shown(bytes));
      }
      String store = row.value(Listing.STORE);
      Holding holding =
          new Holding(
              store.isEmpty() ? target.store() : store,
              dataset,
              tier,
              new BigInteger(bytes).min(BigInteger.valueOf(Long.MAX_VALUE)).longValueExact(),
              row.value(Listing.TEAM),
              row.value(Listing.PROJECT),
              row.value(Listing.ENVIRONMENT));
      Holding listed = held.get(holding);
      if (listed != null && !listed.hasOwnerOf(holding)) {
        return new Violation(
            Listing.DATASET,
            UsageRules.shown(dataset)
                + " is in tier "
                + tier.label()
                + " twice, with different team, project or environment");
      }
      return add(listed, holding);
    }

    private @Nullable Violation add(@Nullable Holding listed, Holding holding) {
      long bytes = holding.bytes();
      // Each is at most 10^18 if it passes: two of them do not overflow.
      if (listed != null && bytes <= UsageRules.MAX_BYTES) {
        bytes += listed.bytes();
      }
      Holding sum = holding.withBytes(bytes);
      Violation violation = UsageRules.check(usage(target, slot, sum, reception));
      if (violation == null) {
        held.put(sum, sum);
      }
      return violation;
    }

    private Stream<Holding> certain(List<Holding> holdings) {
      return holdings.stream().filter(holding -> !doubtful.contains(holding.dataset()));
    }

    /** What is in doubt is compared later, with what was certain of it last. */
    private List<Holding> nextBase(List<Holding> base) {
      return Stream.concat(
              certain(List.copyOf(held.values())),
              base.stream().filter(holding -> doubtful.contains(holding.dataset())))
          .sorted(Holding.BY_NAME)
          .toList();
    }
  }
}
