/** The demonstration: believable usage, spend in dollars, and an alert. */
@NullMarked
package io.outlay.embedded.demo;

import org.jspecify.annotations.NullMarked;
