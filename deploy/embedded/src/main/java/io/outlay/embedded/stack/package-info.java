/** Starting, watching and stopping a set of processes; knows nothing of what they are. */
@NullMarked
package io.outlay.embedded.stack;

import org.jspecify.annotations.NullMarked;
