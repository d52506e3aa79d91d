/** The program behind the launcher: the whole stack on one machine. */
@NullMarked
package io.outlay.embedded;

import org.jspecify.annotations.NullMarked;
