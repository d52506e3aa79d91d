package io.outlay.detector.app;

import io.outlay.config.OutlayConfig;
import io.outlay.config.RuleType;
import io.outlay.config.RuleType.Key;
import io.outlay.detector.rule.Rule;
import io.outlay.detector.rule.SpendRatioRule;
import io.outlay.detector.rule.Terms;
import io.outlay.detector.spend.Cut;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
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

  /** Names this detector among those on other machines and other ports. */
  String instance() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "localhost";
    }
    return (host + "-" + base.getPort()).replaceAll("[^A-Za-z0-9._-]", "_");
  }

  static Settings of(OutlayConfig config) {
    return new Settings(
        config.kafka().bootstrapServers(),
        config.kafka().topicPrefix(),
        config.kafka().partitions(),
        config.registry().url(),
        config.timezone(),
        config.rules().stream().map(rule -> rule(rule, config.timezone())).toList(),
        config.rules().stream().mapToInt(Settings::baselineDays).max().orElse(1),
        config.receivers().stream()
            .map(receiver -> new Target(receiver.name(), receiver.url(), receiver.secret()))
            .toList(),
        config.detector().evaluateEvery(),
        config.detector().maxAge(),
        URI.create("http://" + bracketed(config.host()) + ":" + config.detector().port()));
  }

  private static Rule rule(OutlayConfig.Rule rule, ZoneId zone) {
    RuleType type = RuleType.find(rule.type()).orElseThrow();
    Terms terms =
        new Terms(
            rule.name(),
            rule.type(),
            type.number(rule, Key.THRESHOLD).orElse(BigDecimal.ONE),
            rule.by().stream().map(Cut::parse).distinct().toList(),
            type.number(rule, Key.MIN_IMPACT_USD).orElse(BigDecimal.ZERO),
            rule.receivers().stream().distinct().toList());
    if (type != RuleType.SPEND_RATIO) {
      throw new IllegalArgumentException(rule.name() + ": " + rule.type() + " is not there yet");
    }
    return new SpendRatioRule(
        terms,
        zone,
        baselineDays(rule),
        type.number(rule, Key.MIN_HISTORY_DAYS).orElseThrow().intValueExact());
  }

  private static int baselineDays(OutlayConfig.Rule rule) {
    return RuleType.find(rule.type())
        .flatMap(type -> type.duration(rule, Key.BASELINE))
        .map(baseline -> Math.toIntExact(baseline.toDays()))
        .orElse(1);
  }

  private static String bracketed(String host) {
    return host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
  }
}
