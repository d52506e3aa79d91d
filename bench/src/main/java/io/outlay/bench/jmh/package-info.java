/** Benchmarks of single operations, measured by JMH in processes of their own. */
@NullMarked
package io.outlay.bench.jmh;

import org.jspecify.annotations.NullMarked;
