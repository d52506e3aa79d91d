package io.outlay.detector.incident;

import io.outlay.detector.budget.Budget;
import io.outlay.detector.budget.BudgetAlerts;
import io.outlay.detector.budget.Standing;
import io.outlay.detector.budget.Standing.Kind;
import io.outlay.detector.delivery.Message;
import io.outlay.money.Money;
import io.outlay.schema.Incident;
import io.outlay.schema.IncidentSeverity;
import io.outlay.schema.IncidentStatus;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Budgets as incidents: one for what was spent in a period and one for what it will come to. Each
 * opens with the first threshold, escalates with higher ones, and is over when none is reached any
 * more or when the period is. The threshold that was told last stands in the incident, so that none
 * is told twice in a period, whatever happens in between.
 */
public final class BudgetIncidents implements BudgetAlerts {
  /** Their type, in place of a rule's. */
  static final String TYPE = "budget";

  private static final String ACTUAL = "cost";
  private static final String FORECAST = "forecast_cost";
  private static final BigDecimal CRITICAL = new BigDecimal("0.9");
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

  private final IncidentBook book;
  private final Consumer<Message> outlet;
  private final Steps steps;
  private final Clock clock;

  /**
   * @param outlet takes messages once they are durably owed
   * @param receivers names of those that are configured
   */
  public BudgetIncidents(
      IncidentBook book,
      Consumer<Message> outlet,
      IncidentJson json,
      Set<String> receivers,
      Clock clock) {
    this.book = book;
    this.outlet = outlet;
    this.steps = new Steps(json, receivers);
    this.clock = clock;
  }

  static boolean isOfBudget(Incident incident) {
    return incident.getRuleType().equals(TYPE);
  }

  @Override
  public void stand(List<Standing> standings) {
    List<Change> changes = new ArrayList<>();
    Set<String> over = new HashSet<>();
    for (Standing standing : standings) {
      for (Incident incident : openOf(standing.budget().name())) {
        // The new period ends both of the former one: there is no forecast of it at first.
        if (incident.getWindowStartMicros() != Micros.of(standing.period().start())
            && over.add(incident.getIncidentId())) {
          changes.add(over(incident.getIncidentId(), "window-over", Duration.ZERO));
        }
      }
      step(standing).ifPresent(changes::add);
    }
    apply(changes);
  }

  @Override
  public void only(List<Budget> budgets) {
    List<Change> changes = new ArrayList<>();
    for (Incident incident : book.open()) {
      boolean known =
          budgets.stream()
              .anyMatch(
                  budget ->
                      budget.name().equals(incident.getRule())
                          && (budget.forecast() || !incident.getMetric().equals(FORECAST)));
      if (isOfBudget(incident) && !known) {
        changes.add(over(incident.getIncidentId(), "budget-removed", Duration.ZERO));
      }
    }
    apply(changes);
  }

  private List<Incident> openOf(String budget) {
    return book.open().stream()
        .filter(incident -> isOfBudget(incident) && incident.getRule().equals(budget))
        .toList();
  }

  private void apply(List<Change> changes) {
    book.apply(changes).forEach(outlet);
  }

  private Optional<Change> step(Standing standing) {
    String metric = metric(standing);
    String id = Names.budgetIncident(standing.budget().name(), metric, standing.period().start());
    Incident known = book.find(id).orElse(null);
    boolean open = known != null && IncidentBook.isOpen(known);
    if (standing.threshold().isEmpty()) {
      return open ? Optional.of(over(id, "within-threshold", standing.lag())) : Optional.empty();
    }
    BigDecimal threshold = standing.threshold().get();
    boolean told = known != null && threshold.compareTo(new BigDecimal(known.getThreshold())) <= 0;
    return told
        ? Optional.empty()
        : Optional.of(new Change(id, former -> reached(standing, threshold, id, former)));
  }

  private Incident reached(
      Standing standing, BigDecimal threshold, String id, @Nullable Incident former) {
    Budget budget = standing.budget();
    String metric = metric(standing);
    boolean open = former != null && IncidentBook.isOpen(former);
    Incident.Builder builder =
        former != null
            ? Incident.newBuilder(former)
            : Incident.newBuilder()
                .setIncidentId(id)
                .setDedupKey(Names.budgetDedupKey(budget.name(), metric))
                .setWindowStartMicros(Micros.of(standing.period().start()))
                .setStartedAtMicros(Micros.of(standing.asOf()))
                .setDetectedAtMicros(Micros.of(standing.wall()));
    BigDecimal forecast = standing.forecastUsd();
    BigDecimal projected = forecast == null ? standing.actualUsd() : forecast;
    BigDecimal measured = standing.kind() == Kind.FORECAST ? projected : standing.actualUsd();
    Incident incident =
        builder
            .setStatus(open ? IncidentStatus.ESCALATED : IncidentStatus.OPEN)
            .setSeverity(severity(standing.kind(), threshold))
            .setRule(budget.name())
            .setRuleType(TYPE)
            .setThreshold(threshold.toPlainString())
            .setScope(budget.scope())
            .setWindowEndMicros(Micros.of(standing.period().end()))
            .setTimezone(standing.period().zone().getId())
            .setActualUsd(standing.actualUsd().setScale(Money.SCALE))
            .setExpectedUsd(budget.limitUsd().setScale(Money.SCALE))
            .setProjectedUsd(projected.setScale(Money.SCALE))
            .setImpactUsd(measured.subtract(budget.limitUsd()).setScale(Money.SCALE))
            .setMetric(metric)
            .setActual(standing.kind() == Kind.FORECAST ? measured.toPlainString() : "")
            .setExpected(standing.kind() == Kind.FORECAST ? budget.limitUsd().toPlainString() : "")
            .setNotes(List.of(note(standing, threshold, measured)))
            .setUpdatedAtMicros(Micros.of(standing.wall()))
            .setResolvedAtMicros(null)
            .setResolution("")
            .setReopened(former == null ? 0 : former.getReopened() + (open ? 0 : 1))
            .setStates(former == null ? 1 : former.getStates() + 1)
            .build();
    return steps.telling(
        incident,
        open ? IncidentJson.ESCALATED : IncidentJson.OPENED,
        budget.receivers(),
        new Steps.At(standing.wall(), standing.lag()));
  }

  private Change over(String id, String resolution, Duration lag) {
    return new Change(
        id,
        former -> {
          if (former == null) {
            throw new IllegalStateException("only what is open can be over: " + id);
          }
          Instant wall = clock.instant();
          Incident incident =
              Incident.newBuilder(former)
                  .setStatus(IncidentStatus.RESOLVED)
                  .setResolution(resolution)
                  .setResolvedAtMicros(Micros.of(wall))
                  .setUpdatedAtMicros(Micros.of(wall))
                  .setStates(former.getStates() + 1)
                  .build();
          return steps.telling(
              incident, IncidentJson.RESOLVED, Steps.toldOf(former), new Steps.At(wall, lag));
        });
  }

  private static String metric(Standing standing) {
    return standing.kind() == Kind.FORECAST ? FORECAST : ACTUAL;
  }

  /** A forecast may change: it wakes nobody. */
  private static IncidentSeverity severity(Kind kind, BigDecimal threshold) {
    return kind == Kind.ACTUAL && threshold.compareTo(CRITICAL) >= 0
        ? IncidentSeverity.CRITICAL
        : IncidentSeverity.WARNING;
  }

  private static String note(Standing standing, BigDecimal threshold, BigDecimal measured) {
    Budget budget = standing.budget();
    String percent =
        threshold.multiply(HUNDRED).stripTrailingZeros().toPlainString() + " % of the budget";
    return (standing.kind() == Kind.FORECAST ? "the forecast reaches " : "the spend has reached ")
        + percent
        + ": "
        + IncidentJson.usd(measured.setScale(2, RoundingMode.DOWN))
        + " of "
        + IncidentJson.usd(budget.limitUsd())
        + " USD this "
        + budget.period().key();
  }
}
