package io.outlay.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class ReceiverChecksTest {
  private static final String NEW = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz";
  private static final String OLD = "whsec_YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo=";
  private static final String KEY = "0123456789abcdef0123456789ABCDEF";

  /** Every type, on lines 2 to 5. */
  private static final String SOUND =
      """
      receivers:
        - {name: hook, type: webhook, url: "https://h.example/x", secret: [%s, %s], fallback: pager}
        - {name: chat, type: slack, url: "https://hooks.slack.com/services/T/B/x"}
        - {name: pager, type: pagerduty, routingKey: %s, expiry: 10s, fallback: hook, fallbackAfter: 1}
        - {name: am, type: alertmanager, url: "http://am.example/x", collapse: false}
      """
          .formatted(NEW, OLD, KEY);

  @TempDir private Path folder;

  @Test
  void everyTypeIsTaken() throws IOException {
    OutlayConfig config = load(SOUND, Map.of());

    assertThat(config.receivers())
        .extracting(OutlayConfig.Receiver::type)
        .containsExactly("webhook", "slack", "pagerduty", "alertmanager");
    assertThat(config.receivers().get(0).secret().orElseThrow()).containsExactly(NEW, OLD);
  }

  @Test
  void secretsThatRotateMayComeAsOneVariable() throws IOException {
    OutlayConfig config =
        load(
            SOUND.replace("[" + NEW + ", " + OLD + "]", "\"${HOOK_SECRET}\""),
            Map.of("HOOK_SECRET", NEW + "," + OLD));

    assertThat(config.receivers().get(0).secret().orElseThrow()).containsExactly(NEW, OLD);
  }

  @Test
  void aSecretThatIsOptionalIsNotLostWithItsVariable() {
    assertThatThrownBy(
            () -> load(SOUND.replace("collapse: false", "secret: '${NO_SUCH}'"), Map.of()))
        .hasMessageEndingWith(
            ":5: receivers[3].secret: the environment variable NO_SUCH is not set");
  }

  private static Stream<Arguments> faults() {
    String secrets = ", secret: [" + NEW + ", " + OLD + "]";
    return Stream.of(
        arguments("name: hook", "name: 'a b'", 2, "receivers[0].name: must be 1 to 64 letters"),
        arguments("url: \"https://h.example/x\", ", "", 2, "receivers[0].url: must be set"),
        arguments(
            ", url: \"https://hooks.slack.com/services/T/B/x\"",
            "",
            3,
            "receivers[1].url: must be set"),
        arguments(
            "https://h.example/x",
            "https://u:p@h/x",
            2,
            "receivers[0].url: must not hold a user and password (its value is not shown)"),
        arguments(
            "https://h.example/x",
            "mailto:x@h",
            2,
            "receivers[0].url: must be an http or https address, was mailto:x@h"),
        arguments(
            secrets, "", 2, "receivers[0].secret: must be set for a receiver of type webhook"),
        arguments(
            OLD,
            "whsec_MTIz",
            2,
            "receivers[0].secret[1]: must be whsec_ and base64 of 24 to 64 bytes"),
        arguments(
            OLD,
            "whsec_not/base64*",
            2,
            "receivers[0].secret[1]: must be whsec_ and base64 of 24 to 64 bytes"),
        arguments(
            OLD,
            String.join(", ", OLD, OLD, OLD, OLD, OLD),
            2,
            "receivers[0].secret: must be at most 5, were 6"),
        arguments(
            "type: slack",
            "type: slack" + secrets,
            3,
            "receivers[1].secret: has no meaning for a receiver of type slack"),
        arguments(
            "type: slack",
            "type: slack, routingKey: " + KEY,
            3,
            "receivers[1].routingKey: has no meaning for a receiver of type slack"),
        arguments(
            "routingKey: " + KEY + ", ",
            "",
            4,
            "receivers[2].routingKey: must be 32 letters and digits (its value is not shown)"),
        arguments(
            KEY,
            KEY + "0",
            4,
            "receivers[2].routingKey: must be 32 letters and digits (its value is not shown)"),
        arguments(
            "expiry: 10s", "expiry: 9s", 4, "receivers[2].expiry: must be 10s to 7d, was PT9S"),
        arguments(
            "expiry: 10s", "expiry: 8d", 4, "receivers[2].expiry: must be 10s to 7d, was PT192H"),
        arguments(
            "fallbackAfter: 1",
            "fallbackAfter: 0",
            4,
            "receivers[2].fallbackAfter: must be 1 to 100, was 0"),
        arguments(
            "fallback: hook",
            "fallback: nobody",
            4,
            "receivers[2].fallback: no receiver is named nobody"),
        arguments(
            "fallback: hook",
            "fallback: pager",
            4,
            "receivers[2].fallback: must be another receiver, was pager itself"),
        arguments("collapse: false", "colapse: false", 5, "unknown key receivers[3].colapse"),
        arguments(
            "collapse: false",
            "collapse: false, secret: x",
            5,
            "receivers[3].secret: must be whsec_"));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aFaultIsNamedWithItsLine(String sound, String wrong, int line, String message) {
    assertThat(SOUND).contains(sound);
    assertThatThrownBy(
            () -> load(SOUND.replaceFirst(java.util.regex.Pattern.quote(sound), wrong), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(folder.resolve("outlay.yaml") + ":" + line + ": " + message)
        .hasMessageNotContaining("not/base64")
        .hasMessageNotContaining(NEW)
        .hasMessageNotContaining(KEY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "localhost",
        "10.1.2.3",
        "192.168.0.9",
        "169.254.169.254",
        "[::1]",
        "0.0.0.0",
        "[fe80::1]"
      })
  void anAddressOfThisMachineOrNetworkNeedsAllowPrivate(String host) throws IOException {
    String local = SOUND.replace("http://am.example/x", "http://" + host + ":9/x");

    assertThatThrownBy(() -> load(local, Map.of()))
        .hasMessageContaining(
            ":5: receivers[3].url: " + host + " is a loopback, private or link-local address");
    assertThat(
            load(local.replace("collapse", "allowPrivate: true, collapse"), Map.of())
                .receivers()
                .get(3)
                .allowPrivate())
        .isTrue();
  }

  private OutlayConfig load(String yaml, Map<String, String> environment) throws IOException {
    return ConfigChecks.load(Files.writeString(folder.resolve("outlay.yaml"), yaml), environment);
  }
}
