/** How well rules find what happened in labelled series of spend that are made up. */
@NullMarked
package io.outlay.bench.detection;

import org.jspecify.annotations.NullMarked;
