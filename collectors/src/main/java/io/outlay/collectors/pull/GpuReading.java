package io.outlay.collectors.pull;

/**
 * An exporter's text.
 *
 * @param sent whether all of it has been acknowledged
 * @param text empty once sent
 */
record GpuReading(Slot slot, boolean sent, String text) implements Puller.Kept {}
