package io.outlay.topic;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * Creates the topics that do not exist yet. An existing topic is left as it is: its partitions and
 * configuration are the operator's.
 */
public final class TopicProvisioner {
  private static final long TIMEOUT_SECONDS = 30;

  private final Admin admin;
  private final String prefix;
  private final int partitions;

  /**
   * @param prefix of the topic names, such as {@code outlay.}
   * @param partitions of the topics that carry traffic, ≥ 1
   */
  public TopicProvisioner(Admin admin, String prefix, int partitions) {
    if (partitions < 1) {
      throw new IllegalArgumentException("kafka.partitions must be >= 1, was " + partitions);
    }
    this.admin = admin;
    this.prefix = prefix;
    this.partitions = partitions;
  }

  /**
   * Creates what is missing.
   *
   * @throws IllegalStateException if the broker does not answer or refuses, naming the topic
   */
  public void provision() {
    try {
      Set<String> existing = admin.listTopics().names().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      List<NewTopic> missing =
          Topics.ALL.stream()
              .filter(topic -> !existing.contains(topic.name(prefix)))
              .map(this::describe)
              .toList();
      for (var created : admin.createTopics(missing).values().entrySet()) {
        try {
          created.getValue().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
          // Several programs start at once: whoever comes second finds the topic there.
          if (!(e.getCause() instanceof TopicExistsException)) {
            throw new IllegalStateException(
                "cannot create topic " + created.getKey(), e.getCause());
          }
        }
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "cannot list topics: " + e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("no answer from Kafka within " + TIMEOUT_SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while creating topics", e);
    }
  }

  private NewTopic describe(Topic<?> topic) {
    int count = topic.partitioning() == Topic.Partitioning.SINGLE ? 1 : partitions;
    Map<String, String> config = new HashMap<>(topic.config());
    return new NewTopic(topic.name(prefix), Optional.of(count), Optional.empty()).configs(config);
  }
}
