/** What it costs to rate an event. */
@NullMarked
package io.outlay.bench.rating;

import org.jspecify.annotations.NullMarked;
