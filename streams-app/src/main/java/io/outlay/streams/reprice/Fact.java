package io.outlay.streams.reprice;

import io.outlay.schema.UsageEvent;
import io.outlay.serde.CostRecordEncoder.Rating;

/** An event and how it was, or is to be, rated. */
public record Fact(UsageEvent usage, Rating rating) {}
