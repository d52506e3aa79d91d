package io.outlay.detector.incident;

import io.outlay.detector.delivery.Message;
import io.outlay.detector.incident.IncidentJson.Details;
import io.outlay.detector.rule.Comparison;
import io.outlay.detector.rule.Explanation;
import io.outlay.detector.rule.Judge;
import io.outlay.detector.rule.Now;
import io.outlay.detector.rule.Rule;
import io.outlay.detector.rule.Verdict;
import io.outlay.detector.spend.Scope;
import io.outlay.detector.spend.ScopeSpend;
import io.outlay.detector.spend.SpendStore;
import io.outlay.detector.spend.Window;
import io.outlay.money.Money;
import io.outlay.schema.Incident;
import io.outlay.schema.IncidentSeverity;
import io.outlay.schema.IncidentStatus;
import io.outlay.schema.Notification;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Opens and resolves incidents as spend changes. Judges scopes that changed since last time and
 * those with an open incident; nothing else can have a new verdict, since what the baseline expects
 * only grows while a day runs.
 *
 * <p>"Now" is the latest event time. A day that ended longer ago than the maximal age, by the wall
 * clock, is history and opens nothing, however late its events arrive. A day is judged for a short
 * while after its end, so that its last minutes count; then its incidents resolve. For one thread.
 */
public final class Detector {
  /** How long a day is judged after its end. */
  public static final Duration GRACE = Duration.ofMinutes(5);

  /**
   * How long a scope's earlier days must have been quiet before it can open an incident: while they
   * are still being loaded, the baseline is too low.
   */
  static final Duration SETTLE = Duration.ofSeconds(1);

  /** How long at most that puts an incident off. */
  static final Duration MAX_SETTLE = Duration.ofSeconds(15);

  private static final Logger LOG = System.getLogger(Detector.class.getName());
  private static final int MAX_STATES_KEPT = 20;

  private final List<Watch> watches;
  private final SpendStore store;
  private final ZoneId zone;
  private final IncidentBook book;
  private final Consumer<Message> outlet;
  private final IncidentJson json;
  private final Set<String> receivers;
  private final Duration maxAge;
  private final Clock clock;
  private long judgements;
  private long opened;
  private long resolved;

  /**
   * @param outlet takes messages once they are durably owed
   * @param receivers names of those that are configured
   * @param maxAge how long ago a day may have ended, by the wall clock, that is still judged
   */
  public Detector(
      List<Rule> rules,
      SpendStore store,
      ZoneId zone,
      IncidentBook book,
      Consumer<Message> outlet,
      IncidentJson json,
      Set<String> receivers,
      Duration maxAge,
      Clock clock) {
    this.watches = rules.stream().map(Watch::new).toList();
    this.store = store;
    this.zone = zone;
    this.book = book;
    this.outlet = outlet;
    this.json = json;
    this.receivers = Set.copyOf(receivers);
    this.maxAge = maxAge;
    this.clock = clock;
  }

  /** What one rule has to look at again. */
  private static final class Watch {
    private final Rule rule;
    private Set<Scope> pending = new HashSet<>();
    private final Map<Scope, Instant> puttingOffSince = new HashMap<>();

    /** Scopes that are silent because of an open incident, by its id. */
    private final Map<String, Set<Scope>> silenced = new HashMap<>();

    Watch(Rule rule) {
      this.rule = rule;
    }
  }

  /** Comparisons made so far. */
  public long judgements() {
    return judgements;
  }

  /** Incidents opened so far, reopened ones included. */
  public long opened() {
    return opened;
  }

  /** Incidents resolved so far. */
  public long resolved() {
    return resolved;
  }

  /**
   * Judges what has changed.
   *
   * @throws IncidentLogException if its outcome could not be written; the next call judges it again
   */
  public void evaluate() {
    Instant wall = clock.instant();
    Set<Scope> changed = store.takeChanged();
    for (Watch watch : watches) {
      changed.stream()
          .filter(scope -> watch.rule.terms().by().contains(scope.cut()))
          .forEach(watch.pending::add);
    }
    Round round = new Round(new Now(store.latestEvent().orElse(null), wall));
    closeEnded(round);
    for (Watch watch : watches) {
      List<Judge> judges =
          watch.rule.judges(round.now).stream()
              .filter(judge -> !round.isHistory(judge.window()))
              .toList();
      if (!judges.isEmpty()) {
        Set<Scope> again = new HashSet<>();
        judges.forEach(judge -> judge(round, watch, judge, again));
        round.afterwards.add(
            () -> {
              watch.pending = again;
              round.closed.forEach(id -> release(watch, id));
            });
      }
    }
    List<Message> owed = book.apply(round.changes);
    round.afterwards.forEach(Runnable::run);
    owed.forEach(outlet);
    book.forget(wall);
  }

  /** One call of {@link #evaluate}. */
  private final class Round {
    private final Now now;
    private final List<Change> changes = new ArrayList<>();
    private final Set<String> closed = new HashSet<>();

    /** What holds only once the changes are written. */
    private final List<Runnable> afterwards = new ArrayList<>();

    Round(Now now) {
      this.now = now;
    }

    Instant wall() {
      return now.wall();
    }

    private boolean isHistory(Window window) {
      return !wall().isBefore(window.end().plus(maxAge));
    }

    boolean isOver(Instant windowEnd) {
      Instant event = now.event();
      boolean byEvents = event != null && !event.isBefore(windowEnd.plus(GRACE));
      boolean byClock = !wall().isBefore(windowEnd.plus(GRACE).plus(maxAge));
      return byEvents || byClock;
    }
  }

  private void release(Watch watch, String incidentId) {
    Set<Scope> scopes = watch.silenced.remove(incidentId);
    if (scopes != null) {
      watch.pending.addAll(scopes);
    }
  }

  private void closeEnded(Round round) {
    for (Incident incident : incidentsOfRules()) {
      if (round.isOver(Micros.toInstant(incident.getWindowEndMicros()))) {
        resolve(round, incident, lastFigures(incident), "window-over");
      }
    }
  }

  private List<Incident> incidentsOfRules() {
    return book.open().stream().filter(incident -> !BudgetIncidents.isOfBudget(incident)).toList();
  }

  /** The whole window as it is known now; null if its rule or its figures are gone. */
  private @Nullable Comparison lastFigures(Incident incident) {
    Optional<Rule> rule = rule(incident);
    Optional<ScopeSpend> spend = store.find(scope(incident));
    if (rule.isEmpty() || spend.isEmpty()) {
      return null;
    }
    Judge judge =
        rule.get()
            .afterwards(
                new Window(
                    zone,
                    Micros.toInstant(incident.getWindowStartMicros()),
                    Micros.toInstant(incident.getWindowEndMicros())));
    return judge
        .judge(spend.get())
        .figures()
        .filter(figures -> figures.actualUsd().signum() != 0)
        .orElse(null);
  }

  private Optional<Rule> rule(Incident incident) {
    return watches.stream()
        .map(watch -> watch.rule)
        .filter(any -> any.terms().name().equals(incident.getRule()))
        .findFirst();
  }

  private void judge(Round round, Watch watch, Judge judge, Set<Scope> again) {
    Rule rule = watch.rule;
    List<Scope> open = new ArrayList<>();
    for (Incident incident : incidentsOfRules()) {
      if (incident.getRule().equals(rule.terms().name())
          && incident.getWindowStartMicros() == Micros.of(judge.window().start())
          && !round.closed.contains(incident.getIncidentId())) {
        Scope scope = scope(incident);
        if (judge(judge, scope) instanceof Verdict.Within within) {
          resolve(round, incident, within.comparison(), "within-threshold");
        } else {
          open.add(scope);
        }
      }
    }
    List<Scope> known = new ArrayList<>(open);
    List<Candidate> candidates = new ArrayList<>();
    for (Scope scope : watch.pending) {
      if (open.contains(scope)) {
        continue;
      }
      if (!(judge(judge, scope) instanceof Verdict.Exceeded exceeded)) {
        watch.puttingOffSince.remove(scope);
        continue;
      }
      Optional<Incident> former =
          book.find(Names.incident(rule.terms().name(), scope, judge.window().start()));
      if (former.isPresent() && !exceeded.clearly()) {
        // It hovers at the threshold: that has been said, also of what shares its money.
        known.add(scope);
        continue;
      }
      ScopeSpend spend = store.find(scope).orElseThrow();
      if (!settled(watch, spend, judge.window(), round.wall())) {
        again.add(scope);
        continue;
      }
      candidates.add(new Candidate(exceeded, judge.explain(spend, exceeded.comparison())));
    }
    Grouping grouping = Grouping.of(candidates, rule.terms().by(), known);
    grouping.pages().forEach((page, children) -> open(round, watch, page, children));
    grouping
        .children()
        .forEach(
            (parent, children) ->
                silence(
                    round,
                    watch,
                    Names.incident(rule.terms().name(), parent, judge.window().start()),
                    children));
  }

  private Verdict judge(Judge judge, Scope scope) {
    judgements++;
    return store
        .find(scope)
        .map(judge::judge)
        .orElseGet(() -> new Verdict.Unknown("nothing is known of it"));
  }

  private static boolean settled(Watch watch, ScopeSpend spend, Window window, Instant wall) {
    if (!wall.isBefore(spend.baselineChangedAt(window.date()).plus(SETTLE))) {
      watch.puttingOffSince.remove(spend.scope());
      return true;
    }
    Instant since = watch.puttingOffSince.computeIfAbsent(spend.scope(), scope -> wall);
    return !wall.isBefore(since.plus(MAX_SETTLE));
  }

  private void silence(Round round, Watch watch, String parentId, List<Candidate> children) {
    round.afterwards.add(
        () -> {
          Set<Scope> scopes = watch.silenced.computeIfAbsent(parentId, id -> new LinkedHashSet<>());
          children.forEach(child -> scopes.add(child.scope()));
        });
  }

  private void open(Round round, Watch watch, Candidate page, List<Candidate> children) {
    Rule rule = watch.rule;
    Comparison comparison = page.comparison();
    String id = Names.incident(rule.terms().name(), page.scope(), comparison.window().start());
    round.changes.add(
        new Change(
            id,
            former -> {
              Incident incident = opened(rule, page, id, former, round.wall());
              String body =
                  json.webhook(
                      IncidentJson.OPENED,
                      incident,
                      new Details(comparison, page.explanation(), children, round.now.lag(), null));
              return notifying(incident, rule.terms().receivers(), body, round.wall());
            }));
    silence(round, watch, id, children);
    round.afterwards.add(
        () -> {
          opened++;
          LOG.log(
              Level.INFO,
              "incident {0} opened: rule {1}, {2}, {3} USD where {4} were expected",
              id,
              rule.terms().name(),
              page.scope(),
              IncidentJson.usd(comparison.actualUsd()),
              IncidentJson.usd(comparison.expected()));
        });
  }

  private static Incident opened(
      Rule rule, Candidate page, String id, @Nullable Incident former, Instant wall) {
    Comparison comparison = page.comparison();
    Incident.Builder builder =
        former != null
            ? Incident.newBuilder(former)
            : Incident.newBuilder()
                .setIncidentId(id)
                .setDedupKey(Names.dedupKey(rule.terms().name(), comparison.scope()))
                .setScope(comparison.scope().toMap())
                .setWindowStartMicros(Micros.of(comparison.window().start()))
                .setWindowEndMicros(Micros.of(comparison.window().end()))
                .setStartedAtMicros(Micros.of(comparison.asOf()))
                .setDetectedAtMicros(Micros.of(wall));
    return figures(builder, comparison)
        .setStatus(IncidentStatus.OPEN)
        .setSeverity(IncidentSeverity.valueOf(page.verdict().severity().name()))
        .setRule(rule.terms().name())
        .setRuleType(rule.terms().type())
        .setThreshold(rule.terms().threshold().toPlainString())
        .setTimezone(comparison.window().zone().getId())
        .setUpdatedAtMicros(Micros.of(wall))
        .setResolvedAtMicros(null)
        .setStates(former == null ? 1 : former.getStates() + 1)
        .build();
  }

  private void resolve(
      Round round, Incident open, @Nullable Comparison comparison, String resolution) {
    String id = open.getIncidentId();
    round.closed.add(id);
    round.changes.add(
        new Change(
            id,
            former -> {
              Incident.Builder builder = Incident.newBuilder(former == null ? open : former);
              if (comparison != null) {
                figures(builder, comparison);
              }
              Incident incident =
                  builder
                      .setStatus(IncidentStatus.RESOLVED)
                      .setUpdatedAtMicros(Micros.of(round.wall()))
                      .setResolvedAtMicros(Micros.of(round.wall()))
                      .setStates(open.getStates() + 1)
                      .build();
              String body =
                  json.webhook(
                      IncidentJson.RESOLVED,
                      incident,
                      new Details(
                          comparison,
                          comparison == null ? null : explain(incident, comparison),
                          List.of(),
                          round.now.lag(),
                          resolution));
              return notifying(incident, toldOf(incident), body, round.wall());
            }));
    round.afterwards.add(
        () -> {
          resolved++;
          LOG.log(Level.INFO, "incident {0} resolved: {1}", id, resolution);
        });
  }

  private @Nullable Explanation explain(Incident incident, Comparison comparison) {
    Optional<ScopeSpend> spend = store.find(comparison.scope());
    return spend
        .flatMap(
            known ->
                rule(incident)
                    .map(rule -> rule.afterwards(comparison.window()).explain(known, comparison)))
        .orElse(null);
  }

  private static Incident.Builder figures(Incident.Builder builder, Comparison comparison) {
    return builder
        .setActualUsd(comparison.actualUsd().setScale(Money.SCALE))
        .setExpectedUsd(comparison.expected().setScale(Money.SCALE));
  }

  /** Adds a notification of the incident's state for each receiver that is configured. */
  private Incident notifying(Incident incident, List<String> names, String body, Instant wall) {
    // What is settled and many states ago is dropped, so that the record stays small.
    List<Notification> notifications =
        new ArrayList<>(
            incident.getNotifications().stream()
                .filter(
                    notification ->
                        IncidentBook.isOwed(notification)
                            || notification.getState() > incident.getStates() - MAX_STATES_KEPT)
                .toList());
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
                    .setCreatedAtMicros(Micros.of(wall))
                    .build())
        .forEach(notifications::add);
    return Incident.newBuilder(incident).setNotifications(notifications).build();
  }

  /** Whoever was told that it opened is told that it is over. */
  private static List<String> toldOf(Incident incident) {
    return incident.getNotifications().stream().map(Notification::getReceiver).distinct().toList();
  }

  private static Scope scope(Incident incident) {
    return Scope.of(incident.getScope());
  }
}
