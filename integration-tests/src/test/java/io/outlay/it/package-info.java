/**
 * What only the whole can show: real programs, broker, registry and engine, as a user starts them.
 */
@NullMarked
package io.outlay.it;

import org.jspecify.annotations.NullMarked;
