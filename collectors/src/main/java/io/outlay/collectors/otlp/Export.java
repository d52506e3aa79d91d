package io.outlay.collectors.otlp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.MessageLite;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.outlay.collectors.format.Rejection;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The answers of OTLP. */
public final class Export {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int MAX_NAMED = 3;

  private Export() {}

  /**
   * The answer to a request that was read.
   *
   * @param rejected items that were not taken and never will be
   * @param named the first of them
   */
  public static byte[] response(Signal signal, boolean json, long rejected, List<Rejection> named) {
    String message = rejected == 0 ? "" : message(signal, rejected, named);
    if (json) {
      return json(
          out -> {
            if (rejected > 0) {
              out.writeObjectFieldStart("partialSuccess");
              // 64 bits are a string in the JSON of protobuf.
              out.writeStringField(rejectedField(signal), Long.toString(rejected));
              out.writeStringField("errorMessage", message);
              out.writeEndObject();
            }
          });
    }
    return response(signal, rejected, message).toByteArray();
  }

  private static String rejectedField(Signal signal) {
    return switch (signal) {
      case TRACES -> "rejectedSpans";
      case METRICS -> "rejectedDataPoints";
      case LOGS -> "rejectedLogRecords";
    };
  }

  private static MessageLite response(Signal signal, long rejected, String message) {
    switch (signal) {
      case TRACES -> {
        ExportTraceServiceResponse.Builder response = ExportTraceServiceResponse.newBuilder();
        if (rejected > 0) {
          response.getPartialSuccessBuilder().setRejectedSpans(rejected).setErrorMessage(message);
        }
        return response.build();
      }
      case METRICS -> {
        ExportMetricsServiceResponse.Builder response = ExportMetricsServiceResponse.newBuilder();
        if (rejected > 0) {
          response
              .getPartialSuccessBuilder()
              .setRejectedDataPoints(rejected)
              .setErrorMessage(message);
        }
        return response.build();
      }
      case LOGS -> {
        ExportLogsServiceResponse.Builder response = ExportLogsServiceResponse.newBuilder();
        if (rejected > 0) {
          response
              .getPartialSuccessBuilder()
              .setRejectedLogRecords(rejected)
              .setErrorMessage(message);
        }
        return response.build();
      }
    }
    throw new IllegalStateException("no answer for " + signal);
  }

  private static String message(Signal signal, long rejected, List<Rejection> named) {
    StringBuilder message = new StringBuilder();
    message.append(rejected).append(" of the ").append(signal.items()).append(" were rejected: ");
    int shown = Math.min(MAX_NAMED, named.size());
    for (int i = 0; i < shown; i++) {
      Rejection rejection = named.get(i);
      message.append(i == 0 ? "" : "; ").append("number ").append(rejection.index());
      if (rejection.id() != null) {
        message.append(" (").append(rejection.id()).append(')');
      }
      message.append(": ").append(rejection.field()).append(' ').append(rejection.error());
    }
    return message.append(rejected > shown ? "; …" : "").toString();
  }

  /**
   * A {@code google.rpc.Status}, the body of an answer that is an error.
   *
   * @param code of gRPC
   */
  public static byte[] status(boolean json, int code, String message) {
    return json
        ? json(
            out -> {
              out.writeNumberField("code", code);
              out.writeStringField("message", message);
            })
        : Status.newBuilder().setCode(code).setMessage(message).build().toByteArray();
  }

  /** A {@code google.rpc.Status} that says when to try again. */
  public static byte[] retryStatus(int code, String message, int afterSeconds) {
    RetryInfo retry =
        RetryInfo.newBuilder()
            .setRetryDelay(Duration.newBuilder().setSeconds(afterSeconds))
            .build();
    return Status.newBuilder()
        .setCode(code)
        .setMessage(message)
        .addDetails(Any.pack(retry))
        .build()
        .toByteArray();
  }

  /** Writes the members of an object. */
  @FunctionalInterface
  private interface Members {
    void write(JsonGenerator out) throws IOException;
  }

  private static byte[] json(Members members) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(text)) {
      out.writeStartObject();
      members.write(out);
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("memory can be written to", e);
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
