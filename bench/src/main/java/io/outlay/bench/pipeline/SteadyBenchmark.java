package io.outlay.bench.pipeline;

import com.sun.net.httpserver.HttpServer;
import io.outlay.bench.Benchmark;
import io.outlay.bench.BenchmarkFailedException;
import io.outlay.bench.Figures;
import io.outlay.bench.Metric;
import io.outlay.bench.Progress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Usage that flows at a share of what the machine can take: how long after it should have been sent
 * an event is found in ClickHouse, and how long after it a webhook is called because of it. Rates
 * do not follow what the pipeline can do: what comes late counts as late. Ten rules judge some five
 * thousand scopes meanwhile.
 */
public final class SteadyBenchmark implements Benchmark {
  private static final int CAPACITY_EVENTS = 2_000_000;
  private static final int QUICK_CAPACITY_EVENTS = 300_000;
  private static final int[] PERCENTS = {30, 50, 70, 90};
  private static final int[] QUICK_PERCENTS = {50};
  private static final Duration EACH = Duration.ofSeconds(40);
  private static final Duration QUICK_EACH = Duration.ofSeconds(10);
  private static final int HUNDRED = 100;
  private static final Pattern PAGED = Pattern.compile("page-(\\d+)");

  private final Path root;

  /**
   * @param root of the project
   */
  public SteadyBenchmark(Path root) {
    this.root = root;
  }

  @Override
  public String name() {
    return "steady";
  }

  @Override
  public String description() {
    return "usage at 30, 50, 70 and 90 % of capacity: time from event to queryable and to webhook";
  }

  @Override
  public Figures run(boolean quick, Progress progress) {
    Shape shape = new Shape(quick ? QUICK_CAPACITY_EVENTS : CAPACITY_EVENTS, 5, 700, 4, 40, 60);
    HttpServer receiver = receiver();
    try (PipelineStack stack =
        PipelineStack.start(root, configuration(receiver.getAddress().getPort()), progress)) {
      stack.up(PipelineStack.CLICKHOUSE);
      progress.step("steady: publishing a backlog to measure capacity");
      Expected expected = Prepared.backlog(stack, shape, progress);
      progress.step("steady: going through it");
      Course course = DrainBenchmark.course(stack, expected, progress);
      stack.up(PipelineStack.DETECTOR);
      List<Figures.Case> cases = new ArrayList<>();
      cases.add(new Figures.Case("capacity", Map.of(Metric.EVENTS_PER_SECOND, course.warmRate())));
      Flow flow = new Flow(stack, shape);
      receiver.createContext(
          "/",
          exchange -> {
            long at = System.nanoTime();
            byte[] body = exchange.getRequestBody().readAllBytes();
            Matcher team = PAGED.matcher(new String(body, StandardCharsets.UTF_8));
            if (team.find()) {
              flow.paged(Integer.parseInt(team.group(1)), at);
            }
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
          });
      // Compilers and caches, at a rate that counts for nothing.
      progress.step("steady: warming up");
      flow.run(course.warmRate() * 0.3, quick ? QUICK_EACH : EACH);
      for (int percent : quick ? QUICK_PERCENTS : PERCENTS) {
        progress.step("steady: at " + percent + " % of capacity");
        double rate = course.warmRate() * percent / HUNDRED;
        Flow.Times times = flow.run(rate, quick ? QUICK_EACH : EACH);
        cases.add(times.queryable().toCase(percent + " %: queryable", rate));
        cases.add(times.webhook().toCase(percent + " %: webhook", rate));
      }
      flow.close();
      return new Figures("capacity", cases);
    } finally {
      receiver.stop(0);
    }
  }

  private static HttpServer receiver() {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.start();
      return server;
    } catch (IOException e) {
      throw new BenchmarkFailedException("nobody can listen for webhooks: " + e);
    }
  }

  /** Ten rules: one that a single event breaks, and nine that judge and find nothing. */
  static String configuration(int port) {
    StringBuilder yaml =
        new StringBuilder(
            """
            receivers:
              - {name: oncall, type: webhook, url: "http://127.0.0.1:%d/", allowPrivate: true,
                 secret: whsec_cmVwbGFjZSB0aGlzIHdpdGggeW91ciBvd24ga2V5}
            rules:
              - {name: limit, type: spend-limit, window: 1d, limitUsd: 500000, threshold: 1.0, by: [team],
                 receivers: [oncall]}
            """
                .formatted(port));
    String[] types = {
      "type: spend-ratio, window: 1d, baseline: 7d, threshold: 1000, by: [team, model, feature]",
      "type: spend-ratio, window: 1h, baseline: 7d, threshold: 1000, by: [team, model, feature]",
      "type: spend-ratio, method: robust, window: 1d, baseline: 28d, threshold: 1000, by: [feature]",
      "type: spend-ratio, window: 7d, baseline: 28d, threshold: 1000, by: [model]",
      "type: forecast-overrun, window: 1d, baseline: 7d, limitUsd: 900000000, threshold: 1.0, by: [team]",
      "type: cost-per-request-ratio, window: 1h, baseline: 7d, threshold: 1000, by: [model]",
      "type: latency-ratio, window: 1h, baseline: 7d, threshold: 1000, by: [model]",
      "type: error-rate, window: 1h, threshold: 0.99, by: [model]",
      "type: spend-ratio, window: 1d, baseline: 14d, threshold: 1000, by: [team]"
    };
    for (int i = 0; i < types.length; i++) {
      yaml.append("  - {name: quiet-%d, %s, receivers: [oncall]}%n".formatted(i, types[i]));
    }
    return yaml.toString();
  }
}
