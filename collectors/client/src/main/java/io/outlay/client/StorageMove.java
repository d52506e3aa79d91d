package io.outlay.client;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Bytes that moved from one storage tier to another. */
public final class StorageMove extends EventBuilder<StorageMove> {
  private final long bytes;
  private final @Nullable String fromTier;
  private final @Nullable String toTier;
  private @Nullable String store;
  private @Nullable String dataset;

  private StorageMove(long bytes, @Nullable String fromTier, @Nullable String toTier) {
    super("io.outlay.storage.move");
    this.bytes = bytes;
    this.fromTier = fromTier;
    this.toTier = toTier;
  }

  /**
   * @param bytes 0 to 10<sup>18</sup>
   * @param fromTier {@code hot}, {@code warm}, {@code cold} or {@code archive}
   * @param toTier as {@code fromTier}
   */
  public static StorageMove of(long bytes, @Nullable String fromTier, @Nullable String toTier) {
    return new StorageMove(bytes, fromTier, toTier);
  }

  public StorageMove store(@Nullable String value) {
    store = value;
    return this;
  }

  public StorageMove dataset(@Nullable String value) {
    dataset = value;
    return this;
  }

  @Override
  void writeDetail(EventWriter out) throws IOException {
    out.dimension("store", store);
    out.text("dataset", dataset, Bounds.MAX_ID_LENGTH);
    out.count("bytes", bytes, Bounds.MAX_BYTES);
    out.requiredOneOf("fromTier", fromTier, Bounds.STORAGE_TIERS);
    out.requiredOneOf("toTier", toTier, Bounds.STORAGE_TIERS);
  }
}
