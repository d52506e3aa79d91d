package io.outlay.detector.delivery;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Slack's incoming webhooks, as blocks. */
public final class SlackFormat implements Format {
  private static final int MAX_HEADER = 150;
  private static final int MAX_TEXT = 3_000;

  /** Of what the alert brings; Slack would take 2,000. */
  private static final int MAX_FIELD = 255;

  private static final int MAX_SUMMARY = 1_500;
  private static final int MAX_FIELDS = 10;
  private static final int MAX_VALUE = 255;

  @Override
  public Request request(Message message, Instant now) {
    Alert alert = Alert.parse(message.body());
    return new Request(Bodies.JSON, Bodies.fitting(details -> body(alert, details)), Map.of());
  }

  private static ObjectNode body(Alert alert, int details) {
    ObjectNode body = Bodies.object();
    // What notifications show, and readers that know no blocks.
    body.put("text", escape(alert.title(), MAX_HEADER));
    ArrayNode blocks = body.putArray("blocks");
    blocks
        .addObject()
        .put("type", "header")
        .putObject("text")
        .put("type", "plain_text")
        .put("text", escape(alert.title(), MAX_HEADER));
    section(blocks, escape(alert.summary(), MAX_SUMMARY));
    fields(blocks, alert);
    List<String> lines = new ArrayList<>();
    alert.causes().stream().limit(details).map(SlackFormat::line).forEach(lines::add);
    list(blocks, "*Who contributed*", lines);
    if (!alert.drivers().isEmpty()) {
      section(
          blocks,
          "*What moved*\n"
              + String.join(
                  ", ",
                  alert.drivers().entrySet().stream()
                      .map(driver -> words(driver.getKey()) + " " + driver.getValue() + " USD")
                      .toList()));
    }
    lines.clear();
    alert.children().stream()
        .limit(details)
        .map(
            child ->
                "• "
                    + escape(Alert.scopeText(child.scope()), MAX_VALUE)
                    + ": "
                    + child.impactUsd()
                    + " USD")
        .forEach(lines::add);
    list(blocks, "*By the same money*", lines);
    ObjectNode context = blocks.addObject().put("type", "context");
    context
        .putArray("elements")
        .addObject()
        .put("type", "mrkdwn")
        .put(
            "text",
            alert
                    .self()
                    .map(self -> "<" + link(self) + "|" + alert.incidentId() + ">")
                    .orElse(alert.incidentId())
                + " since "
                + alert.startedAt());
    return body;
  }

  private static void fields(ArrayNode blocks, Alert alert) {
    List<String> fields = new ArrayList<>();
    fields.add(field("Scope", Alert.scopeText(alert.scope())));
    alert.amounts().forEach((name, value) -> fields.add(field(words(name), value)));
    fields.add(field("Severity", alert.severity().name().toLowerCase(Locale.ROOT)));
    fields.add(field("Rule", alert.rule().type() + " " + alert.rule().threshold()));
    Alert.Window window = alert.window();
    if (window != null) {
      fields.add(field("Window", window.start() + " to " + window.end() + " " + window.timezone()));
    }
    ObjectNode section = blocks.addObject().put("type", "section");
    ArrayNode array = section.putArray("fields");
    fields.stream()
        .limit(MAX_FIELDS)
        .forEach(text -> array.addObject().put("type", "mrkdwn").put("text", text));
  }

  private static String field(String name, String value) {
    return "*" + name + "*\n" + escape(value, MAX_FIELD);
  }

  private static String line(Alert.Cause cause) {
    return "• "
        + escape(cause.dimension(), MAX_VALUE)
        + " "
        + escape(cause.value(), MAX_VALUE)
        + ": "
        + cause.deltaUsd()
        + " USD, share "
        + cause.share();
  }

  /** As many lines as one text has room for. */
  private static void list(ArrayNode blocks, String heading, List<String> lines) {
    StringBuilder text = new StringBuilder(heading);
    for (String line : lines) {
      if (text.length() + 1 + line.length() > MAX_TEXT) {
        break;
      }
      text.append('\n').append(line);
    }
    if (!lines.isEmpty()) {
      section(blocks, text.toString());
    }
  }

  private static void section(ArrayNode blocks, String text) {
    blocks
        .addObject()
        .put("type", "section")
        .putObject("text")
        .put("type", "mrkdwn")
        .put("text", text);
  }

  /** {@code actualUsd} as {@code actual}. */
  private static String words(String name) {
    return switch (name) {
      case "unitPriceUsd" -> "unit price";
      default -> name.endsWith("Usd") ? name.substring(0, name.length() - 3) : name;
    };
  }

  /** In a link, its bar and its end would end it. */
  private static String link(String address) {
    return escape(address.replace("|", "%7C"), MAX_TEXT / 2);
  }

  /** What Slack would take for a mention, a link or an entity; cut where the result is too long. */
  static String escape(String text, int most) {
    StringBuilder escaped = new StringBuilder();
    for (int i = 0; i < text.length(); ) {
      int character = text.codePointAt(i);
      i += Character.charCount(character);
      String next =
          switch (character) {
            case '&' -> "&amp;";
            case '<' -> "&lt;";
            case '>' -> "&gt;";
            default -> Character.toString(character);
          };
      // Room for the ellipsis, unless this is the end.
      if (escaped.length() + next.length() > (i < text.length() ? most - 1 : most)) {
        return escaped.append('…').toString();
      }
      escaped.append(next);
    }
    return escaped.toString();
  }
}
