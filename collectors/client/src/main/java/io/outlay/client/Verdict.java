package io.outlay.client;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an answer of the collector means for the batch that it answers. */
sealed interface Verdict {
  /** Every event is decided: accepted, except those that are listed by their place. */
  record Settled(Map<Integer, Rejection> rejections) implements Verdict {}

  /** The batch is too large, or something in it makes all of it unreadable. */
  record Indigestible(int status, String detail) implements Verdict {}

  /** The collector cannot take anything now. */
  record Unavailable(String reason, @Nullable Duration retryAfter) implements Verdict {}

  /** Whoever answers refuses this client, or is no collector. Somebody has to mend something. */
  record Refused(int status, String detail) implements Verdict {}

  /**
   * @param events how many the batch had
   */
  static Verdict of(Reply reply, int events) {
    int status = reply.status();
    return switch (status) {
      case 200, 207 -> {
        Map<Integer, Rejection> rejections = rejections(reply, events);
        yield rejections == null
            ? new Refused(status, "the answer is not that of a collector: " + text(reply))
            : new Settled(rejections);
      }
      case 400 -> {
        Map<Integer, Rejection> rejections = rejections(reply, events);
        if (rejections != null) {
          yield new Settled(rejections);
        }
        // Only a collector's own word makes events guilty; a proxy's 400 must not cost any.
        yield reply.mediaType().equals("application/problem+json")
            ? new Indigestible(status, text(reply))
            : new Refused(status, text(reply));
      }
      case 413 -> new Indigestible(status, text(reply));
      case 408, 425, 429 ->
          new Unavailable("HTTP " + status + " " + text(reply), reply.retryAfter());
      default ->
          status >= 500
              ? new Unavailable("HTTP " + status + " " + text(reply), reply.retryAfter())
              : new Refused(status, text(reply));
    };
  }

  private static String text(Reply reply) {
    String text = reply.body().strip();
    return text.length() <= 300 ? text : text.substring(0, 299) + "…";
  }

  /** The rejections of an answer, or null unless it accounts for exactly that many events. */
  private static @Nullable Map<Integer, Rejection> rejections(Reply reply, int events) {
    try (JsonParser json = EventWriter.JSON.createParser(reply.body())) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      long accepted = -1;
      Map<Integer, Rejection> rejections = new HashMap<>();
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        json.nextToken();
        if (name.equals("accepted")) {
          accepted = json.getLongValue();
        } else if (name.equals("rejected") && json.currentToken() == JsonToken.START_ARRAY) {
          while (json.nextToken() == JsonToken.START_OBJECT) {
            rejection(json, rejections);
          }
        } else {
          json.skipChildren();
        }
      }
      boolean adds = accepted >= 0 && accepted + rejections.size() == events;
      return adds && rejections.keySet().stream().allMatch(i -> i >= 0 && i < events)
          ? rejections
          : null;
    } catch (IOException e) {
      return null;
    }
  }

  private static void rejection(JsonParser json, Map<Integer, Rejection> into) throws IOException {
    int index = -1;
    String id = null;
    String field = "$";
    String error = "was rejected without a reason";
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      json.nextToken();
      switch (name) {
        case "index" -> index = json.getIntValue();
        case "id" -> id = json.getValueAsString();
        case "field" -> field = json.getValueAsString(field);
        case "error" -> error = json.getValueAsString(error);
        default -> json.skipChildren();
      }
    }
    into.put(index, new Rejection(id, field, error, true));
  }
}
