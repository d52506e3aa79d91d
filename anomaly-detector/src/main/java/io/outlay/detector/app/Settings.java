package io.outlay.detector.app;

import io.outlay.config.OutlayConfig;
import io.outlay.detector.budget.Budget;
import io.outlay.detector.budget.Period;
import io.outlay.detector.delivery.AlertmanagerFormat;
import io.outlay.detector.delivery.Format;
import io.outlay.detector.delivery.PagerDutyFormat;
import io.outlay.detector.delivery.SlackFormat;
import io.outlay.detector.delivery.WebhookFormat;
import io.outlay.detector.delivery.WebhookSigner;
import io.outlay.detector.rule.Planned;
import io.outlay.detector.rule.PlannedRule;
import io.outlay.detector.rule.Rule;
import io.outlay.detector.spend.Cut;
import io.outlay.detector.spend.Dimension;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the detector takes from the configuration.
 *
 * @param partitions of topics that it has to create
 * @param longestBaseline days before the running one that a rule looks at, ≥ 1
 * @param lateness how late events may come and count
 * @param base address of its own HTTP interface
 * @param cuts what rules and budgets tell scopes apart by, under the keys that ask for it
 * @param told names of receivers, under the keys that name them
 */
record Settings(
    String bootstrapServers,
    String topicPrefix,
    int partitions,
    URI registry,
    ZoneId zone,
    List<Rule> rules,
    int longestBaseline,
    List<Budget> budgets,
    List<Target> receivers,
    Duration evaluateEvery,
    Duration maxAge,
    Duration lateness,
    URI base,
    Map<String, Cut> cuts,
    Map<String, List<String>> told) {
  private static final String WEBHOOK = "webhook";

  /**
   * Where alerts go.
   *
   * @param routingKey empty for types that have none
   * @param fallback null for none
   */
  record Target(
      String name,
      String type,
      URI url,
      List<String> secrets,
      String routingKey,
      Duration expiry,
      @Nullable String fallback,
      int fallbackAfter,
      boolean collapse,
      boolean allowPrivate) {
    static Target of(OutlayConfig.Receiver receiver) {
      return new Target(
          receiver.name(),
          receiver.type(),
          receiver.url().orElse(PagerDutyFormat.ADDRESS),
          receiver.secret().orElse(List.of()),
          receiver.routingKey().orElse(""),
          receiver.expiry(),
          receiver.fallback().orElse(null),
          receiver.fallbackAfter(),
          receiver.collapse().orElse(!receiver.type().equals(WEBHOOK)),
          receiver.allowPrivate());
    }

    Format format() {
      return switch (type) {
        case WEBHOOK -> new WebhookFormat(new WebhookSigner(secrets));
        case "slack" -> new SlackFormat();
        case "pagerduty" -> new PagerDutyFormat(routingKey);
        case "alertmanager" ->
            new AlertmanagerFormat(name, secrets.isEmpty() ? null : new WebhookSigner(secrets));
        default -> throw new IllegalArgumentException("type: was " + type);
      };
    }

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
        rules(config),
        config.rules().stream().mapToInt(Rules::daysBack).max().orElse(1),
        config.budgets().stream().map(budget -> budget(budget, config.timezone())).toList(),
        config.receivers().stream().map(Target::of).toList(),
        config.detector().evaluateEvery(),
        config.detector().maxAge(),
        config.streams().retention(),
        URI.create("http://" + bracketed(config.host()) + ":" + config.detector().port()),
        cuts(config),
        told(config));
  }

  private static Map<String, Cut> cuts(OutlayConfig config) {
    Map<String, Cut> cuts = new LinkedHashMap<>();
    List<String> kept = config.streams().cuts().orElse(List.of());
    for (int i = 0; i < kept.size(); i++) {
      cuts.put("streams.cuts[" + i + "]", Cut.parse(kept.get(i)));
    }
    for (int i = 0; i < config.rules().size(); i++) {
      List<String> by = config.rules().get(i).by();
      for (int j = 0; j < by.size(); j++) {
        cuts.put("rules[" + i + "].by[" + j + "]", Cut.parse(by.get(j)));
      }
    }
    for (int i = 0; i < config.budgets().size(); i++) {
      Set<String> keys = config.budgets().get(i).scope().keySet();
      cuts.put("budgets[" + i + "].scope", new Cut(keys.stream().map(Dimension::new).toList()));
    }
    return cuts;
  }

  private static Map<String, List<String>> told(OutlayConfig config) {
    Map<String, List<String>> told = new LinkedHashMap<>();
    for (int i = 0; i < config.rules().size(); i++) {
      told.put("rules[" + i + "].receivers", config.rules().get(i).receivers());
    }
    for (int i = 0; i < config.budgets().size(); i++) {
      List<String> receivers = config.budgets().get(i).receivers().orElse(List.of());
      told.put("budgets[" + i + "].receivers", receivers);
    }
    return told;
  }

  private static Budget budget(OutlayConfig.Budget budget, ZoneId zone) {
    return new Budget(
        budget.name(),
        new TreeMap<>(budget.scope()),
        Period.of(budget.period()),
        budget.timezone().orElse(zone),
        budget.limitUsd(),
        budget.thresholds(),
        budget.hard(),
        budget.forecast(),
        budget.receivers().orElse(List.of()).stream().distinct().toList());
  }

  private static List<Rule> rules(OutlayConfig config) {
    List<Planned> planned = SpendRules.planned(config);
    List<Rule> rules = new ArrayList<>();
    for (OutlayConfig.Rule rule : config.rules()) {
      for (Rule made : Rules.of(rule, config.timezone())) {
        rules.add(planned.isEmpty() ? made : new PlannedRule(made, planned));
      }
    }
    return rules;
  }

  private static String bracketed(String host) {
    return host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
  }
}
