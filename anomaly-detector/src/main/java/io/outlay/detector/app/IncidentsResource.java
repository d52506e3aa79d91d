package io.outlay.detector.app;

import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** Incidents over HTTP: the hundred newest, or one by its id. */
@Path("/v1/incidents")
@Produces(MediaType.APPLICATION_JSON)
public class IncidentsResource {
  private static final int LIMIT = 100;
  private static final String LOADING =
      "{\"title\":\"Service Unavailable\",\"status\":503,\"detail\":\"incidents are being read\"}";
  private static final String UNKNOWN =
      "{\"title\":\"Not Found\",\"status\":404,\"detail\":\"no such incident\"}";

  private final DetectorProgram program;

  @Inject
  IncidentsResource(DetectorProgram program) {
    this.program = program;
  }

  /** The newest incidents. */
  @GET
  public Response list() {
    return program
        .service()
        .loaded()
        .map(parts -> Response.ok(parts.json().show(parts.book().latest(LIMIT))).build())
        .orElseGet(() -> problem(Response.Status.SERVICE_UNAVAILABLE, LOADING));
  }

  /** One incident. */
  @GET
  @Path("/{id}")
  public Response one(@PathParam("id") String id) {
    return program
        .service()
        .loaded()
        .map(
            parts ->
                parts
                    .book()
                    .find(id)
                    .map(incident -> Response.ok(parts.json().show(incident)).build())
                    .orElseGet(() -> problem(Response.Status.NOT_FOUND, UNKNOWN)))
        .orElseGet(() -> problem(Response.Status.SERVICE_UNAVAILABLE, LOADING));
  }

  private static Response problem(Response.Status status, String body) {
    return Response.status(status).type("application/problem+json").entity(body).build();
  }
}
