/** The program: wiring, health and metrics. */
@NullMarked
package io.outlay.sink.app;

import org.jspecify.annotations.NullMarked;
