/**
 * Load, faults and an oracle of its own: whatever is killed, stopped or cut off, the books are
 * those of the events.
 */
@NullMarked
package io.outlay.it.faults;

import org.jspecify.annotations.NullMarked;
