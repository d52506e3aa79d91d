package io.outlay.client;

import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Bytes that were kept for a time. */
public final class StorageUsage extends EventBuilder<StorageUsage> {
  private final @Nullable String tier;
  private final long bytes;
  private final @Nullable BigDecimal seconds;
  private @Nullable String store;
  private @Nullable String dataset;

  private StorageUsage(@Nullable String tier, long bytes, @Nullable BigDecimal seconds) {
    super("io.outlay.storage.usage");
    this.tier = tier;
    this.bytes = bytes;
    this.seconds = seconds;
  }

  /**
   * @param tier {@code hot}, {@code warm}, {@code cold} or {@code archive}
   * @param bytes 0 to 10<sup>18</sup>
   * @param time required: how long they were kept, at most 10<sup>9</sup> seconds
   */
  public static StorageUsage of(@Nullable String tier, long bytes, @Nullable Duration time) {
    return new StorageUsage(tier, bytes, seconds(time));
  }

  public StorageUsage store(@Nullable String value) {
    store = value;
    return this;
  }

  public StorageUsage dataset(@Nullable String value) {
    dataset = value;
    return this;
  }

  @Override
  void writeDetail(EventWriter out) throws IOException {
    out.dimension("store", store);
    out.text("dataset", dataset, Bounds.MAX_ID_LENGTH);
    out.requiredOneOf("tier", tier, Bounds.STORAGE_TIERS);
    out.count("bytes", bytes, Bounds.MAX_BYTES);
    out.requiredSeconds("seconds", seconds);
  }
}
