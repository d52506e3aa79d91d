package io.outlay.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Says in an operator's words what the configuration library found wrong. A message of an unknown
 * form stays as it is, without the class of the exception.
 */
final class ReadableProblem {
  private static final Pattern UNKNOWN_KEY =
      Pattern.compile("SRCFG00050: outlay\\.(\\S+) in (.*) does not map to any root");
  private static final Pattern UNSET_VARIABLE =
      Pattern.compile("SRCFG00011: Could not expand value (\\S+) in property outlay\\.(\\S+)");
  private static final Pattern SOURCE = Pattern.compile("\\w+\\[source=(.*)]");
  private static final Pattern EXCEPTION = Pattern.compile("^[\\w.]+Exception: ");

  private ReadableProblem() {}

  static String of(String message) {
    String bare = EXCEPTION.matcher(message).replaceFirst("");
    Matcher unknown = UNKNOWN_KEY.matcher(bare);
    if (unknown.matches()) {
      Matcher source = SOURCE.matcher(unknown.group(2));
      return "unknown key %s in %s"
          .formatted(unknown.group(1), source.matches() ? source.group(1) : unknown.group(2));
    }
    Matcher unset = UNSET_VARIABLE.matcher(bare);
    if (unset.matches()) {
      return "%s: the environment variable %s is not set".formatted(unset.group(2), unset.group(1));
    }
    return bare;
  }
}
