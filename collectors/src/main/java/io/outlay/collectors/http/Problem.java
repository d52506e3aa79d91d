package io.outlay.collectors.http;

import jakarta.ws.rs.core.Response;
import org.jspecify.annotations.Nullable;

/**
 * An RFC 9457 problem detail of type {@code about:blank}.
 *
 * @param title phrase of the status
 * @param status of the response
 * @param detail what is wrong with this request
 * @param line where a body breaks, from 1; null where there is no such place
 * @param column as {@code line}, in bytes
 */
public record Problem(
    String title, int status, String detail, @Nullable Integer line, @Nullable Integer column) {
  /** Media type of problem details. */
  public static final String MEDIA_TYPE = "application/problem+json";

  static Response.ResponseBuilder of(Response.StatusType status, String detail) {
    return response(
        status, new Problem(status.getReasonPhrase(), status.getStatusCode(), detail, null, null));
  }

  /** 400 at a place in the body; line 0 is none. */
  static Response.ResponseBuilder at(String detail, int line, int column) {
    Response.Status status = Response.Status.BAD_REQUEST;
    return line <= 0
        ? of(status, detail)
        : response(
            status,
            new Problem(status.getReasonPhrase(), status.getStatusCode(), detail, line, column));
  }

  private static Response.ResponseBuilder response(Response.StatusType status, Problem problem) {
    return Response.status(status).type(MEDIA_TYPE).entity(problem);
  }
}
