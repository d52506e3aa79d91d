package io.outlay.collectors.http;

import io.outlay.collectors.format.EventFormat;
import io.outlay.collectors.format.Formats;
import io.outlay.collectors.format.Rejection;
import io.outlay.collectors.format.UnsupportedFormatException;
import io.outlay.collectors.ingest.Ingest;
import io.outlay.collectors.ingest.IngestOutcome;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** {@code POST /v1/events}; described for its users in {@code META-INF/openapi.yaml}. */
@Path("/v1/events")
public class EventsResource {
  private static final int MULTI_STATUS = 207;

  private final Formats formats;
  private final Ingest ingest;
  private final IngestMetrics metrics;

  @Inject
  EventsResource(Formats formats, Ingest ingest, IngestMetrics metrics) {
    this.formats = formats;
    this.ingest = ingest;
    this.metrics = metrics;
  }

  /**
   * Body of an answer.
   *
   * @param accepted how many events are stored
   * @param rejected the others, and why
   */
  public record Answer(int accepted, List<Rejection> rejected) {}

  /** Blocks until the broker has acknowledged, hence on a worker thread. */
  @POST
  @Blocking
  public Response post(@Context HttpHeaders headers, InputStream body) {
    long started = System.nanoTime();
    EventFormat format;
    try {
      format = format(headers);
    } catch (UnsupportedFormatException e) {
      metrics.refused(Response.Status.UNSUPPORTED_MEDIA_TYPE.getStatusCode());
      return Problem.of(Response.Status.UNSUPPORTED_MEDIA_TYPE, e.getMessage())
          .header(HttpHeaders.ACCEPT, formats.supported())
          .build();
    }
    String name = format.name();
    Response response;
    try {
      IngestOutcome outcome =
          ingest.ingest(format, headers.getLength(), body, bytes -> metrics.bytesRead(name, bytes));
      metrics.decided(name, outcome);
      response = answer(outcome);
    } catch (IOException e) {
      response =
          Problem.of(
                  Response.Status.BAD_REQUEST,
                  "the body could not be received: " + e.getMessage() + "; nothing was stored")
              .build();
    }
    metrics.answered(name, response.getStatus(), System.nanoTime() - started);
    return response;
  }

  private EventFormat format(HttpHeaders headers) throws UnsupportedFormatException {
    if (headers.getHeaderString("ce-specversion") != null) {
      throw new UnsupportedFormatException(
          "CloudEvents binary mode (ce-* headers) is not supported; supported are "
              + formats.supported());
    }
    return formats.of(
        headers.getHeaderString(HttpHeaders.CONTENT_TYPE),
        headers.getHeaderString(HttpHeaders.CONTENT_ENCODING));
  }

  private static Response answer(IngestOutcome outcome) {
    if (outcome instanceof IngestOutcome.Answered answered) {
      return Response.status(status(answered))
          .type(MediaType.APPLICATION_JSON_TYPE)
          .entity(new Answer(answered.accepted(), answered.rejections()))
          .build();
    }
    if (outcome instanceof IngestOutcome.Unreadable unreadable) {
      return Problem.at(unreadable.detail(), unreadable.line(), unreadable.column()).build();
    }
    if (outcome instanceof IngestOutcome.TooLarge tooLarge) {
      return Problem.of(Response.Status.REQUEST_ENTITY_TOO_LARGE, tooLarge.detail()).build();
    }
    if (outcome instanceof IngestOutcome.Overloaded overloaded) {
      return Problem.retry(overloaded.detail(), 1).build();
    }
    if (outcome instanceof IngestOutcome.Unavailable unavailable) {
      return Problem.retry(
              unavailable.detail() + "; nothing was acknowledged, sending all of it again is safe",
              2)
          .build();
    }
    throw new IllegalStateException("no answer for " + outcome);
  }

  private static int status(IngestOutcome.Answered answered) {
    if (answered.rejected() == 0) {
      return Response.Status.OK.getStatusCode();
    }
    return answered.accepted() == 0 ? Response.Status.BAD_REQUEST.getStatusCode() : MULTI_STATUS;
  }
}
