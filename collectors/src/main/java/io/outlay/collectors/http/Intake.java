package io.outlay.collectors.http;

import io.outlay.collectors.format.EventFormat;
import io.outlay.collectors.format.Formats;
import io.outlay.collectors.format.UnsupportedFormatException;
import io.outlay.collectors.ingest.ContentEncoding;
import io.outlay.collectors.ingest.Ingest;
import io.outlay.collectors.ingest.IngestOutcome;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;

/** The way from a request to its answer, the same for all endpoints that take usage. */
@ApplicationScoped
public class Intake {
  private final Ingest ingest;
  private final IngestMetrics metrics;

  @Inject
  Intake(Ingest ingest, IngestMetrics metrics) {
    this.ingest = ingest;
    this.metrics = metrics;
  }

  /** Finds the format of a request. */
  @FunctionalInterface
  public interface Choice {
    /**
     * @param contentType value of the header, null if there is none
     * @throws UnsupportedFormatException naming what was asked for and what is understood
     */
    EventFormat of(String contentType) throws UnsupportedFormatException;
  }

  /** Blocks until the broker has acknowledged, hence for worker threads. */
  Response take(ContainerRequestContext request, InputStream body, Choice choice, Answers answers) {
    long started = System.nanoTime();
    EventFormat format;
    ContentEncoding encoding;
    try {
      format = choice.of(request.getHeaderString(HttpHeaders.CONTENT_TYPE));
      encoding = ContentEncoding.of(request.getHeaderString(HttpHeaders.CONTENT_ENCODING));
    } catch (UnsupportedFormatException e) {
      metrics.refused(Response.Status.UNSUPPORTED_MEDIA_TYPE.getStatusCode());
      return answers.problem(
          Response.Status.UNSUPPORTED_MEDIA_TYPE, String.valueOf(e.getMessage()));
    }
    String name = format.name();
    Response response;
    try {
      IngestOutcome outcome =
          ingest.ingest(
              format,
              new Ingest.Request(Gate.publisher(request), encoding, length(request), body),
              bytes -> metrics.bytesRead(name, bytes));
      metrics.decided(name, outcome.counts());
      response = answers.of(outcome);
    } catch (IOException e) {
      response =
          answers.problem(
              Response.Status.BAD_REQUEST,
              "the body could not be received: " + e.getMessage() + "; nothing was stored");
    }
    metrics.answered(name, response.getStatus(), System.nanoTime() - started);
    return response;
  }

  /** One of the formats of an endpoint. */
  static Choice oneOf(Formats formats) {
    return formats::of;
  }

  /** {@code Content-Length}, or -1. */
  private static long length(ContainerRequestContext request) {
    String length = request.getHeaderString(HttpHeaders.CONTENT_LENGTH);
    try {
      return length == null ? -1 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
