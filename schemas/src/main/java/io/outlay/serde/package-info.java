/** Avro values in the Confluent wire format, with a Confluent-compatible schema registry. */
@NullMarked
package io.outlay.serde;

import org.jspecify.annotations.NullMarked;
