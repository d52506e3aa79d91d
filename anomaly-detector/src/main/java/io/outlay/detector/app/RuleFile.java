package io.outlay.detector.app;

import io.outlay.config.ConfigChecks;
import io.outlay.detector.rule.Rule;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;

/**
 * The rules of a configuration file, for use outside the running detector.
 *
 * @param zone of days and hours
 * @param daysBack days before the running one that the rules look at
 */
public record RuleFile(List<Rule> rules, ZoneId zone, int daysBack) {
  public RuleFile {
    rules = List.copyOf(rules);
  }

  /**
   * Reads and checks a file as the detector would.
   *
   * @param environment variables that stand in for keys
   * @throws IllegalArgumentException naming each key that is wrong, and its value
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static RuleFile load(Path file, Map<String, String> environment) {
    Settings settings = Settings.of(ConfigChecks.load(file, environment));
    return new RuleFile(settings.rules(), settings.zone(), settings.longestBaseline());
  }
}
