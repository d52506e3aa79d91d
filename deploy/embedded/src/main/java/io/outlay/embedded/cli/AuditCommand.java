package io.outlay.embedded.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Has the sink audit the books, and shows what it found. */
@Command(
    name = "audit",
    description =
        "Check that the books balance: every equation with both sides, and where they differ. Exit"
            + " code 1 unless all of them do.")
public final class AuditCommand implements Callable<Integer> {
  private static final String BALANCED = "balanced";

  private final Session.Factory sessions;

  @Mixin private StackOptions options;

  @Option(names = "--json", description = "Print the sink's whole report as JSON.")
  private boolean json;

  @Option(
      names = "--wait",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "How long to wait for what is on its way (${DEFAULT-VALUE}).")
  private int waitSeconds;

  AuditCommand(Session.Factory sessions) {
    this.sessions = sessions;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Session session = sessions.open(options);
    Output output = session.output();
    JsonNode report =
        AuditClient.audit(
            session.existing().endpoints().sink(), waitSeconds, json ? line -> {} : output::line);
    if (json) {
      output.line(report.toPrettyString());
    } else {
      lines(report).forEach(output::line);
    }
    return AuditClient.isBalanced(report) ? 0 : 1;
  }

  /** The report for people. */
  public static List<String> lines(JsonNode report) {
    List<String> lines = new ArrayList<>();
    TextTable table =
        new TextTable("EQUATION", "OF", "LEFT", "RIGHT", "DIFFERENCE", "STATUS")
            .alignRight(2, 3, 4);
    for (JsonNode equation : report.get("equations")) {
      String name = equation.get("name").asText();
      table.row(
          name,
          equation.get("left").asText() + " = " + equation.get("right").asText(),
          "",
          "",
          "",
          equation.get("status").asText());
      for (JsonNode line : equation.get("lines")) {
        table.row(
            "",
            "  " + line.get("what").asText(),
            line.get("left").asText(),
            line.get("right").asText(),
            line.get("difference").asText().matches("-?0(\\.0+)?(E-\\d+)?")
                ? ""
                : line.get("difference").asText(),
            line.get("status").asText().equals(BALANCED) ? "" : line.get("status").asText());
      }
    }
    lines.addAll(table.lines());
    boolean between = false;
    for (JsonNode equation : report.get("equations")) {
      for (JsonNode line : equation.get("lines")) {
        between |= line.get("status").asText().equals("between");
      }
      if (!equation.get("cells").isEmpty()) {
        lines.add("");
        lines.addAll(cells(equation));
      }
    }
    lines.add("");
    if (between) {
      lines.add(
          "\"between\": traffic flowed; the right side lies between what the left one was before and"
              + " after it was read.");
    }
    lines.add(verdict(report));
    return lines;
  }

  private static List<String> cells(JsonNode equation) {
    List<String> lines = new ArrayList<>();
    long all = equation.get("differences").asLong() + equation.get("unsettled").asLong();
    int shown = equation.get("cells").size();
    lines.add(
        equation.get("name").asText()
            + (shown < all ? ", the first %d of %d:".formatted(shown, all) : ":"));
    TextTable table =
        new TextTable(
                "  WINDOW",
                "START",
                "TEAM",
                "MODEL",
                "FEATURE",
                "WHAT",
                equation.get("left").asText().toUpperCase(Locale.ROOT),
                equation.get("right").asText().toUpperCase(Locale.ROOT),
                "DIFFERENCE",
                "STATUS")
            .alignRight(6, 7, 8);
    for (JsonNode cell : equation.get("cells")) {
      JsonNode place = cell.get("place");
      table.row(
          "  " + place.get("window").asText(),
          place.get("start").asText(),
          place.get("team").asText(),
          place.get("model").asText(),
          place.get("feature").asText(),
          cell.get("what").asText(),
          cell.get("left").asText(),
          cell.get("right").asText(),
          cell.get("difference").asText(),
          cell.get("status").asText());
    }
    lines.addAll(table.lines());
    return lines;
  }

  private static String verdict(JsonNode report) {
    long differences = 0;
    List<String> unsettled = new ArrayList<>();
    List<String> differing = new ArrayList<>();
    for (JsonNode equation : report.get("equations")) {
      differences += equation.get("differences").asLong();
      switch (equation.get("status").asText()) {
        case "differs" -> differing.add(equation.get("name").asText());
        case "unsettled" -> unsettled.add(equation.get("name").asText());
        default -> {}
      }
    }
    if (!differing.isEmpty()) {
      return "The books do not balance: %d differences in %s. See docs/operation.md, Audit."
          .formatted(differences, String.join(", ", differing));
    }
    if (!unsettled.isEmpty()) {
      return "Nothing is known to be wrong, but not everything came to rest: "
          + String.join(", ", unsettled)
          + ". Ask again when less is on its way, or wait longer with --wait.";
    }
    return "The books balance.";
  }
}
