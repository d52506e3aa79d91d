package io.outlay.sink.audit;

/**
 * Where a partition of the usage topic stands.
 *
 * @param beginning first offset that retention left
 * @param committed offset that the topology has committed; 0 before its first commit
 */
public record UsageOffsets(long beginning, long committed) {}
