package io.outlay.bench.detection;

import io.outlay.detector.backtest.HourOfSpend;
import io.outlay.detector.backtest.Label;
import io.outlay.detector.spend.Dimension;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * The spend of one company, hour by hour and cell by cell.
 *
 * @param hours by start
 * @param label what happened in it, if somebody should be told
 * @param culprit dimension whose value of the label is the cause
 * @param extraUsd what it cost beyond what would have been spent, by hour
 */
record SpendSeries(
    String name,
    Kind kind,
    List<HourOfSpend> hours,
    Optional<Label> label,
    Dimension culprit,
    SortedMap<Instant, BigDecimal> extraUsd) {}
