package io.outlay.collectors.pull;

import io.outlay.schema.StorageUsage;
import io.outlay.schema.UsageEvent;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Whatever happens to a reading, its slot is counted once, and a move neither lost nor doubled. */
class PullerTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Slot FIRST = Slot.at(Instant.parse("2026-11-21T02:00:30Z"), MINUTE);
  private static final Slot SECOND = FIRST.next();
  private static final Slot THIRD = SECOND.next();
  private static final long GPU_MINUTE = 60_000_000;
  private static final String HOT = "dataset,tier,bytes\nlogs,hot,100\ndocs,hot,7\n";
  private static final String COLD = "dataset,tier,bytes\nlogs,hot,40\nlogs,cold,60\ndocs,hot,7\n";

  @TempDir Path directory;

  private final Inbox inbox = new Inbox();
  private Path state;
  private String answer = "";
  private String mediaType = "";
  private Instant modified;
  private int readings;
  private Puller<?> gpu;
  private Puller<?> lake;

  @BeforeEach
  void restart() {
    state = directory.resolve("state").resolve("x.json");
    gpu =
        new GpuPuller(
            new GpuTarget(
                "node-1",
                URI.create("http://127.0.0.1:9400/"),
                MINUTE,
                Duration.ofSeconds(1),
                "platform",
                "on_demand",
                "",
                "",
                ""),
            this::answer,
            new StateFile(state),
            inbox);
    lake =
        new InventoryPuller(
            new InventoryTarget(
                "lake",
                URI.create("http://127.0.0.1:1/listing"),
                MINUTE,
                Duration.ofSeconds(1),
                "lake",
                "data",
                "",
                ""),
            this::answer,
            new StateFile(state),
            inbox);
  }

  private Content answer() throws PullException {
    readings++;
    if (answer.isEmpty()) {
      throw new PullException("did not answer");
    }
    return new Content(answer.getBytes(StandardCharsets.UTF_8), mediaType, modified);
  }

  @Test
  void givenReadingRepeatedAfterRestart_thenOneSlotByOneReading() throws Exception {
    answer = DcgmFormatTest.example("pods.txt");
    gpu.pull(FIRST);
    gpu.pull(FIRST);
    restart();
    // Another pod would be another id: the slot must not be read again.
    answer = answer.replace("llm-finetune-0", "llm-finetune-1");
    gpu.pull(FIRST);

    assertThat(readings).isEqualTo(1);
    assertThat(inbox.gpuMicros()).isEqualTo(2 * GPU_MINUTE);
    gpu.pull(SECOND);
    assertThat(inbox.gpuMicros()).isEqualTo(4 * GPU_MINUTE);
  }

  @Test
  void givenTwoCollectors_thenTheSameIds() throws Exception {
    answer = DcgmFormatTest.example("mig.txt");
    gpu.pull(FIRST);
    state = directory.resolve("other.json");
    Files.delete(directory.resolve("state").resolve("x.json"));
    restart();
    gpu.pull(FIRST);

    assertThat(readings).isEqualTo(2);
    assertThat(inbox.stored()).hasSize(10);
    assertThat(inbox.counted()).hasSize(5);
    assertThat(inbox.gpuMicros()).isEqualTo(GPU_MINUTE);
  }

  @Test
  void givenMissedSlot_thenNothingIsInvented() throws Exception {
    answer = DcgmFormatTest.example("mig.txt");
    gpu.pull(FIRST);
    answer = "";
    assertThatThrownBy(() -> gpu.pull(SECOND)).hasMessage("did not answer");
    answer = DcgmFormatTest.example("mig.txt");
    gpu.pull(THIRD);

    assertThat(inbox.gpuMicros()).isEqualTo(2 * GPU_MINUTE);
    assertThat(inbox.counted())
        .extracting(UsageEvent::getEventTimeMicros)
        .containsOnly(FIRST.startMicros(), THIRD.startMicros());
  }

  @ParameterizedTest
  @EnumSource(
      value = Inbox.Mode.class,
      names = {"UNHEARD", "HALF", "CRASH_BEFORE", "CRASH_AFTER"})
  void givenGpuReadingSentInPart_thenTheSameReadingIsSentAgain(Inbox.Mode mode) throws Exception {
    answer = DcgmFormatTest.example("time-slicing.txt");
    inbox.mode = mode;
    assertThatThrownBy(() -> gpu.pull(FIRST)).isNotNull();
    restart();
    inbox.mode = Inbox.Mode.FINE;
    // By now another pod shares the GPU.
    answer = answer.replace("embed-5f6b4-q8zzn", "other");
    gpu.pull(FIRST);

    assertThat(readings).isEqualTo(1);
    assertThat(inbox.gpuMicros()).isEqualTo(GPU_MINUTE);
    assertThat(inbox.counted()).hasSize(3);
  }

  @Test
  void givenKafkaAwayBeyondTheSlot_thenWhatWasReadIsSentLater() throws Exception {
    answer = DcgmFormatTest.example("mig.txt");
    inbox.mode = Inbox.Mode.HALF;
    assertThatThrownBy(() -> gpu.pull(FIRST)).hasMessageContaining("read but not written yet");
    inbox.mode = Inbox.Mode.AWAY;
    assertThatThrownBy(() -> gpu.pull(SECOND)).hasMessageContaining("Kafka does not answer");
    inbox.mode = Inbox.Mode.FINE;
    gpu.pull(THIRD);

    assertThat(inbox.gpuMicros()).isEqualTo(2 * GPU_MINUTE);
    assertThat(inbox.counted())
        .extracting(UsageEvent::getEventTimeMicros)
        .containsOnly(FIRST.startMicros(), THIRD.startMicros());
  }

  @Test
  void givenAnswerThatIsNone_thenTheSlotIsReadAgain() throws Exception {
    answer = "<html>";
    assertThatThrownBy(() -> gpu.pull(FIRST))
        .hasMessageStartingWith("shows no GPU by DCGM; line 1: ");
    answer = DcgmFormatTest.example("mig.txt");
    gpu.pull(FIRST);

    assertThat(inbox.gpuMicros()).isEqualTo(GPU_MINUTE);
  }

  @Test
  void givenOtherInterval_thenTimeThatWasReadIsNotReadAgain() throws Exception {
    answer = DcgmFormatTest.example("mig.txt");
    gpu.pull(SECOND);
    Slot wider = Slot.at(SECOND.start(), Duration.ofMinutes(2));
    assertThat(wider.startMicros()).isEqualTo(FIRST.startMicros());
    gpu.pull(wider);

    assertThat(inbox.gpuMicros()).isEqualTo(GPU_MINUTE);
  }

  @Test
  void givenClockPutBack_thenSaidAndNothingIsRead() throws Exception {
    answer = DcgmFormatTest.example("mig.txt");
    gpu.pull(THIRD);

    assertThatThrownBy(() -> gpu.pull(FIRST))
        .isInstanceOf(PullException.class)
        .hasMessageContaining("the clock is behind the last reading, of 2026-11-21T02:02:00Z")
        .hasMessageContaining(state.toString());
    assertThat(inbox.gpuMicros()).isEqualTo(GPU_MINUTE);
  }

  @Test
  void givenStateThatIsBroken_thenNamedAndNothingIsRead() throws Exception {
    Files.createDirectories(state.getParent());
    for (String broken : List.of("", "{", "{\"slotStartMicros\":1}", "[]")) {
      Files.writeString(state, broken);
      restart();
      assertThatThrownBy(() -> lake.pull(FIRST))
          .isInstanceOf(PullException.class)
          .hasMessageContaining(state.toString());
    }
    assertThat(readings).isZero();
  }

  @Test
  void givenStateThatCannotBeWritten_thenNothingIsSent() throws Exception {
    Files.writeString(directory.resolve("state"), "a file where a directory should be");
    answer = HOT;

    assertThatThrownBy(() -> lake.pull(FIRST))
        .isInstanceOf(PullException.class)
        .hasMessageContaining("its state cannot be kept in " + state);
    assertThat(inbox.stored()).isEmpty();
  }

  @Test
  void givenBytesThatChangedTier_thenMovedOnce() throws Exception {
    answer = HOT;
    lake.pull(FIRST);
    assertThat(inbox.moves()).isEmpty();
    answer = COLD;
    lake.pull(SECOND);
    restart();
    lake.pull(SECOND);
    lake.pull(THIRD);

    assertThat(inbox.moves()).containsExactly("lake/logs hot>cold 60");
    assertThat(
            inbox.counted().stream()
                .filter(event -> event.getDetail() instanceof StorageUsage)
                .mapToLong(event -> ((StorageUsage) event.getDetail()).getBytes())
                .sum())
        .isEqualTo(3 * 107);
  }

  @ParameterizedTest
  @EnumSource(
      value = Inbox.Mode.class,
      names = {"AWAY", "UNHEARD", "HALF", "CRASH_BEFORE", "CRASH_AFTER"})
  void givenEndBetweenPendingAndAcknowledged_thenMovedOnce(Inbox.Mode mode) throws Exception {
    answer = HOT;
    lake.pull(FIRST);
    answer = COLD;
    inbox.mode = mode;
    assertThatThrownBy(() -> lake.pull(SECOND)).isNotNull();
    restart();
    inbox.mode = Inbox.Mode.FINE;
    lake.pull(THIRD);
    lake.pull(THIRD.next());

    assertThat(inbox.moves()).containsExactly("lake/logs hot>cold 60");
  }

  @Test
  void givenPendingMoves_thenTheyStandInTheState_andAreGoneWhenAcknowledged() throws Exception {
    answer = HOT;
    lake.pull(FIRST);
    answer = COLD;
    inbox.mode = Inbox.Mode.HALF;
    assertThatThrownBy(() -> lake.pull(SECOND)).isNotNull();
    assertThat(Files.readString(state)).contains("\"sent\":false").contains("\"moved\":60");

    inbox.mode = Inbox.Mode.FINE;
    lake.pull(SECOND);
    assertThat(Files.readString(state)).contains("\"sent\":true").doesNotContain("moved");
    assertThat(state.resolveSibling("x.json.next")).doesNotExist();
  }

  @Test
  void givenListingThatIsEmptyGarbledOrOlder_thenNothing_andTheNextIsComparedWithTheOneBefore()
      throws Exception {
    modified = Instant.parse("2026-11-21T02:00:00Z");
    answer = HOT;
    lake.pull(FIRST);
    int stored = inbox.stored().size();
    for (String bad :
        List.of(
            "dataset,tier,bytes\n",
            "[]",
            "{\"datasets\":[]}",
            COLD.substring(0, COLD.length() - 3),
            "dataset,tier,bytes\nlogs,freezing,1\n")) {
      answer = bad;
      assertThatThrownBy(() -> lake.pull(SECOND)).as(bad).isInstanceOf(PullException.class);
    }
    answer = COLD;
    modified = modified.minusSeconds(1);
    assertThatThrownBy(() -> lake.pull(SECOND)).hasMessageContaining("older than the one before");
    assertThat(inbox.stored()).hasSize(stored);

    modified = null;
    lake.pull(SECOND);
    assertThat(inbox.moves()).containsExactly("lake/logs hot>cold 60");
  }

  @Test
  void givenRowThatIsRejected_thenItsDatasetIsComparedLater() throws Exception {
    answer = "dataset,tier,bytes\nlogs,hot,100\nlogs,warm,10\n";
    lake.pull(FIRST);
    answer = "dataset,tier,bytes\nlogs,hot,oops\nlogs,warm,50\n";
    Puller.Done done = lake.pull(SECOND);
    assertThat(done.rejected()).isEqualTo(1);
    assertThat(String.valueOf(done.firstRejection()))
        .contains("line 2")
        .contains("bytes must be a whole number >= 0, was \\\"oops\\\"".replace("\\", ""));
    assertThat(inbox.moves()).isEmpty();
    answer = "dataset,tier,bytes\nlogs,hot,40\nlogs,warm,70\n";
    lake.pull(THIRD);

    assertThat(inbox.moves()).containsExactly("lake/logs hot>warm 60");
  }
}
