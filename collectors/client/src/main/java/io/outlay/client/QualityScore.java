package io.outlay.client;

import java.io.IOException;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** How good an answer was; set {@code requestId} to join it with what the answer cost. */
public final class QualityScore extends EventBuilder<QualityScore> {
  private final @Nullable String metric;
  private final @Nullable BigDecimal score;
  private @Nullable String model;

  private QualityScore(@Nullable String metric, @Nullable BigDecimal score) {
    super("io.outlay.quality.score");
    this.metric = metric;
    this.score = score;
  }

  /**
   * @param metric required, such as {@code faithfulness}
   * @param score required: 0 to 1, kept to the millionth
   */
  public static QualityScore of(@Nullable String metric, @Nullable BigDecimal score) {
    return new QualityScore(metric, score);
  }

  /** As {@link #of(String, BigDecimal)}. */
  public static QualityScore of(@Nullable String metric, double score) {
    if (Double.isFinite(score)) {
      return new QualityScore(metric, BigDecimal.valueOf(score));
    }
    QualityScore unusable = new QualityScore(metric, null);
    unusable.fraction("score", score);
    return unusable;
  }

  public QualityScore model(@Nullable String value) {
    model = value;
    return this;
  }

  @Override
  void writeDetail(EventWriter out) throws IOException {
    out.requiredText("metric", metric, Bounds.MAX_DIMENSION_LENGTH);
    out.requiredFraction("score", score);
    out.dimension("model", model);
  }
}
