package io.outlay.config;

import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The sample that operators start from, {@code deploy/outlay.example.yaml}. */
class ExampleConfigTest {
  private static final Path EXAMPLE = Path.of("../deploy/outlay.example.yaml");
  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "SEARCH_KEY",
          "0123456789abcdef",
          "HOOK_URL",
          "https://oncall.example/hook",
          "HOOK_SECRET",
          "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz");

  /** A setting that is commented out; prose has a blank after the sign. */
  private static final Pattern COMMENTED_OUT = Pattern.compile("(?m)^#(?=[a-z]| {2})");

  @Test
  void givenTheExample_whenLoaded_thenItsReceiverAndRuleHold() {
    OutlayConfig config = ConfigChecks.load(EXAMPLE, ENVIRONMENT);

    assertThat(config.receivers())
        .singleElement()
        .satisfies(
            receiver -> {
              assertThat(receiver.url()).contains(URI.create("https://oncall.example/hook"));
              assertThat(receiver.secret()).contains(List.of(ENVIRONMENT.get("HOOK_SECRET")));
            });
    assertThat(config.rules())
        .singleElement()
        .satisfies(rule -> assertThat(rule.receivers()).containsExactly("oncall"));
  }

  @Test
  void givenTheRecommendedRules_whenLoaded_thenTheyHold() {
    OutlayConfig config =
        ConfigChecks.load(EXAMPLE.resolveSibling("rules.recommended.yaml"), Map.of());

    assertThat(config.rules()).isNotEmpty();
  }

  @Test
  void givenNoSecretInTheEnvironment_whenLoaded_thenTheErrorNamesTheVariable() {
    assertThatThrownBy(() -> ConfigChecks.load(EXAMPLE, Map.of("HOOK_URL", "https://x.example")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("HOOK_SECRET");
  }

  @Test
  void givenEverySettingThatIsCommentedOut_whenLoaded_thenItIsTheDefaultAndNoneIsMissing(
      @TempDir Path folder) throws IOException {
    Path everything =
        Files.writeString(
            folder.resolve("outlay.yaml"),
            COMMENTED_OUT.matcher(Files.readString(EXAMPLE)).replaceAll(""));
    Map<String, Object> defaults = new TreeMap<>();
    collect("", OutlayConfig.class, ConfigChecks.load(null, Map.of()), defaults);
    Map<String, Object> said = new TreeMap<>();
    collect("", OutlayConfig.class, ConfigChecks.load(everything, ENVIRONMENT), said);

    assertThat(said).isEqualTo(defaults);
    assertThat(OutlayFile.source(everything).getPropertyNames())
        .containsAll(defaults.keySet().stream().map("outlay."::concat).toList());
  }

  /** Settings by key, without lists and without what has no default. */
  private static void collect(
      String prefix, Class<?> type, Object values, Map<String, Object> settings) {
    for (Method key : type.getMethods()) {
      Object value = valueOf(key, values);
      String name = prefix + key.getName();
      if (key.getReturnType().getEnclosingClass() == OutlayConfig.class) {
        collect(name + ".", key.getReturnType(), value, settings);
      } else if (!(value instanceof List) && !value.equals(Optional.empty())) {
        settings.put(name, value);
      }
    }
  }

  private static Object valueOf(Method key, Object values) {
    try {
      return key.invoke(values);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(key.getName(), e);
    }
  }
}
