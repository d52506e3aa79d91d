/** The program: Kafka, HTTP and configuration around the detector. */
@NullMarked
package io.outlay.detector.app;

import org.jspecify.annotations.NullMarked;
