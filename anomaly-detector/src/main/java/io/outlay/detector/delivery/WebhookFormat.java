package io.outlay.detector.delivery;

import java.time.Instant;

/** The incident's own body, signed as Standard Webhooks say. */
public final class WebhookFormat implements Format {
  private final WebhookSigner signer;

  public WebhookFormat(WebhookSigner signer) {
    this.signer = signer;
  }

  @Override
  public Request request(Message message, Instant now) {
    return new Request(
        message.contentType(), message.body(), signer.headers(message.id(), now, message.body()));
  }

  /** Standard Webhooks: 2xx is success and 410 the end; anything else may pass. */
  @Override
  public Outcome judge(Answer answer) {
    Outcome outcome = Format.super.judge(answer);
    return outcome instanceof Outcome.Refused refused
        ? new Outcome.Failed(refused.status(), refused.reason(), answer.retryAfter())
        : outcome;
  }
}
