/**
 * What is inserted at once: the rows of a range of offsets, and how the range is written down
 * beforehand.
 */
@NullMarked
package io.outlay.sink.batch;

import org.jspecify.annotations.NullMarked;
