package io.outlay.detector.spend;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A window as far as it has gone. Remembers the comparison with earlier windows, which is the same
 * for every scope. For one thread.
 */
public final class RunningWindow {
  private final Window window;
  private final Instant asOf;
  private final Map<Integer, SamePart> samePart = new HashMap<>();

  /**
   * @param asOf how far it has gone, from its start to its end
   */
  public RunningWindow(Window window, Instant asOf) {
    if (asOf.isBefore(window.start()) || asOf.isAfter(window.end())) {
      throw new IllegalArgumentException("asOf must lie within " + window + ", was " + asOf);
    }
    this.window = window;
    this.asOf = asOf;
  }

  /**
   * The windows that are judged at a time, oldest first: the running one, and the whole one before
   * for a while after its end.
   */
  public static List<RunningWindow> at(Instant event, Windows windows, Duration grace) {
    Window latest = windows.at(event);
    Window before = windows.before(latest);
    List<RunningWindow> running = new ArrayList<>();
    if (event.isBefore(before.end().plus(grace))) {
      running.add(over(before));
    }
    running.add(new RunningWindow(latest, event));
    return running;
  }

  /** A whole window. */
  public static RunningWindow over(Window window) {
    return new RunningWindow(window, window.end());
  }

  /** Which window. */
  public Window window() {
    return window;
  }

  /** How far it has gone. */
  public Instant asOf() {
    return asOf;
  }

  /**
   * The same part of so many windows before it; for a part of a day, that part of so many days
   * before.
   */
  public SamePart samePart(int count) {
    return samePart.computeIfAbsent(count, any -> new SamePart(window, asOf, count));
  }
}
