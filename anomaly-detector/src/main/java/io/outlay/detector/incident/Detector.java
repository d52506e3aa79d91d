package io.outlay.detector.incident;

import io.outlay.detector.delivery.Message;
import io.outlay.detector.rule.Comparison;
import io.outlay.detector.rule.Explanation;
import io.outlay.detector.rule.Judge;
import io.outlay.detector.rule.Now;
import io.outlay.detector.rule.Rule;
import io.outlay.detector.rule.Severity;
import io.outlay.detector.rule.Terms;
import io.outlay.detector.rule.Verdict;
import io.outlay.detector.spend.Scope;
import io.outlay.detector.spend.ScopeSpend;
import io.outlay.detector.spend.SpendStore;
import io.outlay.detector.spend.Window;
import io.outlay.schema.Incident;
import io.outlay.schema.IncidentChild;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Opens, escalates and resolves incidents as spend changes. Judges scopes that changed since last
 * time and those with an open incident; nothing else can have a new verdict, since what the
 * baseline expects only grows while a day runs. Rules that are driven by time judge all scopes.
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

  /** How long a continuous rule may have nothing to judge before its incident is over. */
  static final Duration QUIET = Duration.ofHours(1);

  /** Within this time after it was resolved an incident of a continuous rule opens again. */
  static final Duration REOPEN = Duration.ofHours(1);

  /** How long at most a continuous rule leaves alone what somebody resolved. */
  static final Duration DISMISSED = Duration.ofDays(1);

  /** How old the figures of an open incident may become while they change. */
  static final Duration FRESH = Duration.ofMinutes(5);

  private static final Logger LOG = System.getLogger(Detector.class.getName());

  /** Figures that change by this part of themselves are written at once. */
  private static final BigDecimal MATERIAL = new BigDecimal("0.01");

  private final List<Watch> watches;
  private final SpendStore store;
  private final ZoneId zone;
  private final IncidentBook book;
  private final Consumer<Message> outlet;
  private final Steps steps;
  private final Inquiry inquiry;
  private final Duration maxAge;
  private final Clock clock;
  private long judgements;
  private long opened;
  private long reopened;
  private long escalated;
  private long resolved;

  /**
   * @param outlet takes messages once they are durably owed
   * @param receivers names of those that are configured
   * @param contributors asked when an incident opens; cannot hold it up for long
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
      Contributors contributors,
      Duration maxAge,
      Clock clock) {
    this.watches = rules.stream().map(Watch::new).toList();
    this.store = store;
    this.zone = zone;
    this.book = book;
    this.outlet = outlet;
    this.steps = new Steps(json, receivers);
    this.inquiry = new Inquiry(contributors);
    this.maxAge = maxAge;
    this.clock = clock;
  }

  /** What one rule has to look at again. */
  private static final class Watch {
    private final Rule rule;
    private Set<Scope> pending = new HashSet<>();
    private final Map<Scope, Instant> puttingOffSince = new HashMap<>();

    /** Scopes that are silent because of an incident that explains them, by its id. */
    private final Map<String, Set<Scope>> explained = new HashMap<>();

    Watch(Rule rule) {
      this.rule = rule;
    }

    Terms terms() {
      return rule.terms();
    }

    boolean watches(Scope scope) {
      return terms().by().contains(scope.cut());
    }

    /** Whether an incident is one of the rule as it is now. */
    boolean owns(Incident incident) {
      return incident.getRule().equals(terms().name())
          && incident.getRuleType().equals(terms().type())
          && watches(scope(incident));
    }
  }

  /** Comparisons made so far. */
  public long judgements() {
    return judgements;
  }

  /** Incidents opened so far, those opened again included. */
  public long opened() {
    return opened;
  }

  /** Incidents opened again so far. */
  public long reopened() {
    return reopened;
  }

  /** Rises of severity so far. */
  public long escalated() {
    return escalated;
  }

  /** Incidents resolved so far, but for those that somebody resolved. */
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
      Stream<Scope> scopes = watch.rule.isTimeDriven() ? store.scopes().stream() : changed.stream();
      scopes.filter(watch::watches).forEach(watch.pending::add);
    }
    Round round = new Round(new Now(store.latestEvent().orElse(null), wall), book.all());
    endSilences(round);
    closeEnded(round);
    for (Watch watch : watches) {
      List<Judge> judges =
          watch.rule.judges(round.now).stream()
              .filter(judge -> !round.isHistory(judge.window()))
              .toList();
      if (watch.rule.isContinuous() && !judges.isEmpty()) {
        // Its incidents go on from window to window: the newest says where they stand.
        judges = judges.subList(judges.size() - 1, judges.size());
      }
      if (!judges.isEmpty()) {
        Set<Scope> again = new HashSet<>();
        judges.forEach(judge -> judge(round, watch, judge, again));
        round.afterwards.add(
            () -> {
              watch.pending = again;
              round.over.forEach(id -> release(watch, id));
            });
      }
    }
    List<Inquiry.Answer> answers = inquiry.late();
    for (Inquiry.Answer answer : answers) {
      book.find(answer.incidentId())
          .ifPresent(
              incident ->
                  change(round, incident, former -> steps.explained(former, answer.causes())));
    }
    round.contributors.putAll(inquiry.ask(round.openings));
    List<Message> owed = book.apply(round.changes);
    inquiry.taken(answers);
    inquiry.opened(round.openings.keySet(), round.contributors);
    round.afterwards.forEach(Runnable::run);
    owed.forEach(outlet);
    book.forget(wall);
  }

  /** One call of {@link #evaluate}. */
  private final class Round {
    private final Now now;
    private final List<Incident> all;

    /** Those that are open, silenced, or were resolved by somebody: they need a look each time. */
    private final List<Incident> active;

    private final List<Change> changes = new ArrayList<>();

    /** Incidents that this round resolves. */
    private final Set<String> closed = new HashSet<>();

    /** Incidents that explain no other scope any more. */
    private final Set<String> over = new HashSet<>();

    /** What opens, by the ids of incidents. */
    private final Map<String, Comparison> openings = new LinkedHashMap<>();

    /** Contributors to what opens that are known in time, by the ids of incidents. */
    private final Map<String, List<Explanation.Cause>> contributors = new HashMap<>();

    private @Nullable Map<String, List<Incident>> byDedupKey;

    /** What holds only once the changes are written. */
    private final List<Runnable> afterwards = new ArrayList<>();

    Round(Now now, List<Incident> all) {
      this.now = now;
      this.all = all;
      this.active =
          all.stream()
              .filter(
                  incident ->
                      IncidentBook.isOpen(incident)
                          || incident.getSilencedUntilMicros() != null
                          || Steps.isDismissed(incident))
              .sorted(Comparator.comparing(Incident::getIncidentId))
              .toList();
    }

    Instant wall() {
      return now.wall();
    }

    Steps.At at() {
      return new Steps.At(now.wall(), now.lag());
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

    /** All incidents of a rule and scope. */
    List<Incident> of(String dedupKey) {
      Map<String, List<Incident>> index = byDedupKey;
      if (index == null) {
        index = new HashMap<>();
        for (Incident incident : all) {
          index.computeIfAbsent(incident.getDedupKey(), key -> new ArrayList<>()).add(incident);
        }
        byDedupKey = index;
      }
      return index.getOrDefault(dedupKey, List.of());
    }

    Optional<Incident> latest(String dedupKey) {
      return of(dedupKey).stream()
          .max(
              Comparator.comparing(Incident::getDetectedAtMicros)
                  .thenComparing(Incident::getIncidentId));
    }

    /** The incident of a rule and scope that is silenced for longest. */
    Optional<Incident> silenced(String dedupKey) {
      return of(dedupKey).stream()
          .filter(incident -> Steps.isSilenced(incident, wall()))
          .max(Comparator.comparing(Incident::getSilencedUntilMicros));
    }
  }

  private void release(Watch watch, String incidentId) {
    Set<Scope> scopes = watch.explained.remove(incidentId);
    if (scopes != null) {
      watch.pending.addAll(scopes);
    }
  }

  private Optional<Watch> watch(Incident incident) {
    return watches.stream().filter(watch -> watch.owns(incident)).findFirst();
  }

  private void endSilences(Round round) {
    for (Incident incident : round.active) {
      if (incident.getSilencedUntilMicros() != null && !Steps.isSilenced(incident, round.wall())) {
        List<String> names =
            watch(incident)
                .map(watch -> watch.terms().receivers())
                .orElseGet(() -> Steps.toldOf(incident));
        change(round, incident, former -> steps.heardAgain(former, names, round.at()));
      }
    }
  }

  private void closeEnded(Round round) {
    for (Incident incident : round.active) {
      if (!IncidentBook.isOpen(incident) || BudgetIncidents.isOfBudget(incident)) {
        continue;
      }
      Optional<Watch> watch = watch(incident);
      Instant windowEnd = Micros.toInstant(incident.getWindowEndMicros());
      if (watch.isEmpty()) {
        resolve(round, incident, null, null, "rule-removed");
      } else if (watch.get().rule.isContinuous()) {
        if (round.isOver(windowEnd.plus(QUIET))) {
          resolve(round, incident, null, null, "no-data");
        }
      } else if (round.isOver(windowEnd)) {
        resolveEnded(round, watch.get().rule, incident);
      }
    }
  }

  /** Resolves with the whole window as it is known now, if it is. */
  private void resolveEnded(Round round, Rule rule, Incident incident) {
    Judge judge =
        rule.afterwards(
            new Window(
                zone,
                Micros.toInstant(incident.getWindowStartMicros()),
                Micros.toInstant(incident.getWindowEndMicros())));
    Optional<ScopeSpend> spend = store.find(scope(incident));
    Comparison figures =
        spend
            .flatMap(known -> judge.judge(known).figures())
            .filter(known -> known.actualUsd().signum() != 0)
            .orElse(null);
    Explanation explanation = figures == null ? null : judge.explain(spend.orElseThrow(), figures);
    resolve(round, incident, figures, explanation, "window-over");
  }

  private void judge(Round round, Watch watch, Judge judge, Set<Scope> again) {
    Rule rule = watch.rule;
    Map<Scope, String> known = new LinkedHashMap<>();
    Set<Scope> pending = new LinkedHashSet<>(watch.pending);
    Set<Scope> calm = new HashSet<>();
    for (Incident incident : round.active) {
      if (!watch.owns(incident)
          || round.closed.contains(incident.getIncidentId())
          || !isOf(round, rule, incident, judge.window())) {
        continue;
      }
      Scope scope = scope(incident);
      Verdict verdict = judge(judge, scope);
      if (IncidentBook.isOpen(incident)) {
        if (verdict instanceof Verdict.Within within) {
          calm.add(scope);
          resolve(round, incident, within.comparison(), explain(judge, within), Steps.WITHIN);
          pending.remove(scope);
        } else {
          known.put(scope, incident.getIncidentId());
          if (verdict instanceof Verdict.Exceeded exceeded) {
            follow(round, watch, judge, incident, exceeded);
          }
        }
      } else if (Steps.isDismissed(incident)) {
        if (verdict instanceof Verdict.Within) {
          round.over.add(incident.getIncidentId());
          change(round, incident, steps::settledDown);
        } else if (verdict instanceof Verdict.Exceeded exceeded && rises(incident, exceeded)) {
          pending.add(scope);
        } else {
          known.put(scope, incident.getIncidentId());
        }
      }
    }
    List<Candidate> candidates = new ArrayList<>();
    for (Scope scope : pending) {
      if (known.containsKey(scope)) {
        continue;
      }
      if (!(judge(judge, scope) instanceof Verdict.Exceeded exceeded)) {
        watch.puttingOffSince.remove(scope);
        calm.add(scope);
        continue;
      }
      Optional<Incident> former = former(round, rule, scope, judge.window());
      if (former.isPresent() && !exceeded.clearly() && !rises(former.get(), exceeded)) {
        // It hovers at the threshold: that has been said, also of what shares its money.
        known.put(scope, former.get().getIncidentId());
        continue;
      }
      ScopeSpend spend = store.find(scope).orElseThrow();
      if (!settled(watch, spend, judge.window(), round.wall())) {
        again.add(scope);
        continue;
      }
      candidates.add(new Candidate(exceeded, judge.explain(spend, exceeded.comparison())));
    }
    Grouping grouping = Grouping.of(candidates, rule.terms().by(), List.copyOf(known.keySet()));
    grouping.pages().forEach((page, children) -> open(round, watch, page, children));
    Map<String, List<Candidate>> joined = new HashMap<>();
    grouping.children().forEach((parent, children) -> joined.put(known.get(parent), children));
    joined.forEach((parent, children) -> explain(round, watch, parent, children));
    regroup(round, watch, joined, calm);
  }

  /** Whether a judge of this window is the one that says where an incident stands. */
  private static boolean isOf(Round round, Rule rule, Incident incident, Window window) {
    if (!rule.isContinuous()) {
      return incident.getWindowStartMicros() == Micros.of(window.start());
    }
    Long resolvedAt = incident.getResolvedAtMicros();
    return resolvedAt == null
        || round.wall().isBefore(Micros.toInstant(resolvedAt).plus(DISMISSED))
            && round.latest(incident.getDedupKey()).filter(incident::equals).isPresent();
  }

  /** The incident that a scope's opening would open again. */
  private Optional<Incident> former(Round round, Rule rule, Scope scope, Window window) {
    if (!rule.isContinuous()) {
      return book.find(Names.incident(rule.terms().name(), scope, window.start()));
    }
    return round
        .latest(Names.dedupKey(rule.terms().name(), scope))
        .filter(
            incident -> {
              Long resolvedAt = incident.getResolvedAtMicros();
              return resolvedAt == null
                  || round.wall().isBefore(Micros.toInstant(resolvedAt).plus(REOPEN));
            });
  }

  private static boolean rises(Incident incident, Verdict.Exceeded exceeded) {
    return Steps.severity(exceeded.severity()).compareTo(incident.getSeverity()) > 0;
  }

  private Verdict judge(Judge judge, Scope scope) {
    judgements++;
    return store
        .find(scope)
        .map(judge::judge)
        .orElseGet(() -> new Verdict.Unknown("nothing is known of it"));
  }

  private Explanation explain(Judge judge, Verdict.Within within) {
    Comparison comparison = within.comparison();
    return judge.explain(store.find(comparison.scope()).orElseThrow(), comparison);
  }

  private static boolean settled(Watch watch, ScopeSpend spend, Window window, Instant wall) {
    if (!wall.isBefore(spend.baselineChangedAt(window.date()).plus(SETTLE))) {
      watch.puttingOffSince.remove(spend.scope());
      return true;
    }
    Instant since = watch.puttingOffSince.computeIfAbsent(spend.scope(), scope -> wall);
    return !wall.isBefore(since.plus(MAX_SETTLE));
  }

  /** Keeps the figures of an open incident up to date, and its severity. */
  private void follow(
      Round round, Watch watch, Judge judge, Incident incident, Verdict.Exceeded exceeded) {
    Comparison comparison = exceeded.comparison();
    ScopeSpend spend = store.find(comparison.scope()).orElseThrow();
    boolean rises =
        rises(incident, exceeded) && settled(watch, spend, judge.window(), round.wall());
    if (!rises && !isMaterial(incident, comparison, round.wall())) {
      return;
    }
    Verdict.Exceeded said =
        rises || !rises(incident, exceeded)
            ? exceeded
            : new Verdict.Exceeded(
                comparison,
                exceeded.clearly(),
                Severity.valueOf(incident.getSeverity().name()),
                exceeded.notes());
    Steps.Findings findings =
        new Steps.Findings(said, judge.explain(spend, comparison), List.of(), List.of());
    change(round, incident, former -> steps.followed(former, watch.terms(), findings, round.at()));
    if (rises) {
      round.afterwards.add(
          () -> {
            escalated++;
            LOG.log(
                Level.INFO,
                "incident {0} escalated: it is {1}",
                incident.getIncidentId(),
                exceeded.severity());
          });
    }
  }

  private static boolean isMaterial(Incident incident, Comparison comparison, Instant wall) {
    boolean differs =
        differs(incident.getActualUsd(), comparison.actualUsd(), BigDecimal.ZERO)
            || differs(incident.getExpectedUsd(), Steps.expectedUsd(comparison), BigDecimal.ZERO)
            || incident.getWindowEndMicros() != Micros.of(comparison.window().end())
            || !incident.getActual().isEmpty()
                && differs(
                    new BigDecimal(incident.getActual()), comparison.actual(), BigDecimal.ZERO);
    if (!differs) {
      return false;
    }
    BigDecimal impact = incident.getImpactUsd();
    return !wall.isBefore(Micros.toInstant(incident.getUpdatedAtMicros()).plus(FRESH))
        || differs(incident.getActualUsd(), comparison.actualUsd(), MATERIAL)
        || differs(incident.getExpectedUsd(), Steps.expectedUsd(comparison), MATERIAL)
        || impact != null && differs(impact, comparison.impactUsd(), MATERIAL)
        || !incident.getActual().isEmpty()
            && differs(new BigDecimal(incident.getActual()), comparison.actual(), MATERIAL);
  }

  /** Whether two figures are apart by more than a part of the former. */
  private static boolean differs(BigDecimal before, BigDecimal after, BigDecimal part) {
    return after.subtract(before).abs().compareTo(before.abs().multiply(part)) > 0;
  }

  private static void explain(Round round, Watch watch, String parentId, List<Candidate> children) {
    round.afterwards.add(
        () -> {
          Set<Scope> scopes =
              watch.explained.computeIfAbsent(parentId, id -> new LinkedHashSet<>());
          children.forEach(child -> scopes.add(child.scope()));
        });
  }

  /**
   * Keeps the children of open incidents up to date.
   *
   * @param joined children by the incident that explains them, as they are now
   * @param calm scopes that are no children any more
   */
  private void regroup(
      Round round, Watch watch, Map<String, List<Candidate>> joined, Set<Scope> calm) {
    for (Incident incident : round.active) {
      if (!watch.owns(incident)
          || !IncidentBook.isOpen(incident)
          || round.closed.contains(incident.getIncidentId())) {
        continue;
      }
      Map<Map<String, String>, IncidentChild> children = new LinkedHashMap<>();
      incident.getChildren().stream()
          .filter(child -> !calm.contains(Scope.of(child.getScope())))
          .forEach(child -> children.put(child.getScope(), child));
      boolean isMaterial = children.size() != incident.getChildren().size();
      for (Candidate candidate : joined.getOrDefault(incident.getIncidentId(), List.of())) {
        IncidentChild child = Steps.child(candidate);
        IncidentChild before = children.put(child.getScope(), child);
        isMaterial |=
            before == null
                ? children.size() <= Steps.MAX_CHILDREN
                : differs(before.getImpactUsd(), child.getImpactUsd(), MATERIAL);
      }
      if (isMaterial) {
        List<IncidentChild> now = List.copyOf(children.values());
        change(
            round,
            incident,
            former ->
                IncidentBook.isOpen(former) ? steps.regrouped(former, now, round.at()) : former);
      }
    }
  }

  private void open(Round round, Watch watch, Candidate page, List<Candidate> children) {
    Rule rule = watch.rule;
    Comparison comparison = page.comparison();
    Optional<Incident> former = former(round, rule, page.scope(), comparison.window());
    String dedupKey = Names.dedupKey(rule.terms().name(), page.scope());
    String id =
        former
            .map(Incident::getIncidentId)
            .orElseGet(() -> name(round, rule, page.scope(), comparison.window()));
    Incident silence = round.silenced(dedupKey).orElse(null);
    List<IncidentChild> grouped = children.stream().map(Steps::child).toList();
    round.openings.put(id, comparison);
    round.changes.add(
        new Change(
            id,
            before ->
                steps.opened(
                    id,
                    rule.terms(),
                    new Steps.Findings(
                        page.verdict(),
                        page.explanation(),
                        round.contributors.getOrDefault(id, List.of()),
                        grouped),
                    before,
                    silence,
                    round.at())));
    explain(round, watch, id, children);
    round.afterwards.add(
        () -> {
          opened++;
          reopened += former.isPresent() ? 1 : 0;
          LOG.log(
              Level.INFO,
              "incident {0} opened: rule {1}, {2}, {3} {4} where {5} were expected",
              id,
              rule.terms().name(),
              page.scope(),
              comparison.metric().isMoney()
                  ? IncidentJson.usd(comparison.actual())
                  : comparison.actual().toPlainString(),
              comparison.metric().unit(),
              comparison.metric().isMoney()
                  ? IncidentJson.usd(comparison.expected())
                  : comparison.expected().toPlainString());
        });
  }

  /** Name of a new incident. */
  private static String name(Round round, Rule rule, Scope scope, Window window) {
    String first = Names.incident(rule.terms().name(), scope, window.start());
    return rule.isContinuous()
        ? round
            .latest(Names.dedupKey(rule.terms().name(), scope))
            .map(last -> Names.next(rule.terms().name(), scope, last.getIncidentId()))
            .orElse(first)
        : first;
  }

  private void resolve(
      Round round,
      Incident open,
      @Nullable Comparison comparison,
      @Nullable Explanation explanation,
      String resolution) {
    String id = open.getIncidentId();
    round.closed.add(id);
    round.over.add(id);
    change(
        round,
        open,
        former -> steps.resolved(former, comparison, explanation, resolution, "", "", round.at()));
    round.afterwards.add(
        () -> {
          resolved++;
          LOG.log(Level.INFO, "incident {0} resolved: {1}", id, resolution);
        });
  }

  /** A step of an incident that exists. */
  private static void change(Round round, Incident incident, UnaryOperator<Incident> step) {
    round.changes.add(
        new Change(
            incident.getIncidentId(), former -> step.apply(former == null ? incident : former)));
  }

  private static Scope scope(Incident incident) {
    return Scope.of(incident.getScope());
  }
}
