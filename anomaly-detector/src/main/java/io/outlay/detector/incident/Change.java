package io.outlay.detector.incident;

import io.outlay.schema.Incident;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A step of an incident. A function, since its notifications may settle at the same time.
 *
 * @param to from what it is, null if it is not yet, to what it becomes; leaves its argument as it
 *     is, and returns it where nothing is to be done any more
 */
record Change(String incidentId, Function<@Nullable Incident, Incident> to) {}
