package io.outlay.client;

import java.time.Instant;
import java.util.Set;

/** What the collector accepts; a test holds these against the collector's own rules. */
final class Bounds {
  static final int MAX_ID_LENGTH = 256;
  static final int MAX_DIMENSION_LENGTH = 128;
  static final int MAX_TAGS = 32;
  static final int MAX_TAG_NAME_LENGTH = 64;
  static final long MAX_TOKENS = 1_000_000_000_000L;
  static final long MAX_REQUESTS = 1_000_000_000L;
  static final long MAX_SECONDS = 1_000_000_000L;
  static final long MAX_BYTES = 1_000_000_000_000_000_000L;
  static final long MAX_LATENCY_MS = 86_400_000L;

  /** Decimals of seconds and fractions; more are rounded half even. */
  static final int SCALE = 6;

  /** Decimals of an amount; more are refused. */
  static final int AMOUNT_SCALE = 12;

  /** Digits of an amount before the point. */
  static final int AMOUNT_DIGITS = 6;

  static final Instant MIN_TIME = Instant.parse("2000-01-01T00:00:00Z");
  static final Instant MAX_TIME = Instant.parse("2100-01-01T00:00:00Z");

  static final Set<String> PURCHASE_OPTIONS = Set.of("on_demand", "spot", "reserved");
  static final Set<String> CACHE_LAYERS = Set.of("exact", "semantic", "prefix", "edge");
  static final Set<String> STORAGE_TIERS = Set.of("hot", "warm", "cold", "archive");
  static final Set<String> NETWORK_PATHS = Set.of("egress", "inter_region", "inter_zone", "cdn");

  private Bounds() {}
}
