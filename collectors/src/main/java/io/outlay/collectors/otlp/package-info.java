/** OpenTelemetry's protocol, OTLP: GenAI spans, log records and metrics become usage events. */
@NullMarked
package io.outlay.collectors.otlp;

import org.jspecify.annotations.NullMarked;
