package io.outlay.bench.pipeline;

/**
 * What usage looks like.
 *
 * @param events different ones, ≥ 1
 * @param copiesPercent copies beside them, of a hundred events, 0 to 100
 * @param features each of a project and a team
 * @param featuresOfTeam how many features a team has, ≥ 1
 * @param models all of them with prices
 * @param minutes that the events are spread over, in their order, ≥ 1
 */
record Shape(
    int events, int copiesPercent, int features, int featuresOfTeam, int models, int minutes) {
  /** So many events; about eight of them to a minute, team, model and feature. */
  static Shape of(int events) {
    return new Shape(events, 5, 120, 4, 40, Math.max(1, events / 6_000));
  }

  /** Ten times the teams, models and features; there are as many different ids as events. */
  Shape tenfold() {
    return new Shape(events, copiesPercent, features * 10, featuresOfTeam, models * 10, minutes);
  }

  /** The same in another number of events. */
  Shape with(int number) {
    return new Shape(number, copiesPercent, features, featuresOfTeam, models, minutes);
  }

  /** The same spread over another number of minutes. */
  Shape over(int number) {
    return new Shape(events, copiesPercent, features, featuresOfTeam, models, number);
  }

  /** Events and copies. */
  int records() {
    return events + copies();
  }

  /** Copies of events. */
  int copies() {
    return (int) ((long) events * copiesPercent / 100);
  }
}
