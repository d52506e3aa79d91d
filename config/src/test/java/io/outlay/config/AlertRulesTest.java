package io.outlay.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The rules that operators give to Prometheus, {@code deploy/prometheus/alerts.yaml}. That a metric
 * exists is for the tests of the program that registers it.
 */
class AlertRulesTest {
  private static final Path ALERTS = Path.of("../deploy/prometheus/alerts.yaml");
  private static final Pattern METRIC = Pattern.compile("\\boutlay_\\w+");
  private static final Pattern CHECKED =
      Pattern.compile("outlay_(usage|streams|sink)_\\w+|outlay_audit_balanced");
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{\\s*\\$labels\\.(\\w+)");

  @Test
  void givenTheRules_whenParsed_thenEachIsWhatPrometheusTakes() throws IOException {
    List<Map<String, Object>> rules = rules();

    assertThat(rules).extracting(rule -> rule.get("alert")).doesNotHaveDuplicates().hasSize(9);
    assertThat(rules)
        .allSatisfy(
            rule -> {
              assertThat(rule.keySet())
                  .isSubsetOf("alert", "expr", "for", "labels", "annotations")
                  .contains("alert", "expr", "labels", "annotations");
              assertThat(map(rule, "labels").get("severity")).isIn("warning", "critical");
              assertThat(map(rule, "annotations")).containsOnlyKeys("summary", "description");
              assertThat((String) rule.getOrDefault("for", "0m")).matches("\\d+m");
              String expr = (String) rule.get("expr");
              assertThat(expr.chars().filter(c -> c == '(').count())
                  .as("brackets of " + expr)
                  .isEqualTo(expr.chars().filter(c -> c == ')').count());
              assertThat(METRIC.matcher(expr).results().map(MatchResult::group).toList())
                  .as("metrics that a program's test checks")
                  .isNotEmpty()
                  .allMatch(metric -> CHECKED.matcher(metric).matches());
            });
  }

  @Test
  void givenASummaryThatNamesALabel_whenTheRuleAddsUp_thenItKeepsThatLabel() throws IOException {
    for (Map<String, Object> rule : rules()) {
      String expr = (String) rule.get("expr");
      if (expr.contains("sum") || expr.contains("min")) {
        String kept =
            Pattern.compile("by \\(([^)]*)\\)")
                .matcher(expr)
                .results()
                .map(found -> found.group(1))
                .findFirst()
                .orElse("");
        assertThat(List.of(kept.split(", ")))
            .as((String) rule.get("alert"))
            .containsAll(
                PLACEHOLDER
                    .matcher((String) map(rule, "annotations").get("summary"))
                    .results()
                    .map(found -> found.group(1))
                    .toList());
      }
    }
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> rules() throws IOException {
    try (Reader reader = Files.newBufferedReader(ALERTS)) {
      Map<String, Object> file = new Yaml(new SafeConstructor(new LoaderOptions())).load(reader);
      assertThat(file).containsOnlyKeys("groups");
      List<Map<String, Object>> groups = (List<Map<String, Object>>) file.get("groups");
      assertThat(groups).singleElement().satisfies(g -> assertThat(g).containsKey("name"));
      return (List<Map<String, Object>>) groups.get(0).get("rules");
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Map<String, Object> rule, String key) {
    return (Map<String, Object>) rule.get(key);
  }
}
