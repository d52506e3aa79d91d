package io.outlay.collectors.otlp;

import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.outlay.collectors.format.Rejection;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ExportTest {
  private static final List<Rejection> FIVE =
      IntStream.range(0, 5).mapToObj(i -> new Rejection(i, "id" + i, "f" + i, "e" + i)).toList();
  private static final String MESSAGE =
      " were rejected: number 0 (id0): f0 e0; number 1 (id1): f1 e1; number 2 (id2): f2 e2; …";

  @Test
  void fullSuccessIsAnEmptyMessage() {
    assertThat(Export.response(Signal.TRACES, false, 0, List.of())).isEmpty();
    assertThat(text(Export.response(Signal.LOGS, true, 0, List.of()))).isEqualTo("{}");
  }

  @Test
  void partialSuccessNamesTheFirstOnes() throws Exception {
    var traces =
        ExportTraceServiceResponse.parseFrom(Export.response(Signal.TRACES, false, 5, FIVE));
    assertThat(traces.getPartialSuccess().getRejectedSpans()).isEqualTo(5);
    assertThat(traces.getPartialSuccess().getErrorMessage()).isEqualTo("5 of the spans" + MESSAGE);
    var metrics =
        ExportMetricsServiceResponse.parseFrom(Export.response(Signal.METRICS, false, 5, FIVE));
    assertThat(metrics.getPartialSuccess().getRejectedDataPoints()).isEqualTo(5);
    assertThat(metrics.getPartialSuccess().getErrorMessage())
        .isEqualTo("5 of the data points" + MESSAGE);
    var logs = ExportLogsServiceResponse.parseFrom(Export.response(Signal.LOGS, false, 5, FIVE));
    assertThat(logs.getPartialSuccess().getRejectedLogRecords()).isEqualTo(5);
    assertThat(logs.getPartialSuccess().getErrorMessage())
        .isEqualTo("5 of the log records" + MESSAGE);
  }

  @Test
  void partialSuccessInJsonHasItsNumberAsAString() {
    assertThat(
            text(
                Export.response(
                    Signal.METRICS, true, 1, List.of(new Rejection(0, null, "f", "\"e\"")))))
        .isEqualTo(
            "{\"partialSuccess\":{\"rejectedDataPoints\":\"1\",\"errorMessage\":"
                + "\"1 of the data points were rejected: number 0: f \\\"e\\\"\"}}");
  }

  @Test
  void errorsAreAStatus() throws Exception {
    assertThat(text(Export.status(true, 3, "no"))).isEqualTo("{\"code\":3,\"message\":\"no\"}");
    assertThat(Status.parseFrom(Export.status(false, 3, "no")))
        .isEqualTo(Status.newBuilder().setCode(3).setMessage("no").build());
    Status retry = Status.parseFrom(Export.retryStatus(14, "later", 2));
    assertThat(retry.getDetails(0).unpack(RetryInfo.class).getRetryDelay().getSeconds())
        .isEqualTo(2);
  }

  private static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }
}
