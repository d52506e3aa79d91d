package io.outlay.embedded.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.outlay.embedded.stack.Progress;
import io.outlay.embedded.stack.StackException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Posts events in batches, as a publishing service would. */
public final class EventPublisher {
  private static final int BATCH = 500;
  private static final int MAX_TRIES = 20;
  private static final long RETRY_MILLIS = 500;
  private static final long TELL_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final URI events;
  private final String source;
  private final ObjectMapper json = new ObjectMapper();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /**
   * @param collectors root of the collectors' addresses
   * @param source of all events
   */
  public EventPublisher(URI collectors, String source) {
    this.events = collectors.resolve("/v1/events");
    this.source = source;
  }

  /**
   * Posts all of them, in order.
   *
   * @throws StackException if one is refused or the collectors stay unavailable
   */
  public void publish(List<ScenarioEvent> all, Progress progress)
      throws IOException, InterruptedException {
    long begin = System.nanoTime();
    long told = begin;
    for (int from = 0; from < all.size(); from += BATCH) {
      List<ScenarioEvent> batch = all.subList(from, Math.min(all.size(), from + BATCH));
      post(batch);
      long time = System.nanoTime();
      if (time - told > TELL_EVERY_NANOS) {
        told = time;
        int done = from + batch.size();
        progress.line(
            "  %,d of %,d events acknowledged (%d %%)"
                .formatted(done, all.size(), 100L * done / all.size()));
      }
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    progress.line("  %,d events acknowledged in %.1f s".formatted(all.size(), seconds));
  }

  private void post(List<ScenarioEvent> batch) throws IOException, InterruptedException {
    List<Map<String, Object>> body = new ArrayList<>();
    for (ScenarioEvent event : batch) {
      Map<String, Object> envelope = new LinkedHashMap<>();
      envelope.put("specversion", "1.0");
      envelope.put("id", event.id());
      envelope.put("source", source);
      envelope.put("type", event.type());
      envelope.put("time", event.time().toString());
      envelope.put("data", event.data());
      body.add(envelope);
    }
    HttpRequest request =
        HttpRequest.newBuilder(events)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(json.writeValueAsBytes(body)))
            .build();
    for (int tries = 1; ; tries++) {
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      JsonNode result = json.readTree(answer.body());
      if (answer.statusCode() == 200 && result.path("accepted").asInt() == batch.size()) {
        return;
      }
      // Sending again is harmless: what was taken already is recognised.
      if (answer.statusCode() != 503 || tries == MAX_TRIES) {
        throw new StackException(
            "the collectors answered " + answer.statusCode() + ": " + answer.body());
      }
      Thread.sleep(RETRY_MILLIS);
    }
  }
}
