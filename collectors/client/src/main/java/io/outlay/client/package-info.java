/**
 * Publishes usage events to the collectors in the background, without blocking or failing a caller.
 */
@NullMarked
package io.outlay.client;

import org.jspecify.annotations.NullMarked;
