package io.outlay.detector.app;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

/**
 * Says which of several detectors judges and sends: the one to which their consumer group gives the
 * first partition of the incidents. It is not read here. Who has just lost it may not know so yet;
 * the log of incidents refuses whoever has been succeeded. For one thread.
 */
final class Leadership implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Leadership.class);
  private static final Duration LEAVE_WITHIN = Duration.ofSeconds(1);

  private final Consumer<byte[], byte[]> member;
  private volatile boolean leads;

  /**
   * @param member of the group of detectors; belongs to this from now on
   */
  Leadership(Consumer<byte[], byte[]> member, String topic) {
    this.member = member;
    member.subscribe(
        List.of(topic),
        new ConsumerRebalanceListener() {
          @Override
          public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            member.pause(partitions);
            if (isFirst(partitions)) {
              leads = true;
            }
          }

          @Override
          public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            if (isFirst(partitions)) {
              leads = false;
            }
          }
        });
  }

  private static boolean isFirst(Collection<TopicPartition> partitions) {
    return partitions.stream().anyMatch(partition -> partition.partition() == 0);
  }

  /**
   * Stays a member of the group. To be called at least every few seconds.
   *
   * @param wait for news
   * @throws KafkaException if it is none any more
   */
  void poll(Duration wait) {
    var unused = member.poll(wait);
  }

  /** Whether this detector is the one. */
  boolean leads() {
    return leads;
  }

  /** Leaves, so that another takes over at once. */
  @Override
  public void close() {
    leads = false;
    try {
      member.close(
          CloseOptions.timeout(LEAVE_WITHIN)
              .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
    } catch (KafkaException e) {
      LOG.debugf("left without saying so: %s", e);
    }
  }
}
