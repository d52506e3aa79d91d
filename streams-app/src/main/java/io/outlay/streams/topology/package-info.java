/** The Kafka Streams topology: wiring, processors and their stores. */
@NullMarked
package io.outlay.streams.topology;

import org.jspecify.annotations.NullMarked;
