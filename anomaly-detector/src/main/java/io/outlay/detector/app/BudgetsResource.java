package io.outlay.detector.app;

import io.outlay.detector.budget.BudgetBook;
import io.outlay.detector.budget.BudgetView;
import io.smallrye.common.annotation.NonBlocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Budgets over HTTP, for gateways that ask before they let a request through: what was prepared
 * when the state changed is sent as it is, on the thread that reads the request. The header {@value
 * IncidentsResource#ROLE} says whether the answer comes from the detector that works budgets out,
 * {@code leader}, or from one that reads what that has written, {@code standby}.
 */
@Path("/v1/budgets")
@Produces(MediaType.APPLICATION_JSON)
@NonBlocking
public class BudgetsResource {
  private static final byte[] LOADING =
      problem("Service Unavailable", 503, "budgets are being read");
  private static final byte[] UNKNOWN = problem("Not Found", 404, "no such budget");
  private static final String FRESH = "max-age=1";

  private final DetectorProgram program;

  @Inject
  BudgetsResource(DetectorProgram program) {
    this.program = program;
  }

  /** All budgets. */
  @GET
  public Response list() {
    return program
        .service()
        .budgets()
        .map(
            book ->
                Response.ok(book.list())
                    .header(HttpHeaders.CACHE_CONTROL, FRESH)
                    .header(IncidentsResource.ROLE, role())
                    .build())
        .orElseGet(() -> problem(Response.Status.SERVICE_UNAVAILABLE, LOADING));
  }

  /** One budget; 304 where the caller has it already. */
  @GET
  @Path("/{name}")
  public Response one(
      @PathParam("name") String name,
      @HeaderParam(HttpHeaders.IF_NONE_MATCH) @Nullable String known) {
    Optional<BudgetBook> book = program.service().budgets();
    if (book.isEmpty()) {
      return problem(Response.Status.SERVICE_UNAVAILABLE, LOADING);
    }
    Optional<BudgetView> found = book.get().find(name);
    if (found.isEmpty()) {
      return problem(Response.Status.NOT_FOUND, UNKNOWN);
    }
    BudgetView view = found.get();
    Response.ResponseBuilder answer =
        view.tag().equals(known) ? Response.notModified() : Response.ok(view.json());
    return answer
        .header(HttpHeaders.ETAG, view.tag())
        .header(HttpHeaders.CACHE_CONTROL, FRESH)
        .header(IncidentsResource.ROLE, role())
        .build();
  }

  private String role() {
    return program.service().isLeader() ? "leader" : "standby";
  }

  private static byte[] problem(String title, int status, String detail) {
    return "{\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\"}"
        .formatted(title, status, detail)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static Response problem(Response.Status status, byte[] body) {
    return Response.status(status).type("application/problem+json").entity(body).build();
  }
}
