package io.outlay.sink.app;

import io.outlay.sink.audit.AuditException;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The audit over HTTP. {@code GET /v1/audit?wait=60} looks at all of the books and answers what it
 * found, also if they do not balance: {@code status} says so. {@code wait} is how many seconds to
 * wait for what is on its way.
 */
@Path("/v1/audit")
@Produces(MediaType.APPLICATION_JSON)
public class AuditResource {
  private static final int MAX_WAIT = 3_600;
  private static final String DEFAULT_WAIT = "60";

  private final SinkApp app;

  @Inject
  AuditResource(SinkApp app) {
    this.app = app;
  }

  /** Audits now. */
  @GET
  public Response audit(@QueryParam("wait") @Nullable String wait) {
    String asked = wait == null ? DEFAULT_WAIT : wait;
    if (!asked.matches("\\d{1,4}") || Integer.parseInt(asked) > MAX_WAIT) {
      return problem(
          Response.Status.BAD_REQUEST, "wait must be 0 to " + MAX_WAIT + " seconds, was " + asked);
    }
    Optional<Auditor> auditor = app.runtime().auditor();
    if (auditor.isEmpty()) {
      return problem(
          Response.Status.SERVICE_UNAVAILABLE,
          "the sink has not started yet, it waits for " + app.runtime().waitingFor());
    }
    try {
      return Response.ok(auditor.get().now(Duration.ofSeconds(Integer.parseInt(asked)))).build();
    } catch (AuditException e) {
      return problem(Response.Status.SERVICE_UNAVAILABLE, String.valueOf(e.getMessage()));
    }
  }

  private static Response problem(Response.Status status, String detail) {
    return Response.status(status)
        .type("application/problem+json")
        .entity(
            Map.of(
                "title", status.getReasonPhrase(),
                "status", status.getStatusCode(),
                "detail", detail))
        .build();
  }
}
