/** The commands, and how they speak to a terminal. */
@NullMarked
package io.outlay.embedded.cli;

import org.jspecify.annotations.NullMarked;
