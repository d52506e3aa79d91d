package io.outlay.client;

import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Time on a GPU. */
public final class GpuUsage extends EventBuilder<GpuUsage> {
  private final @Nullable String gpuModel;
  private final @Nullable BigDecimal gpuSeconds;
  private @Nullable BigDecimal utilization;
  private @Nullable String purchaseOption;
  private @Nullable String cloud;
  private @Nullable String node;
  private @Nullable String workload;

  private GpuUsage(@Nullable String gpuModel, @Nullable BigDecimal gpuSeconds) {
    super("io.outlay.gpu.usage");
    this.gpuModel = gpuModel;
    this.gpuSeconds = gpuSeconds;
  }

  /**
   * @param gpuModel required, such as {@code H100}
   * @param gpuSeconds required: seconds times GPUs, kept to the microsecond, at most 10<sup>9</sup>
   */
  public static GpuUsage of(@Nullable String gpuModel, @Nullable BigDecimal gpuSeconds) {
    return new GpuUsage(gpuModel, gpuSeconds);
  }

  /** As {@link #of(String, BigDecimal)} for one GPU. */
  public static GpuUsage of(@Nullable String gpuModel, @Nullable Duration time) {
    return new GpuUsage(gpuModel, seconds(time));
  }

  /** 0 to 1, kept to the millionth. */
  public GpuUsage utilization(double value) {
    utilization = fraction("utilization", value);
    return this;
  }

  /** 0 to 1, kept to the millionth. */
  public GpuUsage utilization(@Nullable BigDecimal value) {
    utilization = value;
    return this;
  }

  /** {@code on_demand} (where not given), {@code spot} or {@code reserved}. */
  public GpuUsage purchaseOption(@Nullable String value) {
    purchaseOption = value;
    return this;
  }

  public GpuUsage cloud(@Nullable String value) {
    cloud = value;
    return this;
  }

  public GpuUsage node(@Nullable String value) {
    node = value;
    return this;
  }

  public GpuUsage workload(@Nullable String value) {
    workload = value;
    return this;
  }

  @Override
  void writeDetail(EventWriter out) throws IOException {
    out.requiredText("gpuModel", gpuModel, Bounds.MAX_DIMENSION_LENGTH);
    out.requiredSeconds("gpuSeconds", gpuSeconds);
    out.fraction("utilization", utilization);
    out.oneOf("purchaseOption", purchaseOption, Bounds.PURCHASE_OPTIONS);
    out.dimension("cloud", cloud);
    out.text("node", node, Bounds.MAX_ID_LENGTH);
    out.text("workload", workload, Bounds.MAX_ID_LENGTH);
  }
}
