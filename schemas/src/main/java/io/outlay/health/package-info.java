/** Whether what a program needs is there, since when not, and why. */
@NullMarked
package io.outlay.health;

import org.jspecify.annotations.NullMarked;
