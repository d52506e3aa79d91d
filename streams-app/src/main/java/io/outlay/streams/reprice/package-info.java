/** Rates facts of the past anew, with today's price book; plain Java. */
@NullMarked
package io.outlay.streams.reprice;

import org.jspecify.annotations.NullMarked;
