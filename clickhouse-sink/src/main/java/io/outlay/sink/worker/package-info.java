/** Reads topics and moves them, range by range, into ClickHouse. */
@NullMarked
package io.outlay.sink.worker;

import org.jspecify.annotations.NullMarked;
