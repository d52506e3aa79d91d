package io.outlay.collectors.pull;

import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Storage tiers, the dearest first. */
enum Tier {
  HOT,
  WARM,
  COLD,
  ARCHIVE;

  /** The tier of that name in any case, or null if there is none. */
  static @Nullable Tier of(String name) {
    return Arrays.stream(values())
        .filter(tier -> tier.name().equalsIgnoreCase(name))
        .findFirst()
        .orElse(null);
  }

  /** As events name it. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
