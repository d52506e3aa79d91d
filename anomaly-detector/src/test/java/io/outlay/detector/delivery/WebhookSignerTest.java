package io.outlay.detector.delivery;

import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class WebhookSignerTest {
  private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

  /** The example that Standard Webhooks and its libraries test with. */
  @Test
  void givenThePublishedExampleWhenSignedThenTheSignatureIsThePublishedOne() {
    assertThat(
            new WebhookSigner(SECRET)
                .sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330L, "{\"test\": 2432232314}"))
        .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  }

  @Test
  void givenAnotherPrefixWhenMadeThenRefusedWithoutShowingTheSecret() {
    assertThatThrownBy(() -> new WebhookSigner("hunter2"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("whsec_")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void givenSecretsThatRotateWhenSignedThenOneSignatureEachSeparatedByBlanks() {
    String other = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz";
    assertThat(new WebhookSigner(List.of(SECRET, other)).sign("msg_1", 1, "{}"))
        .isEqualTo(
            new WebhookSigner(SECRET).sign("msg_1", 1, "{}")
                + " "
                + new WebhookSigner(other).sign("msg_1", 1, "{}"));
  }

  @Test
  void givenNoSecretWhenMadeThenRefused() {
    assertThatThrownBy(() -> new WebhookSigner(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
