/** Takes one request: reads its events, writes them to Kafka, and answers what became of them. */
@NullMarked
package io.outlay.collectors.ingest;

import org.jspecify.annotations.NullMarked;
