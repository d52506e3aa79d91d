/** Rules over the past: what they would have alerted, when, and how well. */
@NullMarked
package io.outlay.detector.backtest;

import org.jspecify.annotations.NullMarked;
