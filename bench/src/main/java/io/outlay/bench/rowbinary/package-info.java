/** What it costs to turn facts into rows for ClickHouse. */
@NullMarked
package io.outlay.bench.rowbinary;

import org.jspecify.annotations.NullMarked;
