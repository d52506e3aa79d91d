/** Sums by window and scope; plain Java. */
@NullMarked
package io.outlay.streams.rollup;

import org.jspecify.annotations.NullMarked;
