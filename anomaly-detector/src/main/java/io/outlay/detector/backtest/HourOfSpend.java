package io.outlay.detector.backtest;

import io.outlay.detector.spend.Cell;
import java.math.BigDecimal;
import java.time.Instant;

/**
 * What a cell spent in an hour.
 *
 * @param start of the hour
 * @param costUsd at most twelve places
 */
public record HourOfSpend(Instant start, Cell cell, BigDecimal costUsd, long requests) {}
