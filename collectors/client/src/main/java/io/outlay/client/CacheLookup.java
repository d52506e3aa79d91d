package io.outlay.client;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A look into one's own response cache. A hit names the tokens that it avoided. */
public final class CacheLookup extends TokenEvent<CacheLookup> {
  private final @Nullable String layer;
  private final boolean hit;
  private final @Nullable String provider;
  private final @Nullable String model;

  private CacheLookup(
      @Nullable String layer, boolean hit, @Nullable String provider, @Nullable String model) {
    super("io.outlay.cache.lookup");
    this.layer = layer;
    this.hit = hit;
    this.provider = provider;
    this.model = model;
  }

  /**
   * A hit; at least one token bucket must follow.
   *
   * @param layer {@code exact}, {@code semantic}, {@code prefix} or {@code edge}
   * @param provider required: whose call it avoided
   * @param model required: which model's call it avoided
   */
  public static CacheLookup hit(
      @Nullable String layer, @Nullable String provider, @Nullable String model) {
    return new CacheLookup(layer, true, provider, model);
  }

  /**
   * A miss, which avoids nothing and so has no tokens.
   *
   * @param layer {@code exact}, {@code semantic}, {@code prefix} or {@code edge}
   */
  public static CacheLookup miss(@Nullable String layer) {
    return new CacheLookup(layer, false, null, null);
  }

  @Override
  void writeDetail(EventWriter out) throws IOException {
    out.requiredOneOf("layer", layer, Bounds.CACHE_LAYERS);
    out.flag("hit", hit);
    if (!hit) {
      if (hasTokens()) {
        throw new InvalidEventException(
            "data.tokens", "must be absent on a miss: a miss avoids nothing");
      }
      return;
    }
    out.requiredText("provider", provider, Bounds.MAX_DIMENSION_LENGTH);
    out.requiredText("model", model, Bounds.MAX_DIMENSION_LENGTH);
    if (!hasTokens()) {
      throw new InvalidEventException(
          "data.tokens", "is required on a hit: the tokens that it avoided");
    }
    writeTokens(out);
  }
}
