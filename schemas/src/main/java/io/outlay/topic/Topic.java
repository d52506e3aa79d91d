package io.outlay.topic;

import java.util.Map;
import org.apache.avro.specific.SpecificRecord;

/**
 * A topic as one typed constant.
 *
 * @param suffix name without the prefix that {@code kafka.topicPrefix} configures
 * @param valueType Avro class of the values
 * @param partitioning how many partitions it gets
 * @param config topic configuration that its meaning depends on
 * @param <V> type of the values
 */
public record Topic<V extends SpecificRecord>(
    String suffix, Class<V> valueType, Partitioning partitioning, Map<String, String> config) {

  /** How many partitions a topic gets. */
  public enum Partitioning {
    /** As many as {@code kafka.partitions} says: the topic carries traffic. */
    SCALED,
    /** One: the topic carries state that every reader wants whole and in order. */
    SINGLE
  }

  /** The full name under a prefix such as {@code outlay.}. */
  public String name(String prefix) {
    return prefix + suffix;
  }

  /** The registry subject of its values under a prefix. */
  public String subject(String prefix) {
    return name(prefix) + "-value";
  }
}
