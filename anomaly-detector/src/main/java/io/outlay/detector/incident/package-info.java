/** Incidents: when they open and resolve, which of them share a cause, what is said about them. */
@NullMarked
package io.outlay.detector.incident;

import org.jspecify.annotations.NullMarked;
