package io.outlay.collectors.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.outlay.usage.UsageRules;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the counts of a usage object. What is absent or null is 0. A number that cannot be a count
 * is taken as the nearest one that can, which a warning says; what is no number is an error.
 */
final class Counts {
  private static final int MAX_SHOWN = 40;
  private static final BigDecimal MAX = BigDecimal.valueOf(UsageRules.MAX_TOKENS);

  private final ObjectNode object;
  private final String path;
  private final List<String> warnings;

  private Counts(ObjectNode object, String path, List<String> warnings) {
    this.object = object;
    this.path = path;
    this.warnings = warnings;
  }

  /**
   * @param path of the object, as error messages name it
   */
  static Counts of(ObjectNode object, String path) {
    return new Counts(object, path, new ArrayList<>());
  }

  /** Whether there is a value that is not null. */
  boolean has(String name) {
    return object.hasNonNull(name);
  }

  /**
   * The count of that name, 0 to {@link UsageRules#MAX_TOKENS}.
   *
   * @throws UnusableReportException if it is something else than a number
   */
  long of(String name) throws UnusableReportException {
    JsonNode node = object.get(name);
    if (node == null || node.isNull()) {
      return 0;
    }
    if (!node.isNumber()) {
      throw new UnusableReportException(
          path + "." + name, "must be a whole number >= 0, was " + shown(node));
    }
    if (node.isLong() && node.longValue() >= 0 && node.longValue() <= UsageRules.MAX_TOKENS) {
      return node.longValue();
    }
    return nearest(name, node.decimalValue());
  }

  /** The first of those names that is there, 0 if none is. */
  long firstOf(String... names) throws UnusableReportException {
    for (String name : names) {
      if (has(name)) {
        return of(name);
      }
    }
    return 0;
  }

  private long nearest(String name, BigDecimal value) {
    long taken;
    if (value.signum() < 0) {
      taken = 0;
    } else if (value.compareTo(MAX) > 0) {
      taken = UsageRules.MAX_TOKENS;
    } else if (value.compareTo(BigDecimal.ONE) < 0) {
      // Asked first: a tiny number with a huge scale must not be written out.
      taken = 0;
    } else {
      taken = value.setScale(0, RoundingMode.DOWN).longValueExact();
    }
    if (value.compareTo(BigDecimal.valueOf(taken)) != 0) {
      warn(name + " was " + shown(object.path(name)) + ", taken as " + taken);
    }
    return taken;
  }

  /**
   * The object of that name; one without any count if there is none.
   *
   * @throws UnusableReportException if it is something else
   */
  Counts in(String name) throws UnusableReportException {
    JsonNode node = object.get(name);
    if (node == null || node.isNull()) {
      return new Counts(JsonNodeFactory.instance.objectNode(), path + "." + name, warnings);
    }
    return object(node, path + "." + name);
  }

  /**
   * The objects of the list of that name; none if there is no list.
   *
   * @throws UnusableReportException if it is something else
   */
  List<Counts> list(String name) throws UnusableReportException {
    JsonNode node = object.get(name);
    List<Counts> list = new ArrayList<>();
    if (node == null || node.isNull()) {
      return list;
    }
    if (!node.isArray()) {
      throw new UnusableReportException(path + "." + name, "must be an array, was " + shown(node));
    }
    for (int i = 0; i < node.size(); i++) {
      list.add(object(node.get(i), path + "." + name + "[" + i + "]"));
    }
    return list;
  }

  private Counts object(JsonNode node, String at) throws UnusableReportException {
    if (node instanceof ObjectNode inner) {
      return new Counts(inner, at, warnings);
    }
    throw new UnusableReportException(at, "must be an object, was " + shown(node));
  }

  /** The string of that name, empty if there is none. */
  String text(String name) {
    return object.path(name).asText("");
  }

  /** A whole that parts are taken from. */
  Pool pool(String name, long total) {
    return new Pool(name, total);
  }

  /** Warns where a total that the provider states is not what its parts add up to. */
  void expectTotal(String name, long sum) throws UnusableReportException {
    if (has(name) && of(name) != sum) {
      warn(name + " " + of(name) + " is not the sum " + sum + " of its parts, which were taken");
    }
  }

  /** Keeps a sum within the bounds of a bucket. */
  long bounded(String name, long sum) {
    if (sum <= UsageRules.MAX_TOKENS) {
      return sum;
    }
    warn(name + " was " + sum + ", taken as " + UsageRules.MAX_TOKENS);
    return UsageRules.MAX_TOKENS;
  }

  void warn(String warning) {
    if (!warnings.contains(warning)) {
      warnings.add(warning);
    }
  }

  /** All warnings, at most {@link UsageRules#MAX_ID_LENGTH} characters, empty if there are none. */
  String warning() {
    return joined(warnings);
  }

  static String joined(List<String> warnings) {
    String joined = String.join("; ", warnings);
    return joined.length() <= UsageRules.MAX_ID_LENGTH
        ? joined
        : joined.substring(0, UsageRules.MAX_ID_LENGTH - 1) + "…";
  }

  /** A value for people, cut where it is long. */
  static String shown(@Nullable JsonNode node) {
    if (node == null || node.isNull()) {
      return "absent";
    }
    if (node.isObject()) {
      return "an object";
    }
    if (node.isArray()) {
      return "an array";
    }
    return node.isTextual() ? UsageRules.shown(node.textValue()) : cut(node.asText());
  }

  static String cut(String text) {
    return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN - 1) + "…";
  }

  /** A total and what is left of it. */
  final class Pool {
    private final String name;
    private final long total;
    private long left;

    private Pool(String name, long total) {
      this.name = name;
      this.total = total;
      this.left = total;
    }

    /** Takes a part out, or as much of it as there is, which a warning says. */
    long take(String part, long count) {
      long taken = Math.min(count, left);
      if (taken < count) {
        warn(
            part
                + " "
                + count
                + (left == total ? " exceeds " : " exceeds the " + left + " left of ")
                + name
                + " "
                + total
                + ", taken as "
                + taken);
      }
      left -= taken;
      return taken;
    }

    /** Takes as much of a part as there is; nothing is wrong if that is less. */
    long takeUpTo(long count) {
      long taken = Math.min(count, left);
      left -= taken;
      return taken;
    }

    /** What no part has taken. */
    long left() {
      return left;
    }
  }
}
