/**
 * Budgets: what a scope may spend in a calendar period, how far it is, and what it will come to.
 */
@NullMarked
package io.outlay.detector.budget;

import org.jspecify.annotations.NullMarked;
