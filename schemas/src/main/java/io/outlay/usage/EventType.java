package io.outlay.usage;

import io.outlay.schema.CacheLookup;
import io.outlay.schema.ComputeUsage;
import io.outlay.schema.DirectCost;
import io.outlay.schema.GpuUsage;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.NetworkTransfer;
import io.outlay.schema.QualityScore;
import io.outlay.schema.StorageMove;
import io.outlay.schema.StorageUsage;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** The types of usage event, each with its CloudEvents name and the branch that carries it. */
public enum EventType {
  LLM_USAGE("io.outlay.llm.usage", LlmUsage.class),
  GPU_USAGE("io.outlay.gpu.usage", GpuUsage.class),
  COMPUTE_USAGE("io.outlay.compute.usage", ComputeUsage.class),
  CACHE_LOOKUP("io.outlay.cache.lookup", CacheLookup.class),
  STORAGE_MOVE("io.outlay.storage.move", StorageMove.class),
  STORAGE_USAGE("io.outlay.storage.usage", StorageUsage.class),
  NETWORK_TRANSFER("io.outlay.network.transfer", NetworkTransfer.class),
  QUALITY_SCORE("io.outlay.quality.score", QualityScore.class),
  COST_DIRECT("io.outlay.cost.direct", DirectCost.class);

  private static final Map<String, EventType> BY_NAME =
      Arrays.stream(values())
          .collect(Collectors.toMap(EventType::cloudEventType, Function.identity()));
  private static final Map<Class<?>, EventType> BY_DETAIL =
      Arrays.stream(values()).collect(Collectors.toMap(type -> type.detail, Function.identity()));

  private final String cloudEventType;
  private final Class<? extends SpecificRecord> detail;

  EventType(String cloudEventType, Class<? extends SpecificRecord> detail) {
    this.cloudEventType = cloudEventType;
    this.detail = detail;
  }

  /** The {@code type} attribute, such as {@code io.outlay.llm.usage}. */
  public String cloudEventType() {
    return cloudEventType;
  }

  /** The type of that name, or null if there is none. */
  public static @Nullable EventType ofCloudEventType(String name) {
    return BY_NAME.get(name);
  }

  /**
   * The type that {@code UsageEvent.detail} belongs to.
   *
   * @throws IllegalArgumentException if it is none of the branches
   */
  public static EventType ofDetail(Object detail) {
    EventType type = BY_DETAIL.get(detail.getClass());
    if (type == null) {
      throw new IllegalArgumentException("no event type is carried by " + detail.getClass());
    }
    return type;
  }
}
