package io.outlay.client;

import org.jspecify.annotations.Nullable;

/**
 * An event that will never be counted as it is.
 *
 * @param id of the event; null where it has none because it could not be read
 * @param field path of the wrong field, such as {@code data.tokens.output}; {@code $} is the event
 *     as a whole
 * @param error what must hold and what was there
 * @param byCollector whether the collector said so; else it was found before sending
 */
public record Rejection(@Nullable String id, String field, String error, boolean byCollector) {}
