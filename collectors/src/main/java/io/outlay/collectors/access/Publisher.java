package io.outlay.collectors.access;

import org.jspecify.annotations.Nullable;

/**
 * Who sends a request.
 *
 * @param name of the API key, {@code anonymous} without one
 * @param team that everything it sends belongs to; null if events may name any
 */
public record Publisher(String name, @Nullable String team) {
  /** Where no keys are configured. */
  public static final Publisher ANONYMOUS = new Publisher("anonymous", null);
}
