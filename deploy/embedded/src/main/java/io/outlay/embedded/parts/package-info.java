/** What the stack consists of: which processes, where they listen, how they are configured. */
@NullMarked
package io.outlay.embedded.parts;

import org.jspecify.annotations.NullMarked;
