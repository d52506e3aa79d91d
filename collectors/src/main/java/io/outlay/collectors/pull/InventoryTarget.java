package io.outlay.collectors.pull;

import java.net.URI;
import java.time.Duration;

/**
 * A listing of what is stored.
 *
 * @param name stands in the ids of its events
 * @param url of the listing, http, https or file
 * @param interval each reading stands for so much time, ≥ 1 s
 * @param store of rows that name none; may be empty
 * @param team of rows that name none
 * @param region empty if unknown
 * @param environment of rows that name none; may be empty
 */
public record InventoryTarget(
    String name,
    URI url,
    Duration interval,
    Duration timeout,
    String store,
    String team,
    String region,
    String environment) {}
