/** Inserts batches into ClickHouse, again and again until they are in. */
@NullMarked
package io.outlay.sink.insert;

import org.jspecify.annotations.NullMarked;
