package io.outlay.usage;

import io.outlay.schema.CacheLookup;
import io.outlay.schema.ComputeUsage;
import io.outlay.schema.GpuUsage;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.NetworkTransfer;
import io.outlay.schema.QualityScore;
import io.outlay.schema.UsageEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * A set of dimensions that sums are kept by, such as {@code customer} or {@code region+team}. A
 * dimension is one of {@code team}, {@code project}, {@code feature}, {@code customer}, {@code
 * user}, {@code environment}, {@code region}, {@code provider}, {@code model}, {@code operation}
 * and {@code tags.KEY}. Every event has a value of each, empty where it has none. Immutable; equal
 * to a cut of the same dimensions.
 */
public final class Cut {
  private static final String TAGS = "tags.";

  private final List<String> dimensions;
  private final List<Function<UsageEvent, String>> values;

  private Cut(Collection<String> dimensions) {
    this.dimensions = List.copyOf(new TreeSet<>(dimensions));
    this.values = this.dimensions.stream().map(Cut::valueOf).toList();
    if (this.dimensions.isEmpty()) {
      throw new IllegalArgumentException("a cut must name a dimension");
    }
  }

  /**
   * The cut of dimensions in any order.
   *
   * @throws IllegalArgumentException if there are none, or one is not a dimension, naming it
   */
  public static Cut of(Collection<String> dimensions) {
    return new Cut(dimensions);
  }

  /**
   * The cut of an entry of the configuration: dimensions with {@code +} between them.
   *
   * @throws IllegalArgumentException as above
   */
  public static Cut parse(String text) {
    return of(List.of(text.split("\\+", -1)));
  }

  /** Its dimensions in alphabetical order. */
  public List<String> dimensions() {
    return dimensions;
  }

  /** Its dimensions with {@code +} between them, in alphabetical order. */
  public String name() {
    return String.join("+", dimensions);
  }

  /** The values of an event, in the order of the dimensions. */
  public List<String> valuesOf(UsageEvent event) {
    List<String> list = new ArrayList<>(values.size());
    for (Function<UsageEvent, String> value : values) {
      list.add(value.apply(event));
    }
    return list;
  }

  /** The scope that has these values, in the order of the dimensions. */
  public SortedMap<String, String> scope(List<String> ofDimensions) {
    SortedMap<String, String> scope = new TreeMap<>();
    for (int i = 0; i < dimensions.size(); i++) {
      scope.put(dimensions.get(i), ofDimensions.get(i));
    }
    return scope;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Cut cut && cut.dimensions.equals(dimensions);
  }

  @Override
  public int hashCode() {
    return dimensions.hashCode();
  }

  @Override
  public String toString() {
    return name();
  }

  private static Function<UsageEvent, String> valueOf(String dimension) {
    if (dimension.startsWith(TAGS) && dimension.length() > TAGS.length()) {
      String key = dimension.substring(TAGS.length());
      return event -> event.getTags().getOrDefault(key, "");
    }
    return switch (dimension) {
      case "team" -> UsageEvent::getTeam;
      case "project" -> UsageEvent::getProject;
      case "feature" -> UsageEvent::getFeature;
      case "customer" -> UsageEvent::getCustomer;
      case "user" -> UsageEvent::getUser;
      case "environment" -> UsageEvent::getEnvironment;
      case "region" -> UsageEvent::getRegion;
      case "provider" -> Cut::provider;
      case "model" -> Cut::model;
      case "operation" ->
          event -> event.getDetail() instanceof LlmUsage llm ? llm.getOperation() : "";
      default ->
          throw new IllegalArgumentException(
              "must be of team, project, feature, customer, user, environment, region, provider,"
                  + " model, operation and tags.KEY, was "
                  + dimension);
    };
  }

  /** Provider of the model, or cloud that bills the resource; empty for what has neither. */
  private static String provider(UsageEvent event) {
    Object detail = event.getDetail();
    if (detail instanceof LlmUsage llm) {
      return llm.getProvider();
    }
    if (detail instanceof CacheLookup lookup) {
      return lookup.getProvider();
    }
    if (detail instanceof GpuUsage gpu) {
      return gpu.getCloud();
    }
    if (detail instanceof ComputeUsage compute) {
      return compute.getCloud();
    }
    return detail instanceof NetworkTransfer network ? network.getCloud() : "";
  }

  /** Model that served, was avoided or was judged; empty for what is not about a model. */
  public static String model(UsageEvent event) {
    Object detail = event.getDetail();
    if (detail instanceof LlmUsage llm) {
      return llm.getModel();
    }
    if (detail instanceof CacheLookup lookup) {
      return lookup.getModel();
    }
    return detail instanceof QualityScore score ? score.getModel() : "";
  }
}
