/** Whom usage belongs to, where its source cannot or must not say so itself. */
@NullMarked
package io.outlay.collectors.attribution;

import org.jspecify.annotations.NullMarked;
