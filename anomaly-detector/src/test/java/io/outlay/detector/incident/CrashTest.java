package io.outlay.detector.incident;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.outlay.detector.MutableClock;
import io.outlay.detector.budget.Budget;
import io.outlay.detector.budget.BudgetBook;
import io.outlay.detector.budget.BudgetTracker;
import io.outlay.detector.budget.Period;
import io.outlay.detector.delivery.DeliveryLog;
import io.outlay.detector.delivery.Message;
import io.outlay.detector.delivery.Outcome;
import io.outlay.detector.delivery.ReceiverPolicy;
import io.outlay.detector.delivery.ReceiverQueue;
import io.outlay.detector.delivery.RetryPolicy;
import io.outlay.detector.delivery.Stepping;
import io.outlay.detector.rule.Rule;
import io.outlay.detector.spend.Cell;
import io.outlay.detector.spend.SpendStore;
import io.outlay.schema.BudgetState;
import io.outlay.schema.Incident;
import io.outlay.schema.IncidentStatus;
import io.outlay.schema.Notification;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The detector is killed at every step that leaves a mark outside of it, and between any two:
 * before and after each write to a log, each request and each answer. Whatever is in memory is
 * gone; the next one goes on from the logs. Through incidents that open, escalate, are
 * acknowledged, silenced and resolved, and open again, a receiver that fails and one that refuses,
 * and a budget whose period ends, the outcome must be the one without a crash.
 */
class CrashTest {
  private static final Instant MORNING = Instant.parse("2026-11-21T10:00:00Z");
  private static final Cell SEARCH = new Cell("search", "gpt", "rerank");
  private static final Budget BUDGET =
      new Budget(
          "day",
          new TreeMap<>(Map.of("team", "search")),
          Period.DAY,
          ZoneOffset.UTC,
          new BigDecimal("100"),
          List.of(new BigDecimal("0.5"), BigDecimal.ONE),
          true,
          false,
          List.of("oncall"));
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int MOST_MARKS = 2_000;

  /** No exception that anybody handles. */
  private static final class Crash extends Error {
    private static final long serialVersionUID = 1L;

    Crash() {
      super("killed", null, false, false);
    }
  }

  /** What a request was, and where. */
  private record Request(String receiver, String id, String body) {}

  /** All that outlives a detector. */
  private static final class World {
    final MutableClock clock = new MutableClock(MORNING);
    final Map<String, Incident> incidents = new LinkedHashMap<>();
    final Map<String, BudgetState> budgets = new LinkedHashMap<>();
    final Map<String, Notification> owed = new LinkedHashMap<>();
    final List<String> openings = new ArrayList<>();
    final List<Request> requests = new ArrayList<>();
    final Map<Instant, BigDecimal> hours = new TreeMap<>();
    final GaugeRule gauge = new GaugeRule();
    private final BooleanSupplier killed;
    Outcome answer = new Outcome.Accepted(204);
    int marks;
    int crashes;

    World(BooleanSupplier killed) {
      this.killed = killed;
    }

    /** Here the detector may die. */
    void mark() {
      marks++;
      assertThat(marks).as("steps of a story that does not end").isLessThan(MOST_MARKS);
      if (killed.getAsBoolean()) {
        crashes++;
        throw new Crash();
      }
    }

    void write(List<Incident> written) {
      mark();
      for (Incident incident : written) {
        Incident before = incidents.put(incident.getIncidentId(), incident);
        boolean isNew = before == null || before.getStatus() == IncidentStatus.RESOLVED;
        if (isNew && incident.getStatus() != IncidentStatus.RESOLVED) {
          openings.add(incident.getRule() + " " + incident.getScope());
        }
        incident.getNotifications().forEach(each -> owed.put(each.getMessageId(), each));
      }
      mark();
    }

    void writeBudgets(Map<String, Optional<BudgetState>> states) {
      mark();
      states.forEach(
          (name, state) ->
              state.ifPresentOrElse(value -> budgets.put(name, value), () -> budgets.remove(name)));
      mark();
    }

    Outcome send(Message message) {
      mark();
      requests.add(new Request(message.receiver(), message.id(), message.body()));
      mark();
      return message.receiver().equals("oncall") ? answer : new Outcome.Accepted(204);
    }

    void spend(String hour, String usd) {
      hours.put(Instant.parse(hour), new BigDecimal(usd));
    }
  }

  /** One life of a detector, as {@code DetectorService} puts it together. */
  private static final class Life {
    private final World world;
    private final IncidentBook book;
    private final Map<String, ReceiverQueue> queues = new LinkedHashMap<>();
    private final BudgetBook budgets;
    private final BudgetTracker tracker;
    private final SpendStore store;
    private final Detector detector;
    private final Desk desk;

    Life(World world) {
      this.world = world;
      book = new IncidentBook(world::write);
      world.incidents.forEach(book::restore);
      RetryPolicy retry = RetryPolicy.standard(Duration.ofHours(1), () -> 0.5);
      queue("oncall", new ReceiverPolicy(retry, false, "second", 1));
      queue("second", ReceiverPolicy.plain(retry));
      IncidentJson json = new IncidentJson(URI.create("http://127.0.0.1:8082"));
      tracker = new BudgetTracker(List.of(BUDGET), ZoneOffset.UTC, Duration.ofDays(35));
      budgets =
          new BudgetBook(
              tracker,
              world::writeBudgets,
              new BudgetIncidents(book, this::enqueue, json, queues.keySet(), world.clock),
              world.clock);
      world.budgets.forEach(budgets::restore);
      store = new SpendStore(ZoneOffset.UTC, 9, Set.copyOf(Scenario.CUTS));
      List<Rule> rules = List.of(world.gauge, Scenario.rule(ZoneOffset.UTC));
      detector =
          new Detector(
              rules,
              store,
              ZoneOffset.UTC,
              book,
              this::enqueue,
              json,
              queues.keySet(),
              Contributors.NONE,
              Scenario.MAX_AGE,
              world.clock);
      desk = new Desk(book, json, queues.keySet(), this::enqueue, () -> Duration.ZERO, world.clock);
      read();
      book.owed().forEach(this::enqueue);
    }

    private void queue(String name, ReceiverPolicy policy) {
      ReceiverQueue queue =
          new ReceiverQueue(name, world::send, book, policy, new DeliveryLog(), world.clock);
      Stepping.handTo(queue, this::enqueue);
      queues.put(name, queue);
    }

    private void enqueue(Message message) {
      queues.get(message.receiver()).enqueue(message);
    }

    /** Reads what the topic of rollups has. */
    private void read() {
      Map<LocalDate, BigDecimal> days = new TreeMap<>();
      world.hours.forEach(
          (hour, usd) -> {
            Instant last = hour.plus(Duration.ofMinutes(59));
            Instant now = world.clock.instant();
            store.put(SEARCH, hour, usd, 100, last.isAfter(now) ? now : last, now);
            tracker.seen(last, now);
            days.merge(hour.atZone(ZoneOffset.UTC).toLocalDate(), usd, BigDecimal::add);
          });
      days.forEach(
          (day, usd) ->
              tracker.putDay(
                  SEARCH,
                  day.atStartOfDay(ZoneOffset.UTC).toInstant(),
                  usd,
                  world.clock.instant()));
    }

    void judge() {
      read();
      world.clock.advance(Detector.SETTLE);
      budgets.evaluate();
      detector.evaluate();
    }

    String gauged() {
      return book.latest(incident -> incident.getRule().equals("gauge"), 1).get(0).getIncidentId();
    }

    void deliver() {
      try {
        boolean busy = true;
        while (busy) {
          busy = false;
          for (ReceiverQueue queue : queues.values()) {
            busy |= Stepping.step(queue);
          }
        }
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** What happens, in its order. Each may be done again by the next life. */
  private static List<Consumer<Life>> story() {
    List<Consumer<Life>> story = new ArrayList<>();
    judged(story, world -> world.gauge.reading = "1.5");
    judged(story, world -> world.gauge.reading = "2.5");
    story.add(life -> life.desk.acknowledge(life.gauged(), "mira"));
    judged(story, world -> world.gauge.reading = "3.5");
    // Team, model and feature rise by the same money; the budget passes both thresholds.
    judged(story, world -> world.spend("2026-11-21T09:00:00Z", "120"));
    story.add(
        life ->
            life.desk.silence(
                life.gauged(), MORNING.plus(Duration.ofMinutes(10)), "mira", "load test"));
    judged(story, world -> world.gauge.reading = "0.5");
    story.add(life -> life.world.clock.set(MORNING.plus(Duration.ofMinutes(11))));
    judged(story, world -> {});
    judged(story, world -> world.gauge.reading = "1.5");
    // The first receiver fails, so the second is told instead.
    story.add(life -> life.world.answer = new Outcome.Failed(500, "down", Duration.ZERO));
    judged(story, world -> world.gauge.reading = "2.5");
    story.add(life -> life.world.answer = new Outcome.Accepted(204));
    story.add(life -> life.world.clock.set(MORNING.plus(Duration.ofMinutes(12))));
    // It refuses, so that is given up and the second is told.
    story.add(life -> life.world.answer = new Outcome.Refused(400, "no"));
    judged(story, world -> world.gauge.reading = "3.5");
    story.add(life -> life.world.answer = new Outcome.Accepted(204));
    story.add(life -> life.desk.resolve(life.gauged(), "mira", "over"));
    judged(story, world -> {});
    // Late spend just before midnight, then another day.
    judged(story, world -> world.spend("2026-11-21T09:00:00Z", "130"));
    story.add(life -> life.world.clock.set(Instant.parse("2026-11-22T00:30:00Z")));
    judged(story, world -> world.spend("2026-11-21T09:00:00Z", "140"));
    judged(story, world -> world.spend("2026-11-22T00:00:00Z", "0.5"));
    story.add(life -> life.world.clock.set(Instant.parse("2026-11-22T00:40:00Z")));
    judged(story, world -> {});
    return story;
  }

  private static void judged(List<Consumer<Life>> story, Consumer<World> change) {
    story.add(
        life -> {
          change.accept(life.world);
          life.judge();
        });
  }

  private static World run(BooleanSupplier killed) {
    World world = new World(killed);
    for (int ago = 1; ago <= 7; ago++) {
      world.spend("2026-11-" + (21 - ago) + "T09:00:00Z", "10");
    }
    Life[] life = {new Life(world)};
    for (Consumer<Life> event : story()) {
      boolean done = false;
      while (!done) {
        try {
          event.accept(life[0]);
          life[0].deliver();
          done = true;
        } catch (Crash crash) {
          life[0] = new Life(world);
        }
      }
    }
    assertThat(life[0].queues.values()).allMatch(queue -> queue.pending() == 0);
    return world;
  }

  private static World withoutCrash() {
    return run(() -> false);
  }

  /** Killed at one mark. */
  private static World killedAt(Set<Integer> marks) {
    int[] count = {0};
    return run(() -> marks.contains(++count[0]));
  }

  private static String type(String body) {
    try {
      return MAPPER.readTree(body).get("type").asText().replace("io.outlay.incident.", "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a receiver was told about each rule and scope, without what it was told again. */
  private static Map<String, List<String>> told(World world, String receiver) {
    Map<String, List<String>> told = new TreeMap<>();
    Set<String> ids = new HashSet<>();
    for (Request request : world.requests) {
      if (request.receiver().equals(receiver) && ids.add(request.id())) {
        told.computeIfAbsent(about(incident(world, request.id())), any -> new ArrayList<>())
            .add(type(request.body()));
      }
    }
    return told;
  }

  private static Incident incident(World world, String messageId) {
    return world.incidents.values().stream()
        .filter(
            incident ->
                incident.getNotifications().stream()
                    .anyMatch(each -> each.getMessageId().equals(messageId)))
        .findFirst()
        .orElseThrow();
  }

  private static String about(Incident incident) {
    return incident.getRule() + " " + incident.getMetric() + " " + incident.getScope();
  }

  /** How incidents ended. */
  private static List<String> ends(World world) {
    return world.incidents.values().stream()
        .map(
            incident ->
                about(incident)
                    + " "
                    + incident.getStatus()
                    + " "
                    + incident.getResolution()
                    + " "
                    + incident.getSeverity()
                    + " reopened "
                    + incident.getReopened()
                    + " by "
                    + incident.getAcknowledgedBy()
                    + incident.getResolvedBy())
        .sorted()
        .toList();
  }

  private static Map<String, String> budgets(World world) {
    return world.budgets.entrySet().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                each ->
                    each.getValue().getLevel()
                        + " "
                        + each.getValue().getActualUsd().stripTrailingZeros().toPlainString()));
  }

  private static void assertSameOutcome(World world, World expected, String when) {
    assertThat(ends(world)).as(when).isEqualTo(ends(expected));
    assertThat(world.openings).as(when).containsExactlyElementsOf(expected.openings);
    assertThat(told(world, "oncall")).as(when).isEqualTo(told(expected, "oncall"));
    assertThat(told(world, "second")).as(when).isEqualTo(told(expected, "second"));
    assertThat(budgets(world)).as(when).isEqualTo(budgets(expected));

    // Every state that was ever owed arrived under its id, or was refused, and with its own body.
    Map<String, Set<String>> bodies = new HashMap<>();
    world.requests.forEach(
        request ->
            bodies.computeIfAbsent(request.id(), any -> new HashSet<>()).add(request.body()));
    assertThat(bodies.keySet()).as(when).isEqualTo(world.owed.keySet());
    bodies.forEach(
        (id, sent) -> assertThat(sent).as(when).containsExactly(world.owed.get(id).getBody()));
    assertThat(world.incidents.values())
        .as(when)
        .allSatisfy(
            incident -> assertThat(incident.getNotifications()).noneMatch(IncidentBook::isOwed));
    inOrder(world, when);
  }

  /** A later state of an incident is not told before an earlier one. */
  private static void inOrder(World world, String when) {
    Map<String, Integer> last = new HashMap<>();
    Set<String> ids = new HashSet<>();
    for (Request request : world.requests) {
      if (ids.add(request.id())) {
        int state = world.owed.get(request.id()).getState();
        String group = request.receiver() + " " + incident(world, request.id()).getIncidentId();
        assertThat(state).as(when + ": " + group).isGreaterThan(last.getOrDefault(group, 0));
        last.put(group, state);
      }
    }
  }

  @Test
  void withoutACrashTheStoryIsTheOneThatIsMeant() {
    World world = withoutCrash();

    assertThat(told(world, "oncall").get("gauge latency {team=search}"))
        .containsExactly(
            "opened",
            "escalated",
            "acknowledged",
            "escalated",
            "resolved",
            "opened",
            "escalated",
            "escalated",
            "resolved");
    assertThat(told(world, "second").get("gauge latency {team=search}"))
        .containsExactly("escalated", "escalated", "resolved");
    assertThat(ends(world)).hasSize(3);
    assertThat(budgets(world))
        .isEqualTo(Map.of("day", "NORMAL 0.5", "day@2026-11-21T00:00:00Z", "EXHAUSTED 140"));
  }

  @Test
  void killedAtAnyStepTheOutcomeIsTheSame() {
    World expected = withoutCrash();
    for (int at = 1; at <= expected.marks; at++) {
      World world = killedAt(Set.of(at));

      assertThat(world.crashes).isEqualTo(1);
      assertSameOutcome(world, expected, "killed at step " + at);
    }
  }

  @Test
  void killedTwiceTheOutcomeIsTheSame() {
    World expected = withoutCrash();
    for (int at = 1; at <= expected.marks; at++) {
      for (int later = 1; later <= 6; later++) {
        assertSameOutcome(
            killedAt(Set.of(at, at + later)), expected, "killed at " + at + " and " + later);
      }
    }
  }

  @Test
  void killedAgainAndAgainTheOutcomeIsTheSame() {
    World expected = withoutCrash();
    // Fewer steps in a life are too few to send, to be refused, and to tell another.
    for (int every = 9; every <= 40; every++) {
      int steps = every;
      int[] count = {0};
      World world = run(() -> ++count[0] % steps == 0);

      assertThat(world.crashes).isPositive();
      assertSameOutcome(world, expected, "killed every " + every + " steps");
    }
  }
}
