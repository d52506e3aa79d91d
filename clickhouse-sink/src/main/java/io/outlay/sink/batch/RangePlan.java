package io.outlay.sink.batch;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.Uuid;

/**
 * Where a range of offsets ends that is about to be inserted, as it stands in the metadata of the
 * offset commit whose offset is the range's start. Whoever owns the topic partition after a crash
 * reads it, builds the same batch and sends it under the same tokens.
 *
 * @param topicId the topic's own id: offsets of a topic that was deleted and created again mean
 *     other records
 * @param to end of the range, exclusive
 */
public record RangePlan(Uuid topicId, long to) {
  private static final Pattern METADATA = Pattern.compile("outlay-sink/1 (\\S{1,64}) (\\d{1,18})");

  public RangePlan {
    if (to < 0) {
      throw new IllegalArgumentException("a range ends at an offset >= 0, was " + to);
    }
  }

  /** The plan as commit metadata. */
  public String toMetadata() {
    return "outlay-sink/1 " + topicId + " " + to;
  }

  /**
   * Reads commit metadata.
   *
   * @param topicId id that the topic has now
   * @param from offset of the commit
   * @return empty if the metadata is no plan, is of another topic of that name, or plans nothing
   */
  public static Optional<RangePlan> ofMetadata(String metadata, Uuid topicId, long from) {
    Matcher matcher = METADATA.matcher(metadata);
    if (!matcher.matches() || !matcher.group(1).equals(topicId.toString())) {
      return Optional.empty();
    }
    long to = Long.parseLong(matcher.group(2));
    return to > from ? Optional.of(new RangePlan(topicId, to)) : Optional.empty();
  }
}
