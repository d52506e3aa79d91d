package io.outlay.collectors.otlp;

import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.outlay.collectors.testing.Collected;
import io.outlay.schema.UsageEvent;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LogRecordsTest {
  private static final List<KeyValue> CALL =
      Otlp.attributes(
          "gen_ai.operation.name=chat gen_ai.provider.name=openai gen_ai.response.model=gpt-4o"
              + " gen_ai.usage.input_tokens=10 gen_ai.usage.output_tokens=5");

  @Test
  void aCallIsOneEventWhetherItsSpanOrItsRecordComes() throws Exception {
    UsageEvent ofSpan = Otlp.read(Otlp.traces(Otlp.resource("shop"), Otlp.span(CALL))).event();
    UsageEvent ofRecord = Otlp.read(Otlp.logs(Otlp.resource("shop"), inSpan())).event();

    assertThat(ofRecord.getId()).isEqualTo(ofSpan.getId());
    assertThat(ofRecord.getSource()).isEqualTo(ofSpan.getSource());
    assertThat(ofRecord.getTraceId()).isEqualTo(Otlp.TRACE);
    assertThat(ofRecord.getEventTimeMicros()).isEqualTo(Otlp.nanos(Otlp.END) / 1_000);
    assertThat(Otlp.buckets(ofRecord)).isEqualTo("input=10 output=5");
    assertThat(Otlp.llm(ofRecord).getLatencyMs()).isNull();
  }

  @Test
  void givenSeveralCallsInOneSpan_thenEachIsAnEvent() throws Exception {
    LogRecord.Builder other =
        inSpan().addAllAttributes(Otlp.attributes("gen_ai.usage.input_tokens", 11));
    LogRecord.Builder ofAnotherKind = inSpan().setEventName("api_request");
    LogRecord.Builder nameless = other.clone().clearEventName();
    ExportLogsServiceRequest request =
        Otlp.logs(Otlp.resource("shop"), ofAnotherKind, inSpan(), other, nameless, inSpan());

    List<String> ids = ids(request);

    String span = Otlp.TRACE + "-" + Otlp.SPAN;
    assertThat(ids.get(0)).matches(span + "-[0-9a-f]{32}");
    assertThat(ids.get(1)).as("the first of the span").isEqualTo(span);
    assertThat(ids.get(2)).matches(span + "-[0-9a-f]{32}").isNotEqualTo(ids.get(0));
    assertThat(ids.get(3)).isEqualTo(ids.get(2));
    assertThat(ids.get(4)).as("equal to the first").isEqualTo(span);
    assertThat(ids(request)).as("sent again").isEqualTo(ids);
  }

  @Test
  void givenTheNameAsAnAttribute_thenItHoldsWhereThereIsNoOther() throws Exception {
    LogRecord.Builder old =
        inSpan()
            .clearEventName()
            .addAllAttributes(
                Otlp.attributes("event.name", "gen_ai.client.inference.operation.details"));

    assertThat(id("shop", old)).isEqualTo(Otlp.TRACE + "-" + Otlp.SPAN);
    assertThat(id("shop", old.setEventName("other"))).hasSize(32 + 1 + 16 + 1 + 32);
  }

  @Test
  void givenNoSpan_thenTheContentIsTheIdentity() throws Exception {
    LogRecord.Builder alone = inSpan().clearSpanId().clearTraceId();
    LogRecord.Builder reordered =
        alone
            .clone()
            .clearAttributes()
            .addAllAttributes(CALL.subList(1, 5))
            .addAttributes(CALL.get(0));
    LogRecord.Builder later = alone.clone().setTimeUnixNano(Otlp.nanos(Otlp.END) + 1);

    String id = id("shop", alone);

    assertThat(id).matches("log-[0-9a-f]{32}").isEqualTo(id("shop", alone));
    assertThat(id("shop", reordered)).isEqualTo(id);
    assertThat(id("shop", later)).isNotEqualTo(id);
    assertThat(id("other", alone)).isNotEqualTo(id);
  }

  @Test
  void givenOnlyTheTimeOfObservation_thenItHolds() throws Exception {
    LogRecord.Builder record =
        inSpan().clearTimeUnixNano().setObservedTimeUnixNano(Otlp.nanos(Otlp.END) + 1_000);

    assertThat(Otlp.read(Otlp.logs(Otlp.resource("shop"), record)).event().getEventTimeMicros())
        .isEqualTo(Otlp.nanos(Otlp.END) / 1_000 + 1);
  }

  @Test
  void whatIsNoUsageIsIgnored() throws Exception {
    LogRecord.Builder agent =
        inSpan().addAllAttributes(Otlp.attributes("gen_ai.operation.name", "invoke_agent"));
    Collected collected =
        Otlp.read(
            Otlp.logs(
                Otlp.resource("shop"),
                LogRecord.newBuilder().setSeverityText("INFO"),
                inSpan().clearAttributes().addAllAttributes(CALL.subList(0, 3)),
                agent));

    assertThat(collected.events()).isEmpty();
    assertThat(collected.rejections()).isEmpty();
    assertThat(collected.ignored()).isEqualTo(3);
  }

  @Test
  void recordsOfServicesThatAreCountedByMetricsAreIgnored() throws Exception {
    Collected collected =
        Otlp.read(
            Signal.LOGS,
            Otlp.logs(Otlp.resource("shop"), inSpan()).toByteArray(),
            new MetricServices(List.of("shop")),
            Collected.reception());

    assertThat(collected.events()).isEmpty();
    assertThat(collected.ignored()).isEqualTo(1);
  }

  @Test
  void givenABadNumber_thenOnlyItsRecordIsRejected() throws Exception {
    LogRecord.Builder bad =
        inSpan().addAllAttributes(Otlp.attributes("gen_ai.usage.input_tokens", -1));
    Collected collected = Otlp.read(Otlp.logs(Otlp.resource("shop"), bad, inSpan()));

    assertThat(collected.events()).hasSize(1);
    assertThat(collected.rejections().get(0).index()).isZero();
    assertThat(collected.rejections().get(0).error()).isEqualTo("must be >= 0, was -1");
  }

  private static List<String> ids(ExportLogsServiceRequest request) throws Exception {
    return Otlp.read(request).events().stream().map(UsageEvent::getId).toList();
  }

  private static String id(String service, LogRecord.Builder record) throws Exception {
    return Otlp.read(Otlp.logs(Otlp.resource(service), record)).event().getId();
  }

  private static LogRecord.Builder inSpan() {
    return LogRecord.newBuilder()
        .setEventName("gen_ai.client.inference.operation.details")
        .setTimeUnixNano(Otlp.nanos(Otlp.END))
        .setTraceId(Otlp.bytes(Otlp.TRACE))
        .setSpanId(Otlp.bytes(Otlp.SPAN))
        .addAllAttributes(CALL);
  }
}
