/** What it costs to read and write Avro. */
@NullMarked
package io.outlay.bench.codec;

import org.jspecify.annotations.NullMarked;
