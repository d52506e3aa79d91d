/** Which price holds for an event, and what the event costs; plain Java. */
@NullMarked
package io.outlay.streams.rating;

import org.jspecify.annotations.NullMarked;
