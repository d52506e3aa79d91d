/** The HTTP surface of the collectors, and the wiring of the program. */
@NullMarked
package io.outlay.collectors.http;

import org.jspecify.annotations.NullMarked;
