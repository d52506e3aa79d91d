/** Rules: whether spend has left its baseline, by how much and why. */
@NullMarked
package io.outlay.detector.rule;

import org.jspecify.annotations.NullMarked;
