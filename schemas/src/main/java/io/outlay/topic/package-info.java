/** The topics of Outlay as typed constants, and how they come to exist. */
@NullMarked
package io.outlay.topic;

import org.jspecify.annotations.NullMarked;
