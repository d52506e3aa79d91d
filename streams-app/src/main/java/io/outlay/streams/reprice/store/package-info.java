/** Where repricing reads and writes: ClickHouse and Kafka. */
@NullMarked
package io.outlay.streams.reprice.store;

import org.jspecify.annotations.NullMarked;
