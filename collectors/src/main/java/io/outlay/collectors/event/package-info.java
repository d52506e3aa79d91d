/** Reads one usage event from JSON, token by token, straight into the record that is sent. */
@NullMarked
package io.outlay.collectors.event;

import org.jspecify.annotations.NullMarked;
