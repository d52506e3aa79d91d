package io.outlay.it.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.outlay.embedded.cli.AuditClient;
import io.outlay.embedded.stack.StackException;
import io.outlay.embedded.stack.UsageException;
import io.outlay.it.EmbeddedRunningStack;
import io.outlay.it.faults.Fault.Kind;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One run: a stack of its own, a load, faults while it flows, and the comparison once all has
 * healed. Pieces that never come back, and books that differ, fail it.
 */
public final class FaultRun {
  /** Team of the events that measure recovery; they are no part of the load. */
  static final String PROBES = "probes";

  private static final ZoneId ZONE = ZoneId.of("Europe/Berlin");
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration REQUEST_WITHIN = Duration.ofSeconds(10);
  private static final long POLL_MILLIS = 50;
  private static final int OK = 200;
  private static final int ACCEPTED = 202;
  private static final int LOG_LINES = 40;
  private static final int EVENTS_SETTLED_A_SECOND = 10_000;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final FaultOptions options;
  private final Consumer<String> out;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();
  private final List<FaultReport.Struck> struck = new ArrayList<>();
  private final Set<String> repricings = new HashSet<>();
  private final TcpProxy clickhouseNet;
  private final TcpProxy ingestNet;
  private final Webhooks webhooks;
  private final Alarms alarms;
  private List<Fault> plan = List.of();
  private EmbeddedRunningStack stack;
  private Publisher publisher;
  private int corrections;
  private int latePrices;
  private int probes;

  private FaultRun(FaultOptions options, Consumer<String> out) throws IOException {
    this.options = options;
    this.out = out;
    this.webhooks = new Webhooks();
    this.alarms = new Alarms(webhooks);
    this.clickhouseNet = new TcpProxy();
    this.ingestNet = new TcpProxy();
  }

  /**
   * Carries it out.
   *
   * @param out is told what happens, line by line
   * @return what came of it
   * @throws AssertionError if something does not come back
   */
  public static FaultReport run(FaultOptions options, Consumer<String> out) throws Exception {
    FaultRun run = new FaultRun(options, out);
    try {
      return run.run();
    } finally {
      run.clickhouseNet.close();
      run.ingestNet.close();
      run.webhooks.close();
    }
  }

  private FaultReport run() throws Exception {
    out.accept("faults: seed " + options.seed());
    boolean disks = options.smallDisks() && canMakeDisks();
    plan =
        Fault.plan(
            options.seed(),
            options.faults(),
            options.events(),
            fault -> fault.matches(options.which()) && (disks || fault.kind() != Kind.DISK_FULL));
    try (EmbeddedRunningStack started =
        EmbeddedRunningStack.start(
            "timezone: " + ZONE + "\n" + alarms.configuration(),
            clickhouseNet::to,
            // For the programs alone: the launcher and this test reach ClickHouse directly.
            Map.of(
                "JAVA_TOOL_OPTIONS",
                "-Doutlay.clickhouse.url=http://127.0.0.1:" + clickhouseNet.port()),
            disks ? Fault.DISKS.stream().map(FaultRun::directory).toList() : List.of())) {
      stack = started;
      Thread onExit = new Thread(this::abandon, "stop-stack");
      Runtime.getRuntime().addShutdownHook(onExit);
      try {
        return withStack();
      } catch (Exception | AssertionError e) {
        tellLogs();
        throw e;
      } finally {
        Runtime.getRuntime().removeShutdownHook(onExit);
      }
    }
  }

  /** Tries it, and says why not. */
  private boolean canMakeDisks() throws IOException {
    Path directory = Files.createTempDirectory("outlay-disk");
    Path disk = directory.resolve("try");
    try {
      SmallDisk.at(disk).close();
      return true;
    } catch (IOException e) {
      out.accept("no disk will be full, since none can be made: " + e.getMessage());
      return false;
    } finally {
      Files.deleteIfExists(directory.resolve("try.disk"));
      Files.deleteIfExists(disk);
      Files.deleteIfExists(directory);
    }
  }

  /** Where a part keeps its data. */
  private static String directory(String part) {
    return part.equals(Fault.STREAMS) ? "streams" : part;
  }

  private static int corrections(List<Fault> plan) {
    return (int) plan.stream().filter(fault -> fault.kind() == Kind.KILL_REPRICING).count();
  }

  private FaultReport withStack() throws Exception {
    Instant base = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    Oracle oracle = new Oracle();
    Load load = new Load(options.seed(), base, new Tariff(corrections(plan)));
    ingestNet.to(stack.collectors().getPort());
    putPrices(Tariff.file());
    long begin = System.nanoTime();
    URI ingest = URI.create("http://127.0.0.1:" + ingestNet.port() + "/v1/events");
    try (Poison poison = new Poison(stack.kafka(), stack.registry());
        Publisher publishing =
            new Publisher(
                load, oracle, poison, options.events(), options.eventsPerSecond(), ingest)) {
      publisher = publishing;
      publisher.post(Alarms.history(plan.size(), base));
      for (int i = 0; i < plan.size(); i++) {
        if (System.nanoTime() - begin > options.most().toNanos()) {
          out.accept("time is up, %d faults are left out".formatted(plan.size() - i));
          publisher.awaitIdle();
          return settle(base, oracle, poison, begin);
        }
        Fault fault = plan.get(i);
        publisher.allow(fault.atEvent() + 1);
        awaitPublished(fault.atEvent());
        publisher.allow(i + 1 < plan.size() ? plan.get(i + 1).atEvent() + 1 : options.events());
        strike(i + 1, fault);
      }
      publisher.allow(options.events());
      awaitPublished(options.events());
      return settle(base, oracle, poison, begin);
    }
  }

  /** Lets a fault strike, heals it, and measures how long it takes until usage arrives again. */
  private void strike(int number, Fault fault) throws Exception {
    long at = publisher.acknowledged();
    out.accept("fault %d: %s at event %,d".formatted(number, fault, at));
    if (fault.kind() == Kind.WEBHOOK_FAILS) {
      webhooks.mode(Webhooks.Mode.FAIL);
    } else if (fault.kind() == Kind.WEBHOOK_HANGS) {
      webhooks.mode(Webhooks.Mode.HANG);
    }
    publisher.post(alarms.next(Instant.now()));
    switch (fault.kind()) {
      case WEBHOOK_FAILS, WEBHOOK_HANGS -> {
        long before = webhooks.turnedAway();
        await("a webhook is turned away", () -> webhooks.turnedAway() > before);
      }
      case NO_SPACE -> clickhouseNet.mode(TcpProxy.Mode.NO_SPACE);
      case DISK_FULL -> {
        stack.disk(directory(fault.parts().get(0))).fill();
        Thread.sleep(fault.hold().toMillis());
      }
      case JOIN_AND_KILL -> joinAndKill(fault);
      case KILL -> fault.parts().forEach(this::kill);
      case KILL_TWICE -> killTwice(fault);
      case STOP, STOP_LONG -> stop(fault);
      case LOSE_ACKNOWLEDGEMENTS -> ingestNet.mode(TcpProxy.Mode.LOSE_ANSWERS);
      case LOSE_ANSWERS -> clickhouseNet.mode(TcpProxy.Mode.LOSE_ANSWERS);
      case LOSE_ANSWERS_AND_KILL -> loseAnswersAndKill(fault);
      case HANG -> clickhouseNet.mode(TcpProxy.Mode.HANG);
      case KILL_REPRICING -> {
        putPrices(Tariff.correction(++corrections));
        String repricing = reprice();
        Thread.sleep(fault.hold().toMillis() / 4);
        if (fault.duringWork()) {
          awaitWork(repricing);
        }
        fault.parts().forEach(this::kill);
      }
      case KILL_LATE_PRICE -> {
        if (latePrices < Tariff.LATE_MODELS) {
          putPrices(Tariff.late(latePrices++));
        }
        Thread.sleep(fault.hold().toMillis() / 4);
        fault.parts().forEach(this::kill);
      }
    }
    Thread.sleep(fault.hold().toMillis());
    long healing = System.nanoTime();
    heal(fault);
    Duration recovery = probe(fault, healing);
    publisher.check();
    struck.add(new FaultReport.Struck(number, fault, at, recovery));
    out.accept("fault %d: recovered in %.1f s".formatted(number, recovery.toMillis() / 1e3));
  }

  private void kill(String part) {
    if (stack.isAlive(part)) {
      stack.kill(part);
    }
  }

  private void killTwice(Fault fault) throws Exception {
    String part = fault.parts().get(0);
    kill(part);
    Thread starting =
        new Thread(
            () -> {
              try {
                stack.up();
              } catch (RuntimeException e) {
                out.accept("  as expected: " + String.valueOf(e.getMessage()).lines().findFirst());
              }
            },
            "start-twice");
    starting.start();
    await(part + " runs", () -> stack.isAlive(part));
    // Long enough to have begun reading, not long enough to be through.
    Thread.sleep(1_500 + fault.hold().toMillis() / 2);
    kill(part);
    starting.join();
  }

  private void joinAndKill(Fault fault) throws Exception {
    String part = fault.parts().get(0);
    if (stack.hasSecond(part)) {
      stack.killSecond(part);
      return;
    }
    boolean streams = part.equals(Fault.STREAMS);
    URI second =
        stack.startSecond(
            part,
            streams ? "streams.port" : "sink.port",
            streams ? List.of("-Doutlay.streams.stateDir=" + stack.ofSecond(part)) : List.of());
    await(
        "the second " + part + " answers",
        () ->
            http.send(
                        HttpRequest.newBuilder(second.resolve("/q/health/live"))
                            .timeout(REQUEST_WITHIN)
                            .build(),
                        HttpResponse.BodyHandlers.discarding())
                    .statusCode()
                == OK);
    // Its topology starts now; at some moment of that, or soon after, either is killed.
    Thread.sleep(fault.hold().toMillis() * 2);
    if (fault.hold().toMillis() % 2 == 0) {
      kill(part);
    } else {
      stack.killSecond(part);
    }
  }

  private void stop(Fault fault) {
    for (String part : fault.parts()) {
      try {
        stack.stop(part);
      } catch (IOException | InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private void loseAnswersAndKill(Fault fault) throws Exception {
    long before = clickhouseNet.lost();
    clickhouseNet.mode(TcpProxy.Mode.LOSE_ANSWERS);
    await("an answer is lost", () -> clickhouseNet.lost() > before);
    fault.parts().forEach(this::kill);
  }

  private void heal(Fault fault) throws Exception {
    clickhouseNet.mode(TcpProxy.Mode.PASS);
    ingestNet.mode(TcpProxy.Mode.PASS);
    webhooks.mode(Webhooks.Mode.TAKE);
    if (fault.kind() == Kind.DISK_FULL) {
      stack.disk(directory(fault.parts().get(0))).free();
    }
    if (fault.kind() == Kind.STOP || fault.kind() == Kind.STOP_LONG) {
      for (String part : fault.parts()) {
        stack.proceed(part);
      }
      return;
    }
    up();
  }

  /** Starts what does not run; what ended while it was starting is started again. */
  private void up() throws Exception {
    await(
        "everything is up",
        () -> {
          try {
            stack.up();
            return true;
          } catch (StackException | UsageException e) {
            out.accept("  not up: " + e.getMessage());
            return false;
          }
        });
  }

  private Duration probe(Fault fault, long healing) throws Exception {
    String id = "probe-" + ++probes;
    publisher.post(
        List.of(
            "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"%s\",\"type\":\"io.outlay.cost.direct\",\"data\":{\"team\":\"%s\",\"amount\":\"1\"}}"
                .formatted(id, PROBES, PROBES)));
    await(
        "a new event is shown",
        () ->
            stack
                .scalar(
                    "SELECT count() FROM usage_costs WHERE event_time > now() - INTERVAL 1 HOUR AND"
                        + " team = '"
                        + PROBES
                        + "' AND event_id = '"
                        + id
                        + "'")
                .equals("1"));
    if (fault.kind() == Kind.WEBHOOK_FAILS || fault.kind() == Kind.WEBHOOK_HANGS) {
      await("on-call is told", alarms::isTold);
    }
    return Duration.ofNanos(System.nanoTime() - healing);
  }

  private FaultReport settle(Instant base, Oracle oracle, Poison poison, long begin)
      throws Exception {
    out.accept("all published; settling");
    up();
    // What they did falls to the others; the lag that is asked for is theirs alone.
    stack.endSeconds();
    while (latePrices < Tariff.LATE_MODELS) {
      putPrices(Tariff.late(latePrices++));
    }
    // What faults that were left out would have corrected: the oracle knows the last price alone.
    while (corrections < corrections(plan)) {
      putPrices(Tariff.correction(++corrections));
    }
    // Usage of the very moment of a correction was rated with either price.
    reprice();
    for (String id : repricings) {
      await(
          "repricing " + id + " is done",
          () -> repricing(id).path("state").asText().equals("done"));
    }
    String facts = Long.toString(oracle.facts());
    Duration patience = PATIENCE.plusSeconds(options.events() / EVENTS_SETTLED_A_SECOND);
    boolean settled =
        eventually(
            patience,
            () ->
                lag(stack.streams(), "outlay_streams_lag") == 0
                    && lag(stack.sink(), "outlay_sink_lag") == 0
                    && stack
                        .scalar(
                            "SELECT count(), countIf(pricing_status = 'UNPRICED' AND model LIKE '"
                                + Tariff.LATE
                                + "%') FROM usage_costs WHERE source = '"
                                + Load.SOURCE
                                + "'")
                        .equals(facts + "\t0")
                    && stack
                        .scalar(
                            "SELECT DISTINCT events FROM (SELECT window, sum(events) AS events FROM"
                                + " cost_rollups WHERE NOT startsWith(team, '"
                                + PROBES
                                + "') GROUP BY window)")
                        .equals(facts));
    double seconds = (System.nanoTime() - begin) / 1e9;
    UsageTopic.Expected topic = UsageTopic.read(stack.kafka(), oracle.deadLetters());
    Comparison comparison = new Comparison(stack, oracle, ZONE);
    comparison.all(topic);
    List<String> differences = new ArrayList<>(comparison.differences());
    if (!settled) {
      differences.add(0, "the books did not come to rest within " + patience.toSeconds() + " s");
    }
    eventually(() -> alarms.differences(stack.kafka(), stack.registry()).isEmpty());
    differences.addAll(alarms.differences(stack.kafka(), stack.registry()));
    JsonNode audit = AuditClient.audit(stack.sink(), (int) patience.toSeconds(), line -> {});
    if (!AuditClient.isBalanced(audit)) {
      differences.add("the audit: " + audit.toPrettyString());
    }
    FaultReport report =
        new FaultReport(
            options,
            base,
            publisher.acknowledged(),
            oracle.facts(),
            publisher.copies(),
            publisher.repeats(),
            poison.sent(),
            alarms.raised(),
            alarms.received(),
            alarms.turnedAway(),
            topic.records(),
            topic.deadLetters().size(),
            clickhouseNet.lost() + ingestNet.lost(),
            seconds,
            List.copyOf(struck),
            audit.path("equations").size(),
            comparison.compared(),
            List.copyOf(differences));
    report.lines().forEach(out);
    if (options.report().isPresent()) {
      report.write(options.report().get());
    }
    if (!differences.isEmpty()) {
      tellLogs();
    }
    return report;
  }

  private void awaitPublished(long events) throws Exception {
    Instant told = Instant.now();
    long last = -1;
    Instant moved = told;
    while (publisher.acknowledged() < Math.min(options.events(), events)) {
      publisher.check();
      long now = publisher.acknowledged();
      if (now != last) {
        last = now;
        moved = Instant.now();
      } else if (moved.plus(PATIENCE).isBefore(Instant.now())) {
        throw new AssertionError("no event was acknowledged for " + PATIENCE.toSeconds() + " s");
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  private void putPrices(String yaml) throws Exception {
    await(
        "prices are taken",
        () -> {
          HttpResponse<String> answer = send("/v1/prices", "PUT", yaml);
          if (answer.statusCode() >= 400
              && answer.statusCode() < 500
              && answer.statusCode() != 409) {
            throw new AssertionError(answer.body());
          }
          return answer.statusCode() == OK;
        });
  }

  /** Waits until facts have been rated again, or there are none. */
  private void awaitWork(String repricing) throws Exception {
    await(
        "a repricing works",
        () -> {
          JsonNode progress = repricing(repricing);
          return progress.path("factsChanged").asLong() > 0
              || progress.path("finishedAt").isTextual();
        });
    out.accept(
        "  struck after %,d facts".formatted(repricing(repricing).path("factsChanged").asLong()));
  }

  /** Asks for one, and says how it is named. */
  private String reprice() throws Exception {
    List<String> ids = new ArrayList<>();
    await(
        "a repricing is taken",
        () -> {
          HttpResponse<String> answer =
              send(
                  "/v1/repricings?by=faults&provider="
                      + Tariff.PROVIDER
                      + "&model="
                      + Tariff.CORRECTED,
                  "POST",
                  "");
          if (answer.statusCode() != ACCEPTED) {
            return false;
          }
          ids.add(MAPPER.readTree(answer.body()).get("id").asText());
          return true;
        });
    repricings.addAll(ids);
    return ids.get(0);
  }

  private JsonNode repricing(String id) throws Exception {
    return MAPPER.readTree(send("/v1/repricings/" + id, "GET", "").body());
  }

  private HttpResponse<String> send(String path, String method, String body) throws Exception {
    return http.send(
        HttpRequest.newBuilder(stack.streams().resolve(path))
            .timeout(REQUEST_WITHIN)
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** Sum of a gauge; not 0 unless all of it is known. */
  private double lag(URI program, String gauge) throws Exception {
    String metrics =
        http.send(
                HttpRequest.newBuilder(program.resolve("/q/metrics"))
                    .timeout(REQUEST_WITHIN)
                    .build(),
                HttpResponse.BodyHandlers.ofString())
            .body();
    return metrics
        .lines()
        .filter(line -> line.startsWith(gauge))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** Something that comes true. */
  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void await(String what, Condition condition) throws Exception {
    if (!eventually(condition)) {
      throw new AssertionError("not within " + PATIENCE.toSeconds() + " s: " + what);
    }
  }

  private static boolean eventually(Condition condition) throws Exception {
    return eventually(PATIENCE, condition);
  }

  private static boolean eventually(Duration patience, Condition condition) throws Exception {
    Instant end = Instant.now().plus(patience);
    while (Instant.now().isBefore(end)) {
      try {
        if (condition.holds()) {
          return true;
        }
      } catch (IOException | StackException e) {
        // Whom it asks is away or cannot answer yet.
        Thread.sleep(POLL_MILLIS);
      }
      Thread.sleep(POLL_MILLIS);
    }
    return false;
  }

  private void tellLogs() {
    out.accept("faults struck: " + struck);
    for (String part : List.of(Fault.STREAMS, Fault.SINK, Fault.COLLECTORS)) {
      out.accept("--- end of the log of " + part);
      stack.log(part, LOG_LINES).forEach(out);
    }
  }

  private void abandon() {
    try {
      stack.close();
    } catch (IOException e) {
      out.accept("left behind: " + e);
    }
  }
}
