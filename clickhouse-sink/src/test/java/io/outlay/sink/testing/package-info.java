/** What the tests of the sink share. */
@NullMarked
package io.outlay.sink.testing;

import org.jspecify.annotations.NullMarked;
