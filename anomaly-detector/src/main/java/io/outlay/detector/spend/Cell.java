package io.outlay.detector.spend;

/**
 * The finest grain of the books: one team, model and feature. Model and feature are empty where the
 * facts have none.
 */
public record Cell(String team, String model, String feature) {}
