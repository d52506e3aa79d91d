package io.outlay.collectors.otlp;

import io.outlay.collectors.attribution.NamePattern;
import java.util.List;

/**
 * Services whose metrics are counted. Their spans and log records are not, and metrics of all
 * others are not, so that no call is counted twice.
 *
 * @param patterns names of services; a {@code *} at the end stands for any rest
 */
public record MetricServices(List<String> patterns) {
  public MetricServices {
    patterns = List.copyOf(patterns);
  }

  /** Whether metrics are what is counted of a service. */
  boolean contains(String service) {
    return patterns.stream().anyMatch(pattern -> new NamePattern(pattern).fits(service));
  }
}
