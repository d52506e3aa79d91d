package io.outlay.detector.app;

import io.outlay.config.ConfigChecks;
import io.outlay.config.OutlayConfig;
import io.outlay.detector.rule.Rule;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;

/** The rules of a configuration file, for use outside the running detector. */
public final class RuleFile {
  private final OutlayConfig config;

  private RuleFile(OutlayConfig config) {
    this.config = config;
  }

  /**
   * Reads and checks a file as the detector would.
   *
   * @param environment variables that stand in for keys
   * @throws IllegalArgumentException naming each key that is wrong, and its value
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static RuleFile load(Path file, Map<String, String> environment) {
    return new RuleFile(ConfigChecks.load(file, environment));
  }

  /** The rules, made anew: they may remember what they judge. */
  public List<Rule> rules() {
    return Settings.of(config).rules();
  }

  /** Zone of days and hours. */
  public ZoneId zone() {
    return config.timezone();
  }

  /** Days before the running one that the rules look at. */
  public int daysBack() {
    return Settings.of(config).longestBaseline();
  }
}
