/** The program: Quarkus wiring, price loading, health and metrics. */
@NullMarked
package io.outlay.streams.app;

import org.jspecify.annotations.NullMarked;
