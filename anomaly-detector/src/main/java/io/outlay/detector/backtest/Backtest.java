package io.outlay.detector.backtest;

import io.outlay.detector.incident.Contributors;
import io.outlay.detector.incident.Detector;
import io.outlay.detector.incident.IncidentBook;
import io.outlay.detector.incident.IncidentJson;
import io.outlay.detector.rule.Judge;
import io.outlay.detector.rule.Now;
import io.outlay.detector.rule.Rule;
import io.outlay.detector.rule.Verdict;
import io.outlay.detector.spend.Cut;
import io.outlay.detector.spend.Scope;
import io.outlay.detector.spend.ScopeSpend;
import io.outlay.detector.spend.SpendStore;
import io.outlay.schema.Incident;
import io.outlay.schema.IncidentStatus;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Feeds the past to the detector as it came, hour by hour of event time, and keeps what it opens.
 * The rules and what becomes of incidents are those of the running detector; the clock on the wall
 * is the end of each hour. An alert is found at the end of an hour at the earliest, where the
 * running detector finds it within seconds.
 */
public final class Backtest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration MAX_AGE = Duration.ofHours(1);

  private final List<Rule> rules;
  private final ZoneId zone;
  private final int daysKept;

  /**
   * @param zone of days and hours
   * @param daysKept days before the running one that the rules look at, ≥ 1
   */
  public Backtest(List<Rule> rules, ZoneId zone, int daysKept) {
    this.rules = List.copyOf(rules);
    this.zone = zone;
    this.daysKept = daysKept;
  }

  /**
   * Runs the rules.
   *
   * @param hours by start; those before {@code from} are history
   * @param from start of the first hour that is judged
   * @param progress is told the start of each hour that is judged
   * @return by time
   * @throws IllegalArgumentException if the hours are not in order
   */
  public List<Alert> run(List<HourOfSpend> hours, Instant from, Consumer<Instant> progress) {
    Run run = new Run();
    int i = 0;
    while (i < hours.size()) {
      Instant start = hours.get(i).start();
      Instant last = start.plus(HOUR).minusNanos(1_000);
      run.wall.now = start.plus(HOUR);
      for (; i < hours.size() && hours.get(i).start().equals(start); i++) {
        HourOfSpend hour = hours.get(i);
        run.store.put(hour.cell(), start, hour.costUsd(), hour.requests(), last, run.wall.now);
      }
      if (i < hours.size() && hours.get(i).start().isBefore(start)) {
        throw new IllegalArgumentException("hours must be in order, was " + hours.get(i));
      }
      if (!start.isBefore(from)) {
        progress.accept(start);
        run.judge();
      }
    }
    return List.copyOf(run.alerts);
  }

  /** A clock that is set. */
  private static final class Wall extends Clock {
    private Instant now = Instant.EPOCH;

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException("a clock of instants has no zone");
    }

    @Override
    public Instant instant() {
      return now;
    }
  }

  private final class Run {
    private final Wall wall = new Wall();
    private final SpendStore store;
    private final Detector detector;
    private final IncidentBook book = new IncidentBook(this::write);
    private final List<Incident> opened = new ArrayList<>();
    private final List<Alert> alerts = new ArrayList<>();

    Run() {
      Set<Cut> cuts = new HashSet<>();
      rules.forEach(rule -> cuts.addAll(rule.terms().by()));
      store = new SpendStore(zone, daysKept + 2, cuts);
      detector =
          new Detector(
              rules,
              store,
              zone,
              book,
              message -> {},
              new IncidentJson(URI.create("http://127.0.0.1")),
              Set.of(),
              Contributors.NONE,
              MAX_AGE,
              wall);
    }

    private void write(List<Incident> incidents) {
      for (Incident incident : incidents) {
        boolean wasOpen =
            book.find(incident.getIncidentId())
                .filter(former -> former.getStatus() != IncidentStatus.RESOLVED)
                .isPresent();
        if (incident.getStatus() == IncidentStatus.OPEN && !wasOpen) {
          opened.add(incident);
        }
      }
    }

    private void judge() {
      detector.evaluate();
      Now now = new Now(store.latestEvent().orElse(null), wall.instant());
      for (Incident incident : opened) {
        rules.stream()
            .filter(rule -> rule.terms().name().equals(incident.getRule()))
            .findFirst()
            .ifPresent(rule -> alert(rule, incident, now));
      }
      opened.clear();
    }

    private void alert(Rule rule, Incident incident, Now now) {
      ScopeSpend spend = store.find(Scope.of(incident.getScope())).orElseThrow();
      for (Judge judge : rule.judges(now)) {
        boolean isOf = judge.window().start().equals(micros(incident.getWindowStartMicros()));
        if (isOf && judge.judge(spend) instanceof Verdict.Exceeded exceeded) {
          alerts.add(
              new Alert(
                  incident.getRule(),
                  exceeded.severity(),
                  exceeded.comparison(),
                  judge.explain(spend, exceeded.comparison()).causes(),
                  exceeded.notes()));
        }
      }
    }

    private Instant micros(long micros) {
      return Instant.EPOCH.plus(Duration.ofNanos(Math.multiplyExact(micros, 1_000L)));
    }
  }
}
