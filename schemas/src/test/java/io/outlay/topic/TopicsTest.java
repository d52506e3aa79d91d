package io.outlay.topic;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TopicsTest {
  @Test
  void topicsAreWhatRunningSystemsHave() throws IOException {
    String described =
        Topics.ALL.stream().map(TopicsTest::describe).collect(Collectors.joining("\n")) + "\n";

    assertThat(described)
        .as(
            "Topics outlive releases: those that exist keep their name, data and configuration, so"
                + " that a change here reaches new installations only. If it is meant, say in the"
                + " changelog what operators have to do, and put what stands here into"
                + " src/test/resources/topics.txt.")
        .isEqualTo(expected());
  }

  @Test
  void allTopicsAreListedOnce() throws IllegalAccessException {
    List<Topic<?>> constants = new ArrayList<>();
    for (var field : Topics.class.getFields()) {
      if (field.get(null) instanceof Topic<?> topic) {
        constants.add(topic);
      }
    }

    assertThat(Topics.ALL).containsExactlyInAnyOrderElementsOf(constants);
    assertThat(Topics.ALL).extracting(Topic::suffix).doesNotHaveDuplicates();
  }

  @Test
  void thePrefixGoesBeforeNameAndSubject() {
    assertThat(Topics.USAGE.name("staging.")).isEqualTo("staging.usage");
    assertThat(Topics.USAGE.subject("staging.")).isEqualTo("staging.usage-value");
    assertThat(Topics.USAGE.name(Topics.DEFAULT_PREFIX)).isEqualTo("outlay.usage");
  }

  private static String describe(Topic<?> topic) {
    return topic.name(Topics.DEFAULT_PREFIX)
        + " | "
        + topic.subject(Topics.DEFAULT_PREFIX)
        + " | "
        + topic.valueType().getName()
        + " | "
        + topic.partitioning()
        + " | "
        + new TreeMap<>(topic.config());
  }

  private static String expected() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(TopicsTest.class.getResourceAsStream("/topics.txt"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
