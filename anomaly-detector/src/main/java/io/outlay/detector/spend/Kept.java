package io.outlay.detector.spend;

import java.util.List;

/**
 * What slots hold.
 *
 * @param byHour signals of hours
 * @param byMinute signals of minutes
 * @param ring minutes that a ring has; 0 for none
 */
record Kept(List<Signal> byHour, List<Signal> byMinute, int ring) {}
