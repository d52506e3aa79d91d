package io.outlay.it.faults;

import io.outlay.it.EmbeddedRunningStack;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static io.outlay.it.faults.LoadedStack.await;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * More than one of everything that there may be more than one of, and one of each lost while usage
 * flows: the books are those of the events, to the last digit.
 */
class ReplicasIT {
  private static final long EVENTS = 15_000;
  private static final long AT_MOST = 200_000;
  private static final int RATE = 1_000;
  private static final String READ = "outlay_usage_read_total";
  private static final String STORED = "outlay_sink_rows_inserted_total";

  @TempDir private Path directory;

  @Test
  void givenTwoInstancesOfEach_whenOneIsKilledAndOneAddedUnderLoad_thenTheBooksAreExact()
      throws Exception {
    try (LoadedStack loaded = new LoadedStack(21, AT_MOST, RATE, Optional.empty(), 1)) {
      EmbeddedRunningStack stack = loaded.stack();
      URI streams = another(loaded, Fault.STREAMS, "second");
      URI sink = another(loaded, Fault.SINK, "second");
      await("the second ones are ready")
          .until(() -> loaded.isReady(streams) && loaded.isReady(sink));

      // When usage flows through both, one of each is killed, and another one comes
      loaded.allow(AT_MOST);
      loaded.awaitAcknowledged(EVENTS / 3);
      await("all four work")
          .until(
              () ->
                  loaded.metric(streams, READ) > 0
                      && loaded.metric(stack.streams(), READ) > 0
                      && loaded.metric(sink, STORED) > 0
                      && loaded.metric(stack.sink(), STORED) > 0);
      stack.killSecond(Fault.STREAMS);
      stack.killSecond(Fault.SINK);
      URI newStreams = another(loaded, Fault.STREAMS, "third");
      URI newSink = another(loaded, Fault.SINK, "third");
      await("the new ones have a part in it")
          .until(() -> loaded.metric(newStreams, READ) > 0 && loaded.metric(newSink, STORED) > 0);
      loaded.awaitAcknowledged(EVENTS);
      loaded.finish();

      // Then what is there is what was sent
      loaded.assertExact(newSink);
      assertThat(loaded.isReady(stack.streams())).isTrue();
      assertThat(loaded.isReady(stack.sink())).isTrue();
    }
  }

  @Test
  void givenThreeBrokers_whenOneIsLostUnderLoad_thenTheBooksAreExact() throws Exception {
    try (Brokers brokers = new Brokers(directory, 3);
        LoadedStack loaded = new LoadedStack(22, EVENTS, RATE, Optional.of(brokers.servers()), 2)) {
      loaded.allow(EVENTS);
      loaded.awaitAcknowledged(EVENTS / 3);
      brokers.kill(1);
      loaded.awaitAcknowledged(EVENTS);

      loaded.assertExact(loaded.stack().sink());
    }
  }

  /** Starts another instance of a program beside that of the stack. */
  private URI another(LoadedStack loaded, String part, String name) throws Exception {
    boolean streams = part.equals(Fault.STREAMS);
    return loaded
        .stack()
        .startSecond(
            part,
            streams ? "streams.port" : "sink.port",
            streams ? List.of("-Doutlay.streams.stateDir=" + directory.resolve(name)) : List.of());
  }
}
