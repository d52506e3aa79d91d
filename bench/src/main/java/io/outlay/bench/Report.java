package io.outlay.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The figures of a run, as a table and as JSON. */
final class Report {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, Figures> figures = new LinkedHashMap<>();

  void add(String benchmark, Figures measured) {
    figures.put(benchmark, measured);
  }

  /** Lines of one aligned table: benchmark, case, and a column for each metric that occurs. */
  List<String> table() {
    Set<Metric> metrics = EnumSet.noneOf(Metric.class);
    figures
        .values()
        .forEach(each -> each.cases().forEach(c -> metrics.addAll(c.values().keySet())));
    List<String[]> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("benchmark", "case"));
    metrics.forEach(metric -> head.add(metric.title()));
    rows.add(head.toArray(String[]::new));
    figures.forEach(
        (name, measured) -> measured.cases().forEach(each -> rows.add(row(name, each, metrics))));
    int[] widths = new int[head.size()];
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  /**
   * An object for each benchmark under its name: the figures of its headline case, the name of that
   * case in {@code case}, the machine in {@code machine}, and all its cases in {@code cases}.
   */
  String json(Machine machine) {
    ObjectNode root = JSON.createObjectNode();
    figures.forEach(
        (name, measured) -> {
          ObjectNode benchmark = root.putObject(name);
          put(benchmark, measured.headlineCase());
          benchmark.put("case", measured.headline());
          ObjectNode described = benchmark.putObject("machine");
          described.put("processors", machine.processors());
          described.put("java", machine.java());
          described.put("os", machine.os());
          ObjectNode cases = benchmark.putObject("cases");
          measured.cases().forEach(each -> put(cases.putObject(each.name()), each));
        });
    return root.toPrettyString() + "\n";
  }

  /**
   * Writes {@link #json} to a file.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  void write(Path file, Machine machine) {
    try {
      Files.writeString(file, json(machine));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String[] row(String name, Figures.Case measured, Set<Metric> metrics) {
    List<String> row = new ArrayList<>(List.of(name, measured.name()));
    for (Metric metric : metrics) {
      Double value = measured.values().get(metric);
      row.add(
          value == null ? "" : String.format(Locale.ROOT, "%,." + metric.decimals() + "f", value));
    }
    return row.toArray(String[]::new);
  }

  private static String line(String[] row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.length; i++) {
      String space = " ".repeat(widths[i] - row[i].length());
      line.append(i == 0 ? "" : "  ").append(i < 2 ? row[i] + space : space + row[i]);
    }
    return line.toString().stripTrailing();
  }

  private static void put(ObjectNode object, Figures.Case measured) {
    measured
        .values()
        .forEach(
            (metric, value) ->
                object.put(
                    metric.json(),
                    BigDecimal.valueOf(value).setScale(metric.decimals(), RoundingMode.HALF_EVEN)));
  }

  /**
   * What it was measured on.
   *
   * @param processors that the JVM may use
   */
  record Machine(int processors, String java, String os) {
    static Machine own() {
      return new Machine(
          Runtime.getRuntime().availableProcessors(),
          System.getProperty("java.vm.name") + " " + System.getProperty("java.version"),
          System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    }
  }
}
