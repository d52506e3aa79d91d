/** What was spent by hour, and what earlier days spent in the same part of the day. */
@NullMarked
package io.outlay.detector.spend;

import org.jspecify.annotations.NullMarked;
