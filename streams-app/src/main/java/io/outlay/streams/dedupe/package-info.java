/** Which events have been seen before; plain Java. */
@NullMarked
package io.outlay.streams.dedupe;

import org.jspecify.annotations.NullMarked;
