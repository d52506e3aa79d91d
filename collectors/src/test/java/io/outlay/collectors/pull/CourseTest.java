package io.outlay.collectors.pull;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.MessageFormat;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class CourseTest {
  private static final Duration INTERVAL = Duration.ofMinutes(1);
  private static final Instant START = Instant.parse("2026-11-21T02:00:20Z");

  @TempDir Path directory;

  private final Inbox inbox = new Inbox();
  private final Told told = new Told();
  private Instant now = START;
  private boolean answers = true;
  private Course course;

  /** What a course tells of itself. */
  private static final class Told implements PullMetrics {
    private int watched;
    private int succeeded;
    private int failed;
    private long missed;

    @Override
    public void watched(String kind, String target) {
      watched++;
    }

    @Override
    public void succeeded(String kind, String target) {
      succeeded++;
    }

    @Override
    public void failed(String kind, String target) {
      failed++;
    }

    @Override
    public void missed(String kind, String target, long slots) {
      missed += slots;
    }
  }

  @BeforeEach
  void start() {
    course = course("node-1");
  }

  private Course course(String name) {
    return new Course(
        new GpuPuller(
            new GpuTarget(
                name,
                URI.create("http://127.0.0.1:9400/"),
                INTERVAL,
                Duration.ofSeconds(1),
                "platform",
                "on_demand",
                "",
                "",
                ""),
            () -> {
              if (!answers) {
                throw new PullException("did not answer");
              }
              try {
                return new Content(
                    DcgmFormatTest.example("mig.txt").getBytes(StandardCharsets.UTF_8), "", null);
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            },
            new StateFile(directory.resolve(name + ".json")),
            inbox),
        told,
        () -> now);
  }

  @Test
  void givenTargetThatAnswers_thenOnceInEverySlot() throws Exception {
    now = course.first();
    for (int i = 0; i < 10; i++) {
      Instant next = course.run();
      assertThat(next).isAfter(now).isBefore(now.plus(INTERVAL.multipliedBy(2)));
      now = next;
    }

    assertThat(told.watched).isEqualTo(1);
    assertThat(told.succeeded).isEqualTo(10);
    assertThat(told.missed).isZero();
    assertThat(inbox.gpuMicros()).isEqualTo(10 * 60_000_000L);

    // Woken once more in a slot that has been read.
    Instant next = now;
    now = now.minus(INTERVAL);
    assertThat(course.run()).isEqualTo(next);
    assertThat(told.succeeded).isEqualTo(10);
  }

  @Test
  void givenFailures_thenRetriedWithGrowingPausesWhileTheSlotLasts() throws Exception {
    answers = false;
    now = Instant.parse("2026-11-21T02:00:00Z");
    List<Long> pauses = new ArrayList<>();
    Instant end = Instant.parse("2026-11-21T02:01:00Z");
    while (now.isBefore(end)) {
      Instant next = course.run();
      pauses.add(Duration.between(now, next).toMillis());
      now = next;
    }

    assertThat(pauses.subList(0, 3)).containsExactly(7_500L, 15_000L, 30_000L);
    assertThat(told.failed).isEqualTo(4);
    answers = true;
    course.run();
    assertThat(told.missed).isEqualTo(1);
    assertThat(told.succeeded).isEqualTo(1);
    assertThat(inbox.gpuMicros()).isEqualTo(60_000_000L);
  }

  @Test
  void givenFailureAndSuccessInOneSlot_thenItIsNotMissed() throws Exception {
    now = Instant.parse("2026-11-21T02:00:00Z");
    answers = false;
    now = course.run();
    answers = true;
    now = course.run();
    now = course.run();

    assertThat(told.failed).isEqualTo(1);
    assertThat(told.succeeded).isEqualTo(2);
    assertThat(told.missed).isZero();
  }

  @Test
  void givenSlotsSleptThrough_thenTheyAreMissed() throws Exception {
    course.run();
    now = START.plus(INTERVAL.multipliedBy(5));
    course.run();

    assertThat(told.missed).isEqualTo(4);
    assertThat(inbox.gpuMicros()).isEqualTo(2 * 60_000_000L);
  }

  @Test
  void givenManyTargets_thenTheyDoNotFireAtOnce() {
    now = Instant.parse("2026-11-21T02:00:00Z");

    long places = IntStream.range(0, 100).mapToObj(i -> course("t" + i).first()).distinct().count();

    assertThat(places).isGreaterThan(90);
  }

  @Test
  void givenLastingFailure_thenSaidOnceAndThenEveryFewMinutes() {
    Lines log = new Lines();
    Complaints complaints = new Complaints(log, "gpu target x", () -> now);
    complaints.over();
    for (int i = 0; i < 600; i++) {
      complaints.wrong("did not answer");
      now = now.plusSeconds(1);
    }
    complaints.over();
    complaints.over();

    assertThat(log.lines)
        .containsExactly(
            "WARNING gpu target x: did not answer",
            "WARNING gpu target x: did not answer",
            "INFO gpu target x: is well again");
  }

  @Test
  void givenFailureThatComesAndGoes_thenQuiet_butSomethingElseIsSaidSoon() {
    Lines log = new Lines();
    Complaints complaints = new Complaints(log, "gpu target x", () -> now);
    for (int i = 0; i < 10; i++) {
      complaints.wrong("did not answer");
      complaints.over();
      now = now.plusSeconds(1);
    }
    complaints.wrong("answered 500");

    assertThat(log.lines)
        .containsExactly(
            "WARNING gpu target x: did not answer",
            "INFO gpu target x: is well again",
            "WARNING gpu target x: answered 500");
  }

  /** A log that keeps its lines. */
  private static final class Lines implements System.Logger {
    private final List<String> lines = new ArrayList<>();

    @Override
    public String getName() {
      return "test";
    }

    @Override
    public boolean isLoggable(Level level) {
      return true;
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String message, Throwable e) {
      lines.add(level + " " + message);
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String format, Object... of) {
      lines.add(level + " " + MessageFormat.format(format, of));
    }
  }
}
