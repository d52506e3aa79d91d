package io.outlay.collectors.http;

import io.outlay.collectors.ingest.IngestOutcome;
import io.outlay.collectors.otlp.Export;
import io.outlay.collectors.otlp.Signal;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/**
 * Answers as OTLP has them: in the format of the request, 200 with what was rejected named inside
 * wherever the body could be read, else a {@code google.rpc.Status}.
 */
final class OtlpAnswers extends Answers {
  static final String PROTOBUF = "application/x-protobuf";

  /** Codes of gRPC. */
  static final int INVALID_ARGUMENT = 3;

  static final int RESOURCE_EXHAUSTED = 8;
  static final int UNAVAILABLE = 14;

  private final Signal signal;
  private final boolean json;

  OtlpAnswers(Signal signal, boolean json) {
    this.signal = signal;
    this.json = json;
  }

  @Override
  Response answered(IngestOutcome.Answered answered) {
    return answer(
        Response.Status.OK,
        Export.response(signal, json, answered.counts().rejected(), answered.rejections()));
  }

  @Override
  Response unreadable(IngestOutcome.Unreadable unreadable) {
    String place =
        unreadable.line() <= 0
            ? ""
            : " at line " + unreadable.line() + ", column " + unreadable.column();
    return problem(Response.Status.BAD_REQUEST, unreadable.detail() + place + kept(unreadable));
  }

  @Override
  Response problem(Response.StatusType status, String detail) {
    return answer(status, Export.status(json, code(status), detail));
  }

  @Override
  Response later(Response.StatusType status, String detail, int retryAfterSeconds) {
    return Response.fromResponse(problem(status, detail))
        .header(HttpHeaders.RETRY_AFTER, retryAfterSeconds)
        .build();
  }

  private Response answer(Response.StatusType status, byte[] body) {
    return Response.status(status)
        .type(json ? MediaType.APPLICATION_JSON : PROTOBUF)
        .entity(body)
        .build();
  }

  private static int code(Response.StatusType status) {
    return switch (status.getStatusCode()) {
      case 429 -> RESOURCE_EXHAUSTED;
      case 503 -> UNAVAILABLE;
      default -> INVALID_ARGUMENT;
    };
  }
}
