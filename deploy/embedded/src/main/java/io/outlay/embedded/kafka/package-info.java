/** A Kafka broker of one node in a process of its own. */
@NullMarked
package io.outlay.embedded.kafka;

import org.jspecify.annotations.NullMarked;
