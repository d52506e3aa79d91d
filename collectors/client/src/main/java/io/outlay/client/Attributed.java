package io.outlay.client;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who pays for usage, and on whose behalf it happened. Null is the same as not given. Dimensions
 * have at most 128 characters, ids at most 256; what breaks a bound is found when the event is
 * built, never by a setter.
 *
 * @param <B> the builder itself, for chaining
 */
public abstract class Attributed<B extends Attributed<B>> {
  private @Nullable String team;
  private @Nullable String project;
  private @Nullable String feature;
  private @Nullable String customer;
  private @Nullable String user;
  private @Nullable String environment;
  private @Nullable String region;
  private final Map<String, String> tags = new LinkedHashMap<>();
  private @Nullable InvalidEventException refusal;

  Attributed() {}

  /** Who pays. Every event needs it, from itself or from the client's defaults. */
  public B team(@Nullable String value) {
    team = value;
    return self();
  }

  public B project(@Nullable String value) {
    project = value;
    return self();
  }

  public B feature(@Nullable String value) {
    feature = value;
    return self();
  }

  public B customer(@Nullable String value) {
    customer = value;
    return self();
  }

  public B user(@Nullable String value) {
    user = value;
    return self();
  }

  public B environment(@Nullable String value) {
    environment = value;
    return self();
  }

  public B region(@Nullable String value) {
    region = value;
    return self();
  }

  /**
   * A dimension of your own. An event has at most 32; names have at most 64 characters, values 256.
   * A null value removes the tag.
   */
  public B tag(@Nullable String name, @Nullable String value) {
    if (value == null) {
      tags.remove(name);
    } else if (name == null) {
      refuse("data.tags", "must have names that are not null");
    } else if (tags.size() <= Bounds.MAX_TAGS || tags.containsKey(name)) {
      // One more than allowed is kept, so that the event is refused; more would only cost memory.
      tags.put(name, value);
    }
    return self();
  }

  /** Each entry as {@link #tag} takes it. */
  public B tags(@Nullable Map<String, String> values) {
    if (values != null) {
      try {
        values.forEach(this::tag);
      } catch (RuntimeException e) {
        refuse("data.tags", "could not be read: " + e);
      }
    }
    return self();
  }

  /** Keeps the first fault that a setter sees, for whoever builds the event. */
  final void refuse(String field, String error) {
    if (refusal == null) {
      refusal = new InvalidEventException(field, error);
    }
  }

  final void checkSetters() {
    if (refusal != null) {
      throw new InvalidEventException(refusal.field(), refusal.error());
    }
  }

  /** Writes these dimensions, with those of {@code defaults} where they are absent. */
  final void writeAttribution(EventWriter out, Attributed<?> defaults) throws IOException {
    out.requiredText("team", or(team, defaults.team), Bounds.MAX_DIMENSION_LENGTH);
    out.dimension("project", or(project, defaults.project));
    out.dimension("feature", or(feature, defaults.feature));
    out.dimension("customer", or(customer, defaults.customer));
    out.dimension("user", or(user, defaults.user));
    out.dimension("environment", or(environment, defaults.environment));
    out.dimension("region", or(region, defaults.region));
    if (defaults.tags.isEmpty()) {
      out.tags(tags);
    } else {
      Map<String, String> all = new LinkedHashMap<>(defaults.tags);
      all.putAll(tags);
      out.tags(all);
    }
  }

  private static @Nullable String or(@Nullable String own, @Nullable String fallback) {
    return own == null ? fallback : own;
  }

  @SuppressWarnings("unchecked") // every subclass names itself as B
  final B self() {
    return (B) this;
  }
}
