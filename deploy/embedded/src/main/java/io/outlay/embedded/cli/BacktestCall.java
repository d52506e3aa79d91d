package io.outlay.embedded.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.outlay.detector.app.RuleFile;
import io.outlay.detector.backtest.Alert;
import io.outlay.detector.backtest.Backtest;
import io.outlay.detector.backtest.HourOfSpend;
import io.outlay.detector.backtest.Label;
import io.outlay.detector.backtest.Score;
import io.outlay.detector.rule.Explanation;
import io.outlay.detector.spend.Cell;
import io.outlay.embedded.stack.StackException;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads the past from ClickHouse, runs rules over it and shows what they would have said. */
final class BacktestCall {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TELL_EVERY = Duration.ofSeconds(2);
  private static final int COLUMNS = 6;

  private final ClickHouseQuery clickhouse;
  private final Output output;
  private long told = System.nanoTime();

  BacktestCall(ClickHouseQuery clickhouse, Output output) {
    this.clickhouse = clickhouse;
    this.output = output;
  }

  void run(RuleFile rules, Instant from, Instant to, Optional<List<Label>> labels, boolean json)
      throws IOException, InterruptedException {
    Instant first = from.minus(Duration.ofDays(rules.daysBack() + 2L));
    List<HourOfSpend> hours = hours(first, to);
    if (hours.isEmpty()) {
      throw new StackException("no spend is stored between " + first + " and " + to);
    }
    List<Alert> alerts =
        new Backtest(rules.rules(), rules.zone(), rules.daysBack())
            .run(hours, from, hour -> tell(hour, from, to));
    Optional<Score> score = labels.map(known -> Score.of(alerts, known));
    if (json) {
      output.out().println(json(alerts, score));
    } else {
      table(alerts, score).forEach(output.out()::println);
    }
    output.out().flush();
  }

  private void tell(Instant hour, Instant from, Instant to) {
    if (System.nanoTime() - told > TELL_EVERY.toNanos()) {
      told = System.nanoTime();
      long percent =
          100
              * Duration.between(from, hour).toHours()
              / Math.max(1, Duration.between(from, to).toHours());
      output.err().println("judged to " + hour + ", " + percent + " %");
      output.err().flush();
    }
  }

  private List<HourOfSpend> hours(Instant first, Instant to)
      throws IOException, InterruptedException {
    String query =
        """
        SELECT toUnixTimestamp(window_start), team, model, feature, toString(cost), requests
        FROM cost_rollups
        WHERE window = 'hour' AND window_start >= fromUnixTimestamp64Milli(%d)
          AND window_start < fromUnixTimestamp64Milli(%d)
        ORDER BY window_start, team, model, feature"""
            .formatted(first.toEpochMilli(), to.toEpochMilli());
    List<HourOfSpend> hours = new ArrayList<>();
    for (String line : clickhouse.text(query, "JSONCompactEachRow").lines().toList()) {
      var row = JSON.readTree(line);
      if (row.size() != COLUMNS) {
        throw new StackException("ClickHouse answered " + line);
      }
      hours.add(
          new HourOfSpend(
              Instant.ofEpochSecond(row.get(0).asLong()),
              new Cell(row.get(1).asText(), row.get(2).asText(), row.get(3).asText()),
              new BigDecimal(row.get(4).asText()),
              row.get(5).asLong()));
    }
    return hours;
  }

  static List<String> table(List<Alert> alerts, Optional<Score> score) {
    List<String> lines = new ArrayList<>();
    TextTable table =
        new TextTable("AT", "RULE", "SEVERITY", "SCOPE", "ACTUAL", "EXPECTED", "LOSS USD", "CAUSE")
            .alignRight(4, 5, 6);
    for (Alert alert : alerts) {
      table.row(
          alert.at().truncatedTo(ChronoUnit.SECONDS).toString(),
          alert.rule(),
          alert.severity().name().toLowerCase(Locale.ROOT),
          alert.scope().toString(),
          short2(alert.comparison().actual()),
          short2(alert.comparison().expected()),
          short2(alert.lossUsd()),
          alert.causes().stream()
              .findFirst()
              .map(cause -> cause.dimension() + "=" + cause.value())
              .orElse(""));
    }
    lines.addAll(table.lines());
    lines.add("");
    lines.add(alerts.size() + " alerts");
    score.ifPresent(
        known -> {
          lines.add(
              "precision "
                  + text(known.precision())
                  + ", recall "
                  + text(known.recall())
                  + ", median delay "
                  + known.medianDelay().map(Duration::toString).orElse("-")
                  + ", "
                  + short2(known.lossUsd())
                  + " USD before the alerts");
          lines.add(
              known.found().size()
                  + " found, "
                  + known.missed().size()
                  + " missed, "
                  + known.falseAlerts().size()
                  + " false, "
                  + known.repeats()
                  + " repeated");
          known
              .missed()
              .forEach(
                  label ->
                      lines.add(
                          "missed: " + label.kind() + " " + label.scope() + " " + label.from()));
        });
    return lines;
  }

  static String json(List<Alert> alerts, Optional<Score> score) {
    ObjectNode root = JSON.createObjectNode();
    ArrayNode all = root.putArray("alerts");
    for (Alert alert : alerts) {
      ObjectNode node = all.addObject();
      node.put("at", alert.at().toString());
      node.put("rule", alert.rule());
      node.put("severity", alert.severity().name().toLowerCase(Locale.ROOT));
      ObjectNode scope = node.putObject("scope");
      alert.scope().toMap().forEach(scope::put);
      node.put("windowStart", alert.comparison().window().start().toString());
      node.put("windowEnd", alert.comparison().window().end().toString());
      node.put("actual", alert.comparison().actual().toPlainString());
      node.put("expected", alert.comparison().expected().toPlainString());
      node.put("lossUsd", alert.lossUsd().toPlainString());
      ArrayNode causes = node.putArray("causes");
      for (Explanation.Cause cause : alert.causes()) {
        causes
            .addObject()
            .put("dimension", cause.dimension().key())
            .put("value", cause.value())
            .put("deltaUsd", cause.deltaUsd().toPlainString());
      }
      ArrayNode notes = node.putArray("notes");
      alert.notes().forEach(notes::add);
    }
    score.ifPresent(
        known -> {
          ObjectNode node = root.putObject("score");
          node.put("precision", known.precision().orElse(null));
          node.put("recall", known.recall().orElse(null));
          node.put("medianDelaySeconds", known.medianDelay().map(Duration::toSeconds).orElse(null));
          node.put("lossUsd", known.lossUsd().toPlainString());
          node.put("found", known.found().size());
          node.put("missed", known.missed().size());
          node.put("falseAlerts", known.falseAlerts().size());
          node.put("repeats", known.repeats());
        });
    return root.toPrettyString();
  }

  private static String text(Optional<BigDecimal> number) {
    return number.map(BigDecimal::toPlainString).orElse("-");
  }

  private static String short2(BigDecimal usd) {
    return usd.setScale(2, RoundingMode.HALF_EVEN).toPlainString();
  }
}
