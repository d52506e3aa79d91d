package io.outlay.detector.delivery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

/** An alert to try a receiver out with: like a real one, and marked in every format. */
public final class TestAlert {
  private static final String CONTENT_TYPE = "application/cloudevents+json";

  private TestAlert() {}

  /**
   * A message that is new each time.
   *
   * @param base address that links begin with
   */
  public static Message message(String receiver, URI base, Instant now) {
    String id = "test_" + UUID.randomUUID().toString().replace("-", "");
    return new Message(id, "msg_" + id, receiver, CONTENT_TYPE, body(id, receiver, base, now), now);
  }

  private static String body(String id, String receiver, URI base, Instant now) {
    ObjectNode event = Bodies.object();
    event.put("specversion", "1.0");
    event.put("id", id + "-1");
    event.put("source", "/outlay/anomaly-detector");
    event.put("type", "io.outlay.incident.opened");
    event.put("subject", id);
    event.put("time", now.toString());
    event.put("datacontenttype", "application/json");
    ObjectNode data = event.putObject("data");
    data.put("test", true);
    data.put(
        "summary",
        "This is a test alert, fired by hand to try the receiver "
            + receiver
            + ". Nothing is wrong.");
    data.put("incidentId", id);
    data.put("dedupKey", id);
    data.put("status", "open");
    data.put("severity", "info");
    data.putObject("rule")
        .put("name", "alert-test")
        .put("type", "spend-ratio")
        .put("threshold", 1.2);
    data.putObject("scope").put("team", "outlay-test");
    Instant day = now.truncatedTo(ChronoUnit.DAYS);
    data.putObject("window")
        .put("start", day.toString())
        .put("end", day.plus(1, ChronoUnit.DAYS).toString())
        .put("timezone", "UTC");
    data.put("metric", "cost");
    data.put("unit", "USD");
    data.put("actualUsd", "150.00");
    data.put("expectedUsd", "100.00");
    data.put("ratio", 1.5);
    data.put("impactUsd", "50.00");
    data.put("startedAt", now.toString());
    data.put("detectedAt", now.toString());
    data.putNull("resolvedAt");
    data.putObject("links").put("self", base.toString().replaceAll("/+$", "") + "/v1/receivers");
    data.put("projectedUsd", "240.00");
    data.put("confidence", 1);
    data.put("dataLagSeconds", 0);
    data.putArray("causes")
        .addObject()
        .put("dimension", "model")
        .put("value", "outlay-test")
        .put("deltaUsd", "50.00")
        .put("share", 1);
    data.putObject("drivers")
        .put("volumeUsd", "50.00")
        .put("unitPriceUsd", "0.00")
        .put("mixUsd", "0.00");
    data.putArray("children");
    data.putArray("notes").add("a test alert");
    data.put("reopened", 0);
    data.put("query", "SELECT 'a test alert is about no usage'");
    return Bodies.write(event);
  }
}
