package io.outlay.streams.app;

import io.outlay.serde.RegistryException;
import io.outlay.serde.UnreadableRecordException;
import org.apache.kafka.streams.errors.StreamsException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class StreamsRuntimeTest {
  @Test
  void aRegistryThatIsAwayIsToldFromADefect() {
    assertThat(
            StreamsRuntime.isOfRegistry(
                new StreamsException("task 0_1", new RegistryException("no answer"))))
        .isTrue();
    assertThat(
            StreamsRuntime.isOfRegistry(
                new StreamsException("task 0_1", new UnreadableRecordException("cut"))))
        .isFalse();
  }
}
