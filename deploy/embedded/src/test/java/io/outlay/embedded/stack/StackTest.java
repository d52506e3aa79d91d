package io.outlay.embedded.stack;

import io.outlay.embedded.stack.PartStatus.State;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class StackTest {
  private static final Duration STOP_WITHIN = Duration.ofMillis(500);

  @TempDir private Path temp;

  private final List<String> progress = Collections.synchronizedList(new ArrayList<>());
  private final List<Stack> stacks = new ArrayList<>();
  private DataDirectory data;
  private StandIn standIn;

  @BeforeEach
  void setUp() {
    data = new DataDirectory(temp.resolve("data"));
    standIn = new StandIn(temp);
  }

  @AfterEach
  void stopEverything() {
    stacks.forEach(Stack::down);
  }

  @Test
  void givenNothingRuns_whenUp_thenAllIsReadyAndNeededPartsWereStartedFirst() throws Exception {
    Stack stack = stack(standIn.obedient("broker"), standIn.obedient("program", "broker"));

    Stack.Outcome outcome = stack.up();

    assertThat(outcome).isEqualTo(Stack.Outcome.IS_UP);
    assertThat(states(stack)).containsExactly(State.READY, State.READY);
    assertThat(standIn.starts()).containsExactly("broker", "program");
    assertThat(progress).anyMatch(line -> line.contains("broker") && line.contains("ready"));
  }

  @Test
  void givenAllIsReady_whenUpAgain_thenNothingIsStarted() throws Exception {
    Stack stack = stack(standIn.obedient("broker"));
    stack.up();

    assertThat(stack(standIn.obedient("broker")).up()).isEqualTo(Stack.Outcome.WAS_UP);
    assertThat(standIn.starts()).containsExactly("broker");
  }

  @Test
  void givenOnePartWasKilled_whenUp_thenOnlyThatPartIsStarted() throws Exception {
    Stack stack = stack(standIn.obedient("broker"), standIn.obedient("program", "broker"));
    stack.up();
    process("broker").kill();
    await(() -> !process("broker").isAlive());
    assertThat(states(stack)).containsExactly(State.STOPPED, State.READY);

    stack.up();

    assertThat(states(stack)).containsExactly(State.READY, State.READY);
    assertThat(standIn.starts()).containsExactly("broker", "program", "broker");
  }

  @Test
  void givenRunningParts_whenDown_thenNoProcessIsLeftAndDownAgainStopsNothing() {
    Stack stack = stack(standIn.obedient("broker"), standIn.obedient("program", "broker"));
    stack.up();
    RunningProcess broker = process("broker");
    RunningProcess program = process("program");

    int stopped = stack.down();

    assertThat(stopped).isEqualTo(2);
    assertThat(broker.isAlive()).isFalse();
    assertThat(program.isAlive()).isFalse();
    assertThat(stack.down()).isZero();
    assertThat(progress.get(progress.size() - 1)).contains("broker");
  }

  @Test
  void givenAPartThatIgnoresTheRequest_whenDown_thenItIsKilledAndThatIsSaid() {
    Stack stack = stack(standIn.deaf("stubborn"));
    stack.up();
    RunningProcess stubborn = process("stubborn");

    assertThat(stack.down()).isEqualTo(1);

    assertThat(stubborn.isAlive()).isFalse();
    assertThat(progress).anyMatch(line -> line.contains("stubborn") && line.contains("killing"));
  }

  @Test
  void givenAPartThatEndsWhileStarting_whenUp_thenItsLogIsShownAndTheOthersAreStopped() {
    Stack stack = stack(standIn.obedient("broker"), standIn.dying("program", "broker"));

    assertThatThrownBy(stack::up)
        .isInstanceOf(StackException.class)
        .hasMessageContaining("program ended while it was starting")
        .hasMessageContaining("these are my last words");

    assertThat(states(stack)).containsExactly(State.STOPPED, State.STOPPED);
  }

  @Test
  void givenAPartThatRanBefore_whenUpFails_thenItIsLeftAlone() {
    stack(standIn.obedient("broker")).up();
    Stack stack = stack(standIn.obedient("broker"), standIn.dying("program", "broker"));

    assertThatThrownBy(stack::up).isInstanceOf(StackException.class);

    assertThat(states(stack)).containsExactly(State.READY, State.STOPPED);
  }

  @Test
  void givenAPartThatNeverBecomesReady_whenUp_thenTheReasonIsNamed() {
    Stack stack = stack(standIn.hanging("slow", Duration.ofMillis(300)));

    assertThatThrownBy(stack::up)
        .isInstanceOf(StackException.class)
        .hasMessageContaining("slow is not ready")
        .hasMessageContaining("no file yet")
        .hasMessageContaining("I ponder");
    assertThat(states(stack)).containsExactly(State.STOPPED);
  }

  @Test
  void givenAPartThatIsNotReady_whenStatus_thenItIsStartingWhileItHasTimeAndThenNotReady() {
    Part patient = standIn.hanging("slow", Duration.ofHours(1));
    Part hurried = standIn.hanging("late", Duration.ZERO);
    data.create();
    for (String name : List.of("slow", "late")) {
      RunningProcess self = RunningProcess.find(ProcessHandle.current().pid()).orElseThrow();
      data.pid(name).write(new PidFile.Entry(self, Instant.now()));
    }
    Stack stack = new Stack(data, List.of(patient, hurried), STOP_WITHIN, progress::add);

    assertThat(states(stack)).containsExactly(State.STARTING, State.NOT_READY);
    assertThat(stack.status().get(1).reason()).contains("no file yet");
  }

  @Test
  void givenATakenPort_whenUp_thenPortPartAndKeyAreNamedAndNothingIsStarted() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Part part = standIn.obedient("web");
      Listener listener = new Listener("web.port", "127.0.0.1", taken.getLocalPort());
      Stack stack = stack(listeningAt(part, listener));

      assertThatThrownBy(stack::up)
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("port " + taken.getLocalPort() + " (web) is taken")
          .hasMessageContaining("web.port");
      assertThat(standIn.starts()).isEmpty();
    }
  }

  @Test
  void givenTwoPartsWithOneAddress_whenUp_thenBothKeysAreNamed() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Stack stack =
        stack(
            listeningAt(standIn.obedient("a"), new Listener("a.port", "127.0.0.1", port)),
            listeningAt(standIn.obedient("b"), new Listener("b.port", "127.0.0.1", port)));

    assertThatThrownBy(stack::up)
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("a.port and b.port must differ");
  }

  @Test
  void givenAPidFileOfAnotherProcessWithThatNumber_whenDown_thenThatProcessIsLeftAlone() {
    data.create();
    RunningProcess other = new RunningProcess(ProcessHandle.current().pid(), "another-boot/1");
    data.pid("broker").write(new PidFile.Entry(other, Instant.now()));
    Stack stack = stack(standIn.obedient("broker"));

    assertThat(states(stack)).containsExactly(State.STOPPED);
    assertThat(stack.down()).isZero();
    assertThat(data.pid("broker").read()).isEmpty();
  }

  @Test
  void givenTwoUpsAtOnce_whenBothEnd_thenEachPartWasStartedOnce() throws Exception {
    Stack one = stack(standIn.obedient("broker"));
    Stack two = stack(standIn.obedient("broker"));

    CompletableFuture<Stack.Outcome> first = CompletableFuture.supplyAsync(one::up);
    CompletableFuture<Stack.Outcome> second = CompletableFuture.supplyAsync(two::up);

    assertThat(List.of(first.get(), second.get()))
        .containsExactlyInAnyOrder(Stack.Outcome.IS_UP, Stack.Outcome.WAS_UP);
    assertThat(standIn.starts()).containsExactly("broker");
  }

  @Test
  void givenAPartBeforeOneItNeeds_whenConstructed_thenRefused() {
    List<Part> parts = List.of(standIn.obedient("program", "broker"), standIn.obedient("broker"));

    assertThatThrownBy(() -> new Stack(data, parts, STOP_WITHIN, progress::add))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("program");
  }

  @Test
  void givenALongLog_whenUp_thenItIsPutAside() throws Exception {
    data.create();
    Path log = data.log("broker").path();
    Files.write(log, new byte[(int) LogFile.MAX_BYTES + 1]);

    stack(standIn.obedient("broker")).up();

    assertThat(log.resolveSibling("broker.log.1")).hasSize(LogFile.MAX_BYTES + 1);
    assertThat(Files.size(log)).isLessThan(LogFile.MAX_BYTES);
  }

  private Stack stack(Part... parts) {
    Stack stack = new Stack(data, List.of(parts), STOP_WITHIN, progress::add);
    stacks.add(stack);
    return stack;
  }

  private static Part listeningAt(Part part, Listener listener) {
    return new Part(
        part.name(),
        part.after(),
        part.command(),
        part.environment(),
        part.directory(),
        List.of(listener),
        part.address(),
        part.readiness(),
        part.startWithin());
  }

  private RunningProcess process(String part) {
    return data.pid(part).read().orElseThrow().process();
  }

  private static List<State> states(Stack stack) {
    return stack.status().stream().map(PartStatus::state).toList();
  }

  private static void await(java.util.function.BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }
}
