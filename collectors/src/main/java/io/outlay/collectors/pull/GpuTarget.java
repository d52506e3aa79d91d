package io.outlay.collectors.pull;

import java.net.URI;
import java.time.Duration;

/**
 * A dcgm-exporter.
 *
 * @param name stands in the ids of its events
 * @param url of its Prometheus text, http or https
 * @param interval each reading stands for so much time, ≥ 1 s
 * @param team of what no attribution names
 * @param purchaseOption {@code on_demand}, {@code spot} or {@code reserved}
 * @param cloud empty for one's own machines
 * @param region empty if unknown
 * @param environment empty if unknown
 */
public record GpuTarget(
    String name,
    URI url,
    Duration interval,
    Duration timeout,
    String team,
    String purchaseOption,
    String cloud,
    String region,
    String environment) {}
