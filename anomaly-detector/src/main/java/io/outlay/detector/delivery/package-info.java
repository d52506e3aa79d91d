/** Delivery of notifications: signed, tried again until it succeeds or is too late. */
@NullMarked
package io.outlay.detector.delivery;

import org.jspecify.annotations.NullMarked;
