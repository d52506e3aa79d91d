package io.outlay.detector.app;

import io.outlay.config.OutlayConfig;
import io.outlay.detector.rule.Rule;
import java.net.URI;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;

/**
 * What the detector takes from the configuration.
 *
 * @param partitions of topics that it has to create
 * @param longestBaseline of the rules in days, ≥ 1
 * @param base address of its own HTTP interface
 */
record Settings(
    String bootstrapServers,
    String topicPrefix,
    int partitions,
    URI registry,
    ZoneId zone,
    List<Rule> rules,
    int longestBaseline,
    List<Target> receivers,
    Duration evaluateEvery,
    Duration maxAge,
    URI base) {

  /** Where alerts go. */
  record Target(String name, URI url, String secret) {
    @Override
    public String toString() {
      return "Target[" + name + "]";
    }
  }

  static Settings of(OutlayConfig config) {
    return new Settings(
        config.kafka().bootstrapServers(),
        config.kafka().topicPrefix(),
        config.kafka().partitions(),
        config.registry().url(),
        config.timezone(),
        config.rules().stream().map(rule -> Rules.of(rule, config.timezone())).toList(),
        config.rules().stream().mapToInt(Rules::baselineDays).max().orElse(1),
        config.receivers().stream()
            .map(receiver -> new Target(receiver.name(), receiver.url(), receiver.secret()))
            .toList(),
        config.detector().evaluateEvery(),
        config.detector().maxAge(),
        URI.create("http://" + bracketed(config.host()) + ":" + config.detector().port()));
  }

  private static String bracketed(String host) {
    return host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
  }
}
