/**
 * The command {@code ./outlay bench}: which benchmarks there are, and how their figures are shown.
 */
@NullMarked
package io.outlay.bench;

import org.jspecify.annotations.NullMarked;
