/** Holds what an event costs against a floor. */
@NullMarked
package io.outlay.bench.guard;

import org.jspecify.annotations.NullMarked;
