package io.outlay.detector.incident;

import io.outlay.detector.incident.IncidentJson.Told;
import io.outlay.detector.rule.Comparison;
import io.outlay.detector.rule.Explanation;
import io.outlay.detector.rule.Metric;
import io.outlay.detector.rule.Severity;
import io.outlay.detector.rule.Terms;
import io.outlay.detector.rule.Verdict;
import io.outlay.detector.spend.Dimension;
import io.outlay.money.Money;
import io.outlay.schema.Incident;
import io.outlay.schema.IncidentCause;
import io.outlay.schema.IncidentChild;
import io.outlay.schema.IncidentDrivers;
import io.outlay.schema.IncidentSeverity;
import io.outlay.schema.IncidentStatus;
import io.outlay.schema.Notification;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The steps of an incident's life: open, escalated, acknowledged, silenced, resolved, open again.
 * Each makes the next state out of the former and adds what has become owed to receivers; a step
 * that is not possible any more returns its argument. Without state of its own, so that a step can
 * be taken again if it could not be written.
 *
 * <p>While an incident is silenced its states go on and nobody is told. Once that is over, whoever
 * was told of something else is told where it stands now.
 */
final class Steps {
  /** Contributors that a record keeps. */
  static final int MAX_CAUSES = 60;

  /** Children that a record keeps. */
  static final int MAX_CHILDREN = 50;

  /** Resolution of what somebody resolved. */
  static final String BY_HAND = "by-hand";

  /** Resolution of what is as it should be again. */
  static final String WITHIN = "within-threshold";

  private static final int RATIO_PLACES = 4;
  private static final int MAX_STATES_KEPT = 20;

  private final IncidentJson json;
  private final Set<String> receivers;

  /**
   * @param receivers names of those that are configured
   */
  Steps(IncidentJson json, Set<String> receivers) {
    this.json = json;
    this.receivers = Set.copyOf(receivers);
  }

  /** When a step is taken, and how far events are behind. */
  record At(Instant wall, Duration dataLag) {}

  /**
   * What is known of a scope that is out of its bounds.
   *
   * @param more contributors beside those of the explanation
   */
  record Findings(
      Verdict.Exceeded verdict,
      Explanation explanation,
      List<Explanation.Cause> more,
      List<IncidentChild> children) {}

  /**
   * Opens an incident, or opens it again.
   *
   * @param silence an incident of the same rule and scope that is silenced; it holds for this one
   */
  Incident opened(
      String id,
      Terms terms,
      Findings findings,
      @Nullable Incident former,
      @Nullable Incident silence,
      At at) {
    if (former != null && IncidentBook.isOpen(former)) {
      return former;
    }
    Comparison comparison = findings.verdict().comparison();
    Incident.Builder builder =
        former != null
            ? Incident.newBuilder(former).setReopened(former.getReopened() + 1)
            : Incident.newBuilder()
                .setIncidentId(id)
                .setDedupKey(Names.dedupKey(terms.name(), comparison.scope()))
                .setScope(comparison.scope().toMap())
                .setStartedAtMicros(Micros.of(comparison.asOf()))
                .setDetectedAtMicros(Micros.of(at.wall()));
    if (silence != null && former == null) {
      builder
          .setSilencedUntilMicros(silence.getSilencedUntilMicros())
          .setSilencedBy(silence.getSilencedBy())
          .setSilenceReason(silence.getSilenceReason());
    }
    found(builder, findings)
        .setStatus(IncidentStatus.OPEN)
        .setSeverity(severity(findings.verdict().severity()))
        .setRule(terms.name())
        .setRuleType(terms.type())
        .setThreshold(terms.threshold().toPlainString())
        .setAcknowledgedBy("")
        .setAcknowledgedAtMicros(null)
        .setResolvedAtMicros(null)
        .setResolution("")
        .setResolvedBy("")
        .setUpdatedAtMicros(Micros.of(at.wall()))
        .setStates(former == null ? 1 : former.getStates() + 1);
    return telling(builder.build(), IncidentJson.OPENED, terms.receivers(), at);
  }

  /**
   * Takes new figures; the children stay. If the severity rises that is a state of its own; a
   * severity once reached is kept while the incident is open, so that each is told once. Whoever
   * has taken it on is told when it becomes critical only.
   */
  Incident followed(Incident former, Terms terms, Findings findings, At at) {
    if (!IncidentBook.isOpen(former)) {
      return former;
    }
    Incident.Builder builder =
        found(Incident.newBuilder(former), findings)
            .setChildren(former.getChildren())
            .setUpdatedAtMicros(Micros.of(at.wall()));
    IncidentSeverity severity = severity(findings.verdict().severity());
    if (severity.compareTo(former.getSeverity()) <= 0) {
      return builder.build();
    }
    builder.setSeverity(severity).setStates(former.getStates() + 1);
    if (former.getStatus() == IncidentStatus.ACKNOWLEDGED
        && severity != IncidentSeverity.CRITICAL) {
      return builder.build();
    }
    return telling(
        builder.setStatus(IncidentStatus.ESCALATED).build(),
        IncidentJson.ESCALATED,
        terms.receivers(),
        at);
  }

  /** Replaces the children, without telling anybody. */
  Incident regrouped(Incident former, List<IncidentChild> children, At at) {
    return Incident.newBuilder(former)
        .setChildren(bounded(children))
        .setUpdatedAtMicros(Micros.of(at.wall()))
        .build();
  }

  /** Takes contributors that became known later, without telling anybody. */
  Incident explained(Incident former, List<Explanation.Cause> more) {
    List<IncidentCause> causes = new ArrayList<>(former.getCauses());
    Set<String> known = new HashSet<>(causes.stream().map(IncidentCause::getDimension).toList());
    more.stream()
        .filter(cause -> !known.contains(cause.dimension().key()))
        .map(Steps::cause)
        .forEach(causes::add);
    return Incident.newBuilder(former).setCauses(sorted(causes)).build();
  }

  /**
   * Ends an incident and tells whoever was told of it.
   *
   * @param comparison last figures; null if there are none
   * @param by who did; empty if nobody had to
   */
  Incident resolved(
      Incident former,
      @Nullable Comparison comparison,
      @Nullable Explanation explanation,
      String resolution,
      String by,
      String reason,
      At at) {
    if (!IncidentBook.isOpen(former)) {
      return former;
    }
    Incident.Builder builder = Incident.newBuilder(former);
    if (comparison != null) {
      figures(builder, comparison);
      if (explanation != null) {
        explained(builder, comparison, explanation, List.of());
      }
    }
    if (!reason.isEmpty()) {
      List<String> notes = new ArrayList<>(builder.getNotes());
      notes.add("resolved by " + by + ": " + reason);
      builder.setNotes(notes);
    }
    builder
        .setStatus(IncidentStatus.RESOLVED)
        .setResolution(resolution)
        .setResolvedBy(by)
        .setUpdatedAtMicros(Micros.of(at.wall()))
        .setResolvedAtMicros(Micros.of(at.wall()))
        .setStates(former.getStates() + 1);
    return telling(builder.build(), IncidentJson.RESOLVED, toldOf(former), at);
  }

  /** Somebody takes it on: whoever was told of it is told so. */
  Incident acknowledged(Incident former, String by, At at) {
    if (!IncidentBook.isOpen(former)
        || (former.getStatus() == IncidentStatus.ACKNOWLEDGED
            && former.getAcknowledgedBy().equals(by))) {
      return former;
    }
    Incident after =
        Incident.newBuilder(former)
            .setStatus(IncidentStatus.ACKNOWLEDGED)
            .setAcknowledgedBy(by)
            .setAcknowledgedAtMicros(Micros.of(at.wall()))
            .setUpdatedAtMicros(Micros.of(at.wall()))
            .setStates(former.getStates() + 1)
            .build();
    return telling(after, IncidentJson.ACKNOWLEDGED, toldOf(former), at);
  }

  /** From now on it tells nobody, not even of this. */
  Incident silenced(Incident former, Instant until, String by, String reason, At at) {
    return IncidentBook.isOpen(former)
        ? Incident.newBuilder(former)
            .setSilencedUntilMicros(Micros.of(until))
            .setSilencedBy(by)
            .setSilenceReason(reason)
            .setUpdatedAtMicros(Micros.of(at.wall()))
            .setStates(former.getStates() + 1)
            .build()
        : former;
  }

  /** Ends a silence before its time; what it kept quiet is told by {@link #heardAgain}. */
  Incident unsilenced(Incident former, At at) {
    return isSilenced(former, at.wall())
        ? Incident.newBuilder(former)
            .setSilencedUntilMicros(Micros.of(at.wall()))
            .setUpdatedAtMicros(Micros.of(at.wall()))
            .build()
        : former;
  }

  /**
   * A silence is over: tells what it kept quiet, if that still holds.
   *
   * @param names who is told if it opens
   */
  Incident heardAgain(Incident former, List<String> names, At at) {
    if (former.getSilencedUntilMicros() == null || isSilenced(former, at.wall())) {
      return former;
    }
    Incident.Builder builder =
        Incident.newBuilder(former)
            .setSilencedUntilMicros(null)
            .setUpdatedAtMicros(Micros.of(at.wall()));
    Optional<Told> told = lastTold(former);
    boolean toldOver = told.isPresent() && told.get().type().equals(IncidentJson.RESOLVED);
    String type = null;
    List<String> who = names;
    if (!IncidentBook.isOpen(former)) {
      if (told.isPresent() && !toldOver) {
        type = IncidentJson.RESOLVED;
        who = toldOf(former);
      }
    } else if (told.isEmpty() || toldOver) {
      type = IncidentJson.OPENED;
    } else if (former.getSeverity().compareTo(told.get().severity()) > 0) {
      type = IncidentJson.ESCALATED;
    }
    return type == null
        ? builder.build()
        : telling(builder.setStates(former.getStates() + 1).build(), type, who, at);
  }

  /** What somebody resolved has since been within its bounds: from now on it may open again. */
  Incident settledDown(Incident former) {
    return isDismissed(former) ? Incident.newBuilder(former).setResolution(WITHIN).build() : former;
  }

  /** Whether it tells nobody for now. */
  static boolean isSilenced(Incident incident, Instant wall) {
    Long until = incident.getSilencedUntilMicros();
    return until != null && until > Micros.of(wall);
  }

  /** Whether somebody resolved it and it has been out of its bounds ever since. */
  static boolean isDismissed(Incident incident) {
    return !IncidentBook.isOpen(incident) && incident.getResolution().equals(BY_HAND);
  }

  static IncidentSeverity severity(Severity severity) {
    return IncidentSeverity.valueOf(severity.name());
  }

  static IncidentChild child(Candidate candidate) {
    return IncidentChild.newBuilder()
        .setScope(candidate.scope().toMap())
        .setImpactUsd(usd(candidate.impactUsd()))
        .build();
  }

  private static List<IncidentChild> bounded(List<IncidentChild> children) {
    return children.stream()
        .sorted(
            Comparator.comparing(IncidentChild::getImpactUsd)
                .reversed()
                .thenComparing(child -> child.getScope().toString()))
        .limit(MAX_CHILDREN)
        .toList();
  }

  private static Incident.Builder found(Incident.Builder builder, Findings findings) {
    Comparison comparison = findings.verdict().comparison();
    figures(builder, comparison);
    builder.setNotes(findings.verdict().notes()).setChildren(bounded(findings.children()));
    return explained(builder, comparison, findings.explanation(), findings.more());
  }

  private static Incident.Builder explained(
      Incident.Builder builder,
      Comparison comparison,
      Explanation explanation,
      List<Explanation.Cause> more) {
    List<IncidentCause> causes = new ArrayList<>();
    Set<String> dimensions = new HashSet<>();
    for (Explanation.Cause cause : explanation.causes()) {
      causes.add(cause(cause));
      dimensions.add(cause.dimension().key());
    }
    for (Explanation.Cause cause : more) {
      if (!explanation.causes().contains(cause)) {
        causes.add(cause(cause));
        dimensions.add(cause.dimension().key());
      }
    }
    if (builder.hasCauses()) {
      // What was asked for once is not asked for again with each new figure.
      builder.getCauses().stream()
          .filter(cause -> isAsked(cause) || explanation.causes().isEmpty())
          .filter(cause -> !dimensions.contains(cause.getDimension()))
          .forEach(causes::add);
    }
    Explanation.Drivers drivers = explanation.drivers();
    boolean isSpend =
        comparison.metric() == Metric.COST || !drivers.equals(Explanation.Drivers.NONE);
    return builder
        .setCauses(sorted(causes))
        .setDrivers(
            isSpend
                ? IncidentDrivers.newBuilder()
                    .setVolumeUsd(usd(drivers.volumeUsd()))
                    .setUnitPriceUsd(usd(drivers.unitPriceUsd()))
                    .setMixUsd(usd(drivers.mixUsd()))
                    .build()
                : null);
  }

  /** Whether it is of a dimension that cells do not know. */
  private static boolean isAsked(IncidentCause cause) {
    return Dimension.OF_CELLS.stream()
        .noneMatch(dimension -> dimension.key().equals(cause.getDimension()));
  }

  /** Of equal ones those that name something come first, and of these feature, model and team. */
  private static List<IncidentCause> sorted(List<IncidentCause> causes) {
    return causes.stream()
        .sorted(
            Comparator.comparing(IncidentCause::getDeltaUsd)
                .reversed()
                .thenComparing(cause -> cause.getValue().isEmpty())
                .thenComparing(cause -> !new Dimension(cause.getDimension()).isOfCells()))
        .limit(MAX_CAUSES)
        .toList();
  }

  private static IncidentCause cause(Explanation.Cause cause) {
    return IncidentCause.newBuilder()
        .setDimension(cause.dimension().key())
        .setValue(cause.value())
        .setDeltaUsd(usd(cause.deltaUsd()))
        .setShare(cause.share().setScale(RATIO_PLACES, RoundingMode.HALF_EVEN))
        .build();
  }

  private static Incident.Builder figures(Incident.Builder builder, Comparison comparison) {
    boolean isSpend = comparison.metric() == Metric.COST;
    return builder
        .setWindowStartMicros(Micros.of(comparison.window().start()))
        .setWindowEndMicros(Micros.of(comparison.window().end()))
        .setTimezone(comparison.window().zone().getId())
        .setActualUsd(usd(comparison.actualUsd()))
        .setExpectedUsd(usd(expectedUsd(comparison)))
        .setMetric(comparison.metric().key())
        .setUnit(comparison.metric().unit())
        .setActual(isSpend ? "" : comparison.actual().toPlainString())
        .setExpected(isSpend ? "" : comparison.expected().toPlainString())
        .setImpactUsd(usd(comparison.impactUsd()))
        .setProjectedUsd(usd(comparison.projectedUsd()))
        .setConfidence(comparison.confidence().setScale(RATIO_PLACES, RoundingMode.HALF_EVEN));
  }

  /** Spend without what is at stake. */
  static BigDecimal expectedUsd(Comparison comparison) {
    return comparison.metric() == Metric.COST
        ? comparison.expected()
        : comparison.actualUsd().subtract(comparison.impactUsd());
  }

  static BigDecimal usd(BigDecimal amount) {
    return amount.setScale(Money.SCALE, RoundingMode.HALF_EVEN);
  }

  /** Adds what is owed to receivers for a state, unless the incident is silenced. */
  Incident telling(Incident incident, String type, List<String> names, At at) {
    // What is settled and many states ago is dropped, so that the record stays small.
    List<Notification> notifications =
        new ArrayList<>(
            incident.getNotifications().stream()
                .filter(
                    notification ->
                        IncidentBook.isOwed(notification)
                            || notification.getState() > incident.getStates() - MAX_STATES_KEPT)
                .toList());
    if (!isSilenced(incident, at.wall())) {
      String body = json.webhook(type, incident, at.dataLag());
      names.stream()
          .filter(receivers::contains)
          .map(
              receiver ->
                  Notification.newBuilder()
                      .setReceiver(receiver)
                      .setMessageId(
                          Names.message(incident.getIncidentId(), incident.getStates(), receiver))
                      .setState(incident.getStates())
                      .setBody(body)
                      .setContentType(IncidentJson.CONTENT_TYPE)
                      .setCreatedAtMicros(Micros.of(at.wall()))
                      .build())
          .forEach(notifications::add);
    }
    return Incident.newBuilder(incident).setNotifications(notifications).build();
  }

  /** Whoever was told that it opened is told how it goes on. */
  static List<String> toldOf(Incident incident) {
    return incident.getNotifications().stream().map(Notification::getReceiver).distinct().toList();
  }

  private Optional<Told> lastTold(Incident incident) {
    return incident.getNotifications().stream()
        .max(Comparator.comparing(Notification::getState))
        .map(notification -> json.told(notification.getBody()));
  }
}
