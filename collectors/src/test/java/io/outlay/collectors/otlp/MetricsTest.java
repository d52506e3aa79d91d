package io.outlay.collectors.otlp;

import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.outlay.collectors.testing.Collected;
import io.outlay.schema.UsageEvent;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class MetricsTest {
  private static final AggregationTemporality DELTA =
      AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA;
  private static final AggregationTemporality CUMULATIVE =
      AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE;
  private static final MetricServices COUNTED = new MetricServices(List.of("gateway"));
  private static final String CALL =
      "gen_ai.operation.name=chat gen_ai.provider.name=openai gen_ai.request.model=gpt-4o ";
  private static final String COUNTER = "gen_ai.client.inference.usage.";

  @Test
  void aHistogramOfTokensIsOneEventPerModelAndInterval() throws Exception {
    UsageEvent event = read(tokenUsage(DELTA, 7, 1_000, 200)).event();

    assertThat(Otlp.buckets(event)).isEqualTo("input=1000 output=200");
    assertThat(Otlp.llm(event).getRequests()).isEqualTo(7);
    assertThat(Otlp.llm(event).getModel()).isEqualTo("gpt-4o");
    assertThat(Otlp.llm(event).getProvider()).isEqualTo("openai");
    assertThat(Otlp.llm(event).getLatencyMs()).isNull();
    assertThat(event.getSource()).isEqualTo("gateway");
    assertThat(event.getEventTimeMicros()).isEqualTo(Otlp.nanos(Otlp.END) / 1_000);
  }

  @Test
  void countersAreDisjointAfterwards() throws Exception {
    UsageEvent event =
        read(
                counter("input_tokens", "gen_ai.token.modality=text", 900),
                counter("input_tokens", "gen_ai.token.modality=audio", 100),
                counter("cache_read.input_tokens", "gen_ai.token.modality=unknown", 600),
                counter("cache_write.input_tokens", "gen_ai.token.modality=unknown", 50),
                counter("output_tokens", "gen_ai.token.modality=text", 200),
                counter("reasoning.output_tokens", "gen_ai.token.modality=unknown", 150))
            .event();

    assertThat(Otlp.buckets(event))
        .isEqualTo(
            "cacheRead=600 cacheWrite5m=50 input=250 inputAudio=100 output=50 reasoning=150");
    assertThat(Otlp.llm(event).getRequests()).isZero();
  }

  @Test
  void countersHoldBeforeTheHistogramThatTheyReplace_andRequestsAreKnownFromHistograms()
      throws Exception {
    UsageEvent event =
        read(
                tokenUsage(DELTA, 7, 999, 199),
                counter("input_tokens", "gen_ai.token.modality=unknown", 1_000),
                counter("output_tokens", "gen_ai.token.modality=unknown", 200),
                histogram(
                    "gen_ai.client.inference.operation.input_tokens", DELTA, point("", 8, 1_000)))
            .event();

    assertThat(Otlp.buckets(event)).isEqualTo("input=1000 output=200");
    assertThat(Otlp.llm(event).getRequests()).isEqualTo(8);
  }

  @Test
  void exponentialHistogramsCountToo() throws Exception {
    Metric.Builder metric = Metric.newBuilder().setName("gen_ai.client.token.usage");
    metric
        .getExponentialHistogramBuilder()
        .setAggregationTemporality(DELTA)
        .addDataPoints(
            ExponentialHistogramDataPoint.newBuilder()
                .addAllAttributes(Otlp.attributes(CALL + "gen_ai.token.type=input"))
                .setTimeUnixNano(Otlp.nanos(Otlp.END))
                .setCount(3)
                .setSum(30));

    UsageEvent event = read(metric).event();

    assertThat(Otlp.buckets(event)).isEqualTo("input=30");
    assertThat(Otlp.llm(event).getRequests()).isEqualTo(3);
  }

  @Test
  void idsAreTheSameAgainAndDifferWithWhatTheyIdentify() throws Exception {
    String id = read(tokenUsage(DELTA, 7, 1_000, 200)).event().getId();

    assertThat(id).matches("metric-[0-9a-f]{32}");
    assertThat(read(tokenUsage(DELTA, 7, 1_000, 200)).event().getId()).isEqualTo(id);
    Metric.Builder later = tokenUsage(DELTA, 7, 1_000, 200);
    later
        .getHistogramBuilder()
        .getDataPointsBuilderList()
        .forEach(point -> point.setTimeUnixNano(Otlp.nanos(Otlp.END) + 1));
    assertThat(read(later).event().getId()).isNotEqualTo(id);
    Metric.Builder other = tokenUsage(DELTA, 7, 1_000, 200);
    other
        .getHistogramBuilder()
        .getDataPointsBuilderList()
        .forEach(point -> point.addAllAttributes(Otlp.attributes("server.address", "eu")));
    assertThat(read(other).event().getId()).isNotEqualTo(id);
    Metric.Builder half = tokenUsage(DELTA, 7, 1_000, 200);
    half.getHistogramBuilder().removeDataPoints(1);
    assertThat(read(half).event().getId())
        .as("halves of what was split on its way are not each other's copies")
        .isNotEqualTo(id);
  }

  @Test
  void otherAttributesAreOtherEvents() throws Exception {
    Metric.Builder metric =
        histogram(
            "gen_ai.client.token.usage",
            DELTA,
            point("gen_ai.token.type=input outlay.feature=a", 1, 10),
            point("gen_ai.token.type=input outlay.feature=b", 1, 20),
            point("gen_ai.token.type=output outlay.feature=a", 1, 5));

    Collected collected = read(metric);

    assertThat(collected.events())
        .extracting(event -> event.getFeature() + " " + Otlp.buckets(event))
        .containsExactly("a input=10 output=5", "b input=20");
  }

  @Test
  void givenCumulative_thenEveryPointIsRejectedAndToldWhatToSet() throws Exception {
    Collected collected =
        read(tokenUsage(CUMULATIVE, 7, 1_000, 200), counter("input_tokens", "a=b", 1));

    assertThat(collected.events()).hasSize(1);
    assertThat(collected.rejections()).hasSize(2);
    assertThat(collected.rejections().get(1).index()).isEqualTo(1);
    assertThat(collected.rejections().get(0).field()).isEqualTo("gen_ai.client.token.usage");
    assertThat(collected.rejections().get(0).error())
        .isEqualTo(
            "must have delta temporality, was cumulative; set"
                + " OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta for the service"
                + " \"gateway\"");
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 'must be >= 0, was -1.0'",
    "1.5, 'must be a whole number, was 1.5'",
    "NaN, 'must be a whole number, was NaN'",
    "1e300, 'must be <= 1000000000000, was 1.0E300'"
  })
  void whatIsNoNumberOfTokensIsRejected(double sum, String error) throws Exception {
    var rejection =
        read(histogram(
                "gen_ai.client.token.usage", DELTA, point("gen_ai.token.type=input", 1, sum)))
            .rejection();

    assertThat(rejection.field()).isEqualTo("gen_ai.client.token.usage");
    assertThat(rejection.error()).isEqualTo(error);
  }

  @Test
  void givenUnknownTypeOfToken_thenRejected() throws Exception {
    assertThat(
            read(histogram(
                    "gen_ai.client.token.usage", DELTA, point("gen_ai.token.type=smoke", 1, 1)))
                .rejection()
                .error())
        .contains("\"smoke\"");
  }

  @Test
  void givenNoModel_thenAllPointsOfTheEventAreRejected() throws Exception {
    Metric.Builder metric = tokenUsage(DELTA, 1, 10, 5);
    metric
        .getHistogramBuilder()
        .getDataPointsBuilderList()
        .forEach(point -> point.removeAttributes(2));

    assertThat(read(metric).rejections())
        .extracting(rejection -> rejection.index() + " " + rejection.field())
        .containsExactlyInAnyOrder("0 gen_ai.response.model", "1 gen_ai.response.model");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gen_ai.client.operation.duration", "http.server.request.duration"})
  void otherMetricsAreIgnored(String name) throws Exception {
    Collected collected = read(histogram(name, CUMULATIVE, point("a=b", 1, 1)));

    assertThat(collected.events()).isEmpty();
    assertThat(collected.rejections()).isEmpty();
    assertThat(collected.ignored()).isEqualTo(1);
  }

  @Test
  void metricsOfServicesThatAreCountedBySpansAreIgnored() throws Exception {
    Collected collected =
        Otlp.read(
            Signal.METRICS,
            request("shop", tokenUsage(CUMULATIVE, 7, 1_000, 200)).toByteArray(),
            COUNTED,
            Collected.reception());

    assertThat(collected.events()).isEmpty();
    assertThat(collected.rejections()).isEmpty();
    assertThat(collected.ignored()).isEqualTo(2);
  }

  @Test
  void agentsAreNotCountedAgain() throws Exception {
    Metric.Builder metric = tokenUsage(DELTA, 1, 10, 5);
    metric
        .getHistogramBuilder()
        .getDataPointsBuilderList()
        .forEach(
            point ->
                point.addAllAttributes(Otlp.attributes("gen_ai.operation.name", "invoke_agent")));

    Collected collected = read(metric);

    assertThat(collected.events()).isEmpty();
    assertThat(collected.ignored()).isEqualTo(2);
  }

  private static Collected read(Metric.Builder... metrics) throws Exception {
    return Otlp.read(
        Signal.METRICS, request("gateway", metrics).toByteArray(), COUNTED, Collected.reception());
  }

  private static ExportMetricsServiceRequest request(String service, Metric.Builder... metrics) {
    ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.newBuilder();
    ScopeMetrics.Builder scope =
        request
            .addResourceMetricsBuilder()
            .setResource(Otlp.resource(service))
            .addScopeMetricsBuilder();
    Arrays.stream(metrics).forEach(scope::addMetrics);
    return request.build();
  }

  private static Metric.Builder tokenUsage(
      AggregationTemporality temporality, long count, double input, double output) {
    return histogram(
        "gen_ai.client.token.usage",
        temporality,
        point("gen_ai.token.type=input", count, input),
        point("gen_ai.token.type=output", count, output));
  }

  private static Metric.Builder histogram(
      String name, AggregationTemporality temporality, HistogramDataPoint.Builder... points) {
    Metric.Builder metric = Metric.newBuilder().setName(name);
    metric.getHistogramBuilder().setAggregationTemporality(temporality);
    Arrays.stream(points).forEach(metric.getHistogramBuilder()::addDataPoints);
    return metric;
  }

  private static HistogramDataPoint.Builder point(String attributes, long count, double sum) {
    return HistogramDataPoint.newBuilder()
        .addAllAttributes(Otlp.attributes(CALL + attributes))
        .setStartTimeUnixNano(Otlp.nanos(Otlp.END.minusSeconds(60)))
        .setTimeUnixNano(Otlp.nanos(Otlp.END))
        .setCount(count)
        .setSum(sum);
  }

  private static Metric.Builder counter(String name, String attributes, long value) {
    Metric.Builder metric = Metric.newBuilder().setName(COUNTER + name);
    metric
        .getSumBuilder()
        .setAggregationTemporality(DELTA)
        .setIsMonotonic(true)
        .addDataPoints(
            NumberDataPoint.newBuilder()
                .addAllAttributes(Otlp.attributes(CALL + attributes))
                .setStartTimeUnixNano(Otlp.nanos(Otlp.END.minusSeconds(60)))
                .setTimeUnixNano(Otlp.nanos(Otlp.END))
                .setAsInt(value));
    return metric;
  }
}
