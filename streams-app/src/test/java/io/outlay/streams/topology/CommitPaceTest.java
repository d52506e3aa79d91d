package io.outlay.streams.topology;

import java.time.Duration;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class CommitPaceTest {
  private static final long NOW = 1_000_000;

  private final MockProcessorContext<byte[], byte[]> context = new MockProcessorContext<>();
  private final CommitPace pace = new CommitPace(Duration.ofMillis(200));

  @Test
  void givenAPause_whenARecordComes_thenACommitIsAskedForOnce() {
    committedAt(NOW);
    context.setCurrentSystemTimeMs(NOW + 200);

    pace.record(context);
    assertThat(context.committed()).isTrue();
    context.resetCommit();
    pace.record(context);

    assertThat(context.committed()).isFalse();
  }

  @Test
  void givenACommitJustNow_whenRecordsCome_thenTheyWaitForTheInterval() {
    committedAt(NOW);
    context.setCurrentSystemTimeMs(NOW + 199);
    pace.record(context);
    assertThat(context.committed()).isFalse();

    context.setCurrentSystemTimeMs(NOW + 200);
    pace.record(context);
    assertThat(context.committed()).isTrue();
  }

  @Test
  void givenMuchToDo_whenTheIntervalIsOver_thenNothingIsAskedForUntilTheNextCommit() {
    committedAt(NOW);
    for (int i = 0; i < CommitPace.MUCH; i++) {
      pace.record(context);
    }
    context.setCurrentSystemTimeMs(NOW + 10_000);
    pace.record(context);
    assertThat(context.committed()).isFalse();

    committedAt(NOW + 10_000);
    context.setCurrentSystemTimeMs(NOW + 10_200);
    pace.record(context);
    assertThat(context.committed()).isTrue();
  }

  private void committedAt(long millis) {
    context.setCurrentSystemTimeMs(millis);
    pace.committing(context);
    context.resetCommit();
  }
}
