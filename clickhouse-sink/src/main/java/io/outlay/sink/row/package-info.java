/** Turns the values of a topic into rows of a table, in ClickHouse's RowBinary format. */
@NullMarked
package io.outlay.sink.row;

import org.jspecify.annotations.NullMarked;
