package io.outlay.bench.pipeline;

import io.outlay.bench.BenchmarkFailedException;
import io.outlay.bench.Progress;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** What stands before a measurement: prices, and usage that waits. */
final class Prepared {
  private static final int OK = 200;

  private Prepared() {}

  /** Prices of a shape's models, and its usage up to now; streams-app does not run afterwards. */
  static Expected backlog(PipelineStack stack, Shape shape, Progress progress) {
    stack.up(PipelineStack.STREAMS);
    prices(stack, shape);
    stack.down(PipelineStack.STREAMS);
    return Backlog.publish(stack, shape, Instant.now().truncatedTo(ChronoUnit.MINUTES), progress);
  }

  /** Prices of a shape's models; streams-app runs. */
  static void prices(PipelineStack stack, Shape shape) {
    HttpRequest request =
        HttpRequest.newBuilder(stack.endpoints().streams().resolve("/v1/prices"))
            .header("Content-Type", "application/yaml")
            .PUT(HttpRequest.BodyPublishers.ofString(Traffic.prices(shape)))
            .build();
    try {
      HttpResponse<String> answer =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .build()
              .send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != OK) {
        throw new BenchmarkFailedException("prices were not taken: " + answer.body());
      }
    } catch (IOException e) {
      throw new BenchmarkFailedException("prices were not taken: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchmarkFailedException("interrupted while measuring");
    }
  }
}
