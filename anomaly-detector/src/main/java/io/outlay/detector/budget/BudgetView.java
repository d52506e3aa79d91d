package io.outlay.detector.budget;

/**
 * A budget as gateways read it, ready to be sent.
 *
 * @param json UTF-8; not to be changed
 * @param tag changes with it
 */
public record BudgetView(byte[] json, String tag) {}
