package io.outlay.collectors.attribution;

import io.outlay.collectors.access.Publisher;
import io.outlay.schema.UsageEvent;
import io.outlay.usage.UsageRules;
import io.outlay.usage.Violation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the owner of usage by what its source says of itself, and holds API keys to their team. */
public final class Attribution {
  private final List<Entry> entries;

  /** What an owner is found by. */
  public enum By {
    /** {@code service.name} of OpenTelemetry. */
    SERVICE,
    /** Alias of a virtual key of an LLM gateway. */
    KEY,
    /** Kubernetes namespace. */
    NAMESPACE
  }

  /**
   * An owner and how it is found.
   *
   * @param pattern the name; a {@code *} at its end stands for any rest
   */
  public record Entry(By by, String pattern, Owner owner) {
    boolean fits(By kind, String name) {
      return kind == by && new NamePattern(pattern).fits(name);
    }
  }

  /**
   * @param entries the first that fits holds
   */
  public Attribution(List<Entry> entries) {
    this.entries = List.copyOf(entries);
  }

  /** The owner of what is found by a name, or null if none is configured. */
  public @Nullable Owner find(By by, String name) {
    for (Entry entry : entries) {
      if (entry.fits(by, name)) {
        return entry.owner();
      }
    }
    return null;
  }

  /**
   * Settles whom an event belongs to, for sources that may name nobody. In this order: the team
   * that the event names, the publisher's, the owner's, {@link Owner#UNATTRIBUTED}. The owner's
   * other dimensions fill those that the event leaves empty.
   *
   * @param owner as found, null if none was
   * @return what is wrong with the team that the event names, or null
   */
  public static @Nullable Violation settle(
      UsageEvent event, Publisher publisher, @Nullable Owner owner) {
    if (event.getTeam().isEmpty()) {
      String bound = publisher.team();
      event.setTeam(bound != null ? bound : (owner == null ? Owner.NOBODY : owner).team());
    }
    if (owner != null) {
      if (event.getProject().isEmpty()) {
        event.setProject(owner.project());
      }
      if (event.getFeature().isEmpty()) {
        event.setFeature(owner.feature());
      }
      if (event.getEnvironment().isEmpty()) {
        event.setEnvironment(owner.environment());
      }
    }
    return violation(event.getTeam(), publisher);
  }

  /** What is wrong with a team that a publisher names, or null. */
  public static @Nullable Violation violation(String team, Publisher publisher) {
    String bound = publisher.team();
    return bound == null || bound.equals(team)
        ? null
        : new Violation(
            "data.team",
            "must be "
                + UsageRules.shown(bound)
                + ", the team of the API key "
                + publisher.name()
                + ", was "
                + UsageRules.shown(team));
  }
}
