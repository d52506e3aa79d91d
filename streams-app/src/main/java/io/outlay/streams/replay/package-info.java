/** Sends dead letters through again, once each; plain Java apart from Kafka's clients. */
@NullMarked
package io.outlay.streams.replay;

import org.jspecify.annotations.NullMarked;
