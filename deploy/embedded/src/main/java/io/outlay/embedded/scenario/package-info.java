/** Believable usage, what it is to cost by an independent reckoning, and how it is published. */
@NullMarked
package io.outlay.embedded.scenario;

import org.jspecify.annotations.NullMarked;
