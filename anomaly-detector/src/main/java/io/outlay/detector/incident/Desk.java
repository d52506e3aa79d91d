package io.outlay.detector.incident;

import io.outlay.detector.delivery.Message;
import io.outlay.schema.Incident;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Where people take incidents on, silence and resolve them. Each method throws {@link
 * IncidentLogException} if its step could not be written; then it is not taken. Safe for concurrent
 * use.
 */
public final class Desk {
  private final IncidentBook book;
  private final Steps steps;
  private final Consumer<Message> outlet;
  private final Supplier<Duration> dataLag;
  private final Clock clock;

  /**
   * @param receivers names of those that are configured
   * @param outlet takes messages once they are durably owed
   */
  public Desk(
      IncidentBook book,
      IncidentJson json,
      Set<String> receivers,
      Consumer<Message> outlet,
      Supplier<Duration> dataLag,
      Clock clock) {
    this.book = book;
    this.steps = new Steps(json, receivers);
    this.outlet = outlet;
    this.dataLag = dataLag;
    this.clock = clock;
  }

  /** What came of it. */
  public sealed interface Outcome {
    /** The incident as it is now. */
    record Done(Incident incident) implements Outcome {}

    /** There is no such incident. */
    record Unknown() implements Outcome {}

    /**
     * It is not in a state in which that can be done.
     *
     * @param incident as it is
     */
    record Refused(Incident incident, String why) implements Outcome {}
  }

  /** Takes an incident on; doing so again is harmless. */
  public Outcome acknowledge(String id, String by) {
    Steps.At at = at();
    return step(id, true, former -> steps.acknowledged(former, by, at));
  }

  /** Keeps an open incident, and the next ones of its rule and scope, from telling anybody. */
  public Outcome silence(String id, Instant until, String by, String reason) {
    Steps.At at = at();
    return step(id, true, former -> steps.silenced(former, until, by, reason, at));
  }

  /** Ends a silence; where there is none that is harmless. */
  public Outcome unsilence(String id) {
    Steps.At at = at();
    return step(id, false, former -> steps.unsilenced(former, at));
  }

  /**
   * Resolves an incident. It opens again only if its severity rises above what it was, or after it
   * has been within its bounds.
   */
  public Outcome resolve(String id, String by, String reason) {
    Steps.At at = at();
    return step(
        id, true, former -> steps.resolved(former, null, null, Steps.BY_HAND, by, reason, at));
  }

  private Steps.At at() {
    return new Steps.At(clock.instant(), dataLag.get());
  }

  private Outcome step(String id, boolean onlyOpen, UnaryOperator<Incident> step) {
    Optional<Incident> known = book.find(id);
    if (known.isEmpty()) {
      return new Outcome.Unknown();
    }
    if (onlyOpen && !IncidentBook.isOpen(known.get())) {
      return new Outcome.Refused(known.get(), "it is resolved already");
    }
    book.apply(List.of(new Change(id, former -> step.apply(former == null ? known.get() : former))))
        .forEach(outlet);
    return new Outcome.Done(book.find(id).orElse(known.get()));
  }
}
