package io.outlay.client;

import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Time on a machine: of a whole instance, or of its processors and memory, never both. */
public final class ComputeUsage extends EventBuilder<ComputeUsage> {
  private final boolean wholeInstance;
  private final @Nullable String instanceType;
  private final @Nullable BigDecimal seconds;
  private final @Nullable BigDecimal memoryGbSeconds;
  private @Nullable String purchaseOption;
  private @Nullable String cloud;

  private ComputeUsage(
      boolean wholeInstance,
      @Nullable String instanceType,
      @Nullable BigDecimal seconds,
      @Nullable BigDecimal memoryGbSeconds) {
    super("io.outlay.compute.usage");
    this.wholeInstance = wholeInstance;
    this.instanceType = instanceType;
    this.seconds = seconds;
    this.memoryGbSeconds = memoryGbSeconds;
  }

  /**
   * @param instanceType required
   * @param seconds required: how long, times instances; kept to the microsecond, at most
   *     10<sup>9</sup>
   */
  public static ComputeUsage ofInstance(
      @Nullable String instanceType, @Nullable BigDecimal seconds) {
    return new ComputeUsage(true, instanceType, seconds, null);
  }

  /** As {@link #ofInstance(String, BigDecimal)} for one instance. */
  public static ComputeUsage ofInstance(@Nullable String instanceType, @Nullable Duration time) {
    return ofInstance(instanceType, seconds(time));
  }

  /**
   * @param cpuSeconds required: seconds times processors
   * @param memoryGbSeconds required: seconds times gigabytes
   */
  public static ComputeUsage ofParts(
      @Nullable BigDecimal cpuSeconds, @Nullable BigDecimal memoryGbSeconds) {
    return new ComputeUsage(false, null, cpuSeconds, memoryGbSeconds);
  }

  /** {@code on_demand} (where not given), {@code spot} or {@code reserved}. */
  public ComputeUsage purchaseOption(@Nullable String value) {
    purchaseOption = value;
    return this;
  }

  public ComputeUsage cloud(@Nullable String value) {
    cloud = value;
    return this;
  }

  @Override
  void writeDetail(EventWriter out) throws IOException {
    if (wholeInstance) {
      out.requiredText("instanceType", instanceType, Bounds.MAX_DIMENSION_LENGTH);
      out.requiredSeconds("seconds", seconds);
    } else {
      out.requiredSeconds("cpuSeconds", seconds);
      out.requiredSeconds("memoryGbSeconds", memoryGbSeconds);
    }
    out.oneOf("purchaseOption", purchaseOption, Bounds.PURCHASE_OPTIONS);
    out.dimension("cloud", cloud);
  }
}
