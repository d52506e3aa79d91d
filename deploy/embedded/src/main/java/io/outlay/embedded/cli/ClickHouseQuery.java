package io.outlay.embedded.cli;

import io.outlay.config.OutlayConfig;
import io.outlay.embedded.stack.StackException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Queries over ClickHouse's HTTP interface.
 *
 * @param address of the interface
 * @param database that unqualified names mean
 * @param user who asks
 * @param password empty for none
 */
public record ClickHouseQuery(URI address, String database, String user, String password) {
  private static final int OK = 200;
  private static final int MAX_ROWS = 10_000;
  private static final Duration CONNECT_WITHIN = Duration.ofSeconds(5);

  /** Queries with the database and the user of a configuration. */
  public static ClickHouseQuery of(URI address, OutlayConfig.ClickHouse config) {
    return new ClickHouseQuery(
        address, config.database(), config.user(), config.password().orElse(""));
  }

  /**
   * Runs a query and writes its result as it comes.
   *
   * @param format of results that name none themselves
   * @return whether it worked; if not, ClickHouse's message has been written
   * @throws StackException if ClickHouse does not answer
   */
  public boolean run(String query, String format, Output output)
      throws IOException, InterruptedException {
    HttpResponse<InputStream> answer = send(query, format, output.isTerminal());
    try (InputStream body = answer.body()) {
      if (answer.statusCode() != OK) {
        output.err().println(new String(body.readAllBytes(), StandardCharsets.UTF_8).strip());
        return false;
      }
      output.out().flush();
      body.transferTo(output.raw());
      output.raw().flush();
      return true;
    }
  }

  /**
   * Runs a query for its result as text.
   *
   * @param format of results that name none themselves
   * @throws StackException if ClickHouse does not answer, or answers with an error
   */
  public String text(String query, String format) throws IOException, InterruptedException {
    HttpResponse<InputStream> answer = send(query, format, false);
    try (InputStream body = answer.body()) {
      String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
      if (answer.statusCode() != OK) {
        throw new StackException(text.strip());
      }
      return text;
    }
  }

  private HttpResponse<InputStream> send(String query, String format, boolean color)
      throws IOException, InterruptedException {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("database", database);
    parameters.put("default_format", format);
    parameters.put("output_format_pretty_color", color ? "1" : "0");
    parameters.put("output_format_pretty_row_numbers", "0");
    parameters.put("output_format_pretty_max_rows", Integer.toString(MAX_ROWS));
    String encoded =
        parameters.entrySet().stream()
            .map(
                entry ->
                    entry.getKey()
                        + "="
                        + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address.resolve("/?" + encoded))
            .header("X-ClickHouse-User", user)
            .POST(HttpRequest.BodyPublishers.ofString(query));
    if (!password.isEmpty()) {
      request.header("X-ClickHouse-Key", password);
    }
    HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_WITHIN)
            .build();
    try {
      return client.send(request.build(), BodyHandlers.ofInputStream());
    } catch (ConnectException e) {
      throw new StackException(
          "ClickHouse does not answer at " + address + "; ./outlay up starts the stack", e);
    }
  }
}
