package io.outlay.streams.topology;

import io.outlay.schema.CacheLookup;
import io.outlay.schema.ComputeUsage;
import io.outlay.schema.GpuUsage;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.NetworkTransfer;
import io.outlay.schema.StorageMove;
import io.outlay.schema.StorageUsage;
import io.outlay.schema.UsageEvent;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;

/**
 * Facts without a price, by what they lack a price for. Holds {@value #MAX_SUBJECTS} subjects; what
 * comes after those counts as {@link #OTHER}, so that the sum is that of {@link
 * UsageCounters#facts} and publishers cannot fill the memory with names. Safe for concurrent use.
 */
public final class UnpricedCounters {
  /** Subjects told apart. */
  public static final int MAX_SUBJECTS = 200;

  /** All further subjects. */
  public static final Subject OTHER = new Subject("other", "other");

  /**
   * What lacks a price, named as in the view {@code unpriced_usage}.
   *
   * @param provider provider or cloud, empty if the usage names none
   * @param model model, GPU model, instance type, tier, {@code from>to} tiers or network path;
   *     empty for what has no such name
   */
  public record Subject(String provider, String model) {
    static Subject of(UsageEvent event) {
      Object detail = event.getDetail();
      if (detail instanceof LlmUsage llm) {
        return new Subject(llm.getProvider(), llm.getModel());
      }
      if (detail instanceof CacheLookup lookup) {
        return new Subject(lookup.getProvider(), lookup.getModel());
      }
      if (detail instanceof GpuUsage gpu) {
        return new Subject(gpu.getCloud(), gpu.getGpuModel());
      }
      if (detail instanceof ComputeUsage compute) {
        return new Subject(compute.getCloud(), compute.getInstanceType());
      }
      if (detail instanceof StorageUsage storage) {
        return new Subject("", storage.getTier());
      }
      if (detail instanceof StorageMove move) {
        return new Subject("", move.getFromTier() + ">" + move.getToTier());
      }
      return detail instanceof NetworkTransfer network
          ? new Subject(network.getCloud(), network.getPath())
          : new Subject("", "");
    }
  }

  private final ConcurrentMap<Subject, LongAdder> counts = new ConcurrentHashMap<>();
  private BiConsumer<Subject, LongAdder> listener = (subject, count) -> {};

  /**
   * Names who is told of each subject once, when it is first seen, and of those seen before now.
   */
  public synchronized void onFirst(BiConsumer<Subject, LongAdder> told) {
    listener = told;
    counts.forEach(told);
  }

  /** Counts a fact that has no price. */
  public void count(UsageEvent event) {
    Subject subject = Subject.of(event);
    LongAdder known = counts.get(subject);
    (known == null ? first(subject) : known).increment();
  }

  private synchronized LongAdder first(Subject subject) {
    int told = counts.size() - (counts.containsKey(OTHER) ? 1 : 0);
    Subject counted = told < MAX_SUBJECTS ? subject : OTHER;
    LongAdder known = counts.get(counted);
    if (known != null) {
      return known;
    }
    LongAdder count = new LongAdder();
    counts.put(counted, count);
    listener.accept(counted, count);
    return count;
  }
}
