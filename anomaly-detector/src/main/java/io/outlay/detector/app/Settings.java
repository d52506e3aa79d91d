package io.outlay.detector.app;

import io.outlay.config.OutlayConfig;
import io.outlay.config.RuleType;
import io.outlay.config.RuleType.Key;
import io.outlay.detector.rule.Planned;
import io.outlay.detector.rule.PlannedRule;
import io.outlay.detector.rule.Rule;
import io.outlay.detector.rule.Terms;
import io.outlay.detector.spend.Cut;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;

/**
 * What the detector takes from the configuration.
 *
 * @param partitions of topics that it has to create
 * @param longestBaseline days before the running one that a rule looks at, ≥ 1
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
        rules(config),
        config.rules().stream().mapToInt(SpendRules::daysBack).max().orElse(1),
        config.receivers().stream()
            .map(receiver -> new Target(receiver.name(), receiver.url(), receiver.secret()))
            .toList(),
        config.detector().evaluateEvery(),
        config.detector().maxAge(),
        URI.create("http://" + bracketed(config.host()) + ":" + config.detector().port()));
  }

  private static List<Rule> rules(OutlayConfig config) {
    List<Planned> planned = SpendRules.planned(config);
    List<Rule> rules = new ArrayList<>();
    for (OutlayConfig.Rule rule : config.rules()) {
      for (Rule made : rules(rule, config.timezone())) {
        rules.add(planned.isEmpty() ? made : new PlannedRule(made, planned));
      }
    }
    return rules;
  }

  private static List<Rule> rules(OutlayConfig.Rule rule, ZoneId zone) {
    RuleType type = RuleType.find(rule.type()).orElseThrow();
    Terms terms =
        new Terms(
            rule.name(),
            rule.type(),
            type.number(rule, Key.THRESHOLD).orElse(BigDecimal.ONE),
            rule.by().stream().map(Cut::parse).distinct().toList(),
            type.number(rule, Key.MIN_IMPACT_USD).orElse(BigDecimal.ZERO),
            rule.receivers().stream().distinct().toList());
    return switch (type) {
      case SPEND_RATIO -> SpendRules.ratio(rule, terms, zone);
      case SPEND_LIMIT -> List.of(SpendRules.limit(rule, terms, zone));
      case FORECAST_OVERRUN -> List.of(SpendRules.forecast(rule, terms, zone));
      default ->
          throw new IllegalArgumentException(
              rule.name() + ": " + rule.type() + " is not there yet");
    };
  }

  private static String bracketed(String host) {
    return host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
  }
}
