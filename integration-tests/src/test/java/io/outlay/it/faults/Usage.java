package io.outlay.it.faults;

import java.math.BigDecimal;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One event of the load, and what is expected of it.
 *
 * @param id with {@link Load#SOURCE} its identity
 * @param json as it is posted
 * @param micros when it happened, microseconds since 1970-01-01T00:00:00Z
 * @param model as the books name it
 * @param cost null if it has no price
 * @param avoided what it avoided, 0 if unknown
 * @param deadLetter why it is set aside instead of counted
 */
record Usage(
    String id,
    String json,
    long micros,
    String team,
    String model,
    String feature,
    @Nullable BigDecimal cost,
    BigDecimal avoided,
    Optional<String> deadLetter) {}
