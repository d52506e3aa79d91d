/** What it costs to know whether an event has been seen. */
@NullMarked
package io.outlay.bench.dedupe;

import org.jspecify.annotations.NullMarked;
