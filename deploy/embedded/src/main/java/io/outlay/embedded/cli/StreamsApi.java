package io.outlay.embedded.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.outlay.embedded.stack.StackException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Requests to streams-app, and what is wrong with them told as a command tells it. */
final class StreamsApi {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private StreamsApi() {}

  /**
   * @param streams root of streams-app's addresses
   */
  static URI address(URI streams, String path, Map<String, String> query) {
    String parameters =
        query.entrySet().stream()
            .map(
                entry ->
                    entry.getKey()
                        + "="
                        + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    return streams.resolve(path + (parameters.isEmpty() ? "" : "?" + parameters));
  }

  static HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    HttpRequest built = request.timeout(TIMEOUT).build();
    try {
      return HttpClient.newHttpClient().send(built, HttpResponse.BodyHandlers.ofString());
    } catch (ConnectException e) {
      throw new StackException(
          "streams-app does not answer at " + built.uri().getAuthority() + "; is it running?");
    }
  }

  /** What a problem detail says, its faults one to a line. */
  static RuntimeException refused(JsonNode problem) {
    List<String> lines = new ArrayList<>();
    lines.add(problem.path("detail").asText(problem.toString()));
    problem.path("faults").forEach(fault -> lines.add(fault.asText()));
    return new StackException(String.join("\n", lines));
  }

  /** Adds a parameter that was given. */
  static void put(Map<String, String> query, String key, @Nullable String value) {
    if (value != null) {
      query.put(key, value);
    }
  }
}
