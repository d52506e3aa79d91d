/** Exact arithmetic on pico-USD. */
@NullMarked
package io.outlay.money;

import org.jspecify.annotations.NullMarked;
