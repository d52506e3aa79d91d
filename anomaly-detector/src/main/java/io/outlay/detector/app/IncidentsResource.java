package io.outlay.detector.app;

import io.outlay.detector.app.DetectorService.Reading;
import io.outlay.detector.app.DetectorService.Writing;
import io.outlay.detector.app.IncidentRequests.Act;
import io.outlay.detector.app.IncidentRequests.Listing;
import io.outlay.detector.app.IncidentRequests.Silence;
import io.outlay.detector.app.IncidentRequests.WrongRequestException;
import io.outlay.detector.incident.Desk;
import io.outlay.detector.incident.IncidentLogException;
import io.smallrye.common.annotation.Blocking;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Function;

/**
 * Incidents over HTTP: the newest, one by its id, and what people do with them. The header {@value
 * #ROLE} of each answer says whether it comes from the detector that judges, {@code leader}, or
 * from one that stands by and answers from the topic, {@code standby}; only the leader takes
 * changes. They are taken from this machine only.
 */
@Path("/v1/incidents")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
public class IncidentsResource {
  /** Header of answers. */
  static final String ROLE = "Outlay-Role";

  private final DetectorProgram program;

  @Inject
  IncidentsResource(DetectorProgram program) {
    this.program = program;
  }

  /** An answer that needs a well-formed request. */
  private interface Request {
    Desk.Outcome act(Desk desk) throws WrongRequestException;
  }

  /** The newest incidents that are asked for. */
  @GET
  public Response list(@Context UriInfo uri) {
    return reading(
        reading -> {
          try {
            Listing listing = Listing.of(uri.getQueryParameters());
            return Response.ok(
                    reading.json().show(reading.book().latest(listing.wanted(), listing.limit())))
                .build();
          } catch (WrongRequestException e) {
            return wrong(e);
          }
        });
  }

  /** One incident. */
  @GET
  @Path("/{id}")
  public Response one(@PathParam("id") String id) {
    return reading(
        reading ->
            reading
                .book()
                .find(id)
                .map(incident -> Response.ok(reading.json().show(incident)).build())
                .orElseGet(() -> unknown(id)));
  }

  /** Takes an incident on. */
  @POST
  @Path("/{id}/ack")
  public Response acknowledge(
      @PathParam("id") String id, @Context HttpServerRequest request, String body) {
    return changing(id, request, desk -> desk.acknowledge(id, Act.of(body, false).by()));
  }

  /** Silences an incident. */
  @POST
  @Path("/{id}/silence")
  public Response silence(
      @PathParam("id") String id, @Context HttpServerRequest request, String body) {
    return changing(
        id,
        request,
        desk -> {
          Silence silence = Silence.of(body, Clock.systemUTC().instant());
          return desk.silence(id, silence.until(), silence.by(), silence.reason());
        });
  }

  /** Ends the silence of an incident. */
  @POST
  @Path("/{id}/unsilence")
  public Response unsilence(@PathParam("id") String id, @Context HttpServerRequest request) {
    return changing(id, request, desk -> desk.unsilence(id));
  }

  /** Resolves an incident. */
  @POST
  @Path("/{id}/resolve")
  public Response resolve(
      @PathParam("id") String id, @Context HttpServerRequest request, String body) {
    return changing(
        id,
        request,
        desk -> {
          Act act = Act.of(body, true);
          return desk.resolve(id, act.by(), act.reason());
        });
  }

  private Response reading(Function<Reading, Response> answer) {
    return program
        .service()
        .reading()
        .map(
            reading ->
                Response.fromResponse(answer.apply(reading))
                    .header(ROLE, reading.isLeader() ? "leader" : "standby")
                    .build())
        .orElseGet(
            () -> Problems.of(Response.Status.SERVICE_UNAVAILABLE, "incidents are being read"));
  }

  private Response changing(String id, HttpServerRequest http, Request request) {
    Response refusal = Problems.unlessLocal(http, "incidents");
    if (refusal != null) {
      return refusal;
    }
    return reading(
        reading -> {
          Optional<Writing> writing = program.service().writing();
          if (writing.isEmpty()) {
            return Problems.of(
                Response.Status.CONFLICT,
                "this detector stands by; incidents are changed at the one that judges");
          }
          try {
            Desk.Outcome outcome = request.act(writing.get().desk());
            if (outcome instanceof Desk.Outcome.Done done) {
              return Response.ok(reading.json().show(done.incident())).build();
            }
            return outcome instanceof Desk.Outcome.Refused refused
                ? Problems.of(Response.Status.CONFLICT, id + ": " + refused.why())
                : unknown(id);
          } catch (WrongRequestException e) {
            return wrong(e);
          } catch (IncidentLogException e) {
            return Problems.of(
                Response.Status.SERVICE_UNAVAILABLE, id + " was not changed: " + e.getMessage());
          }
        });
  }

  private static Response wrong(WrongRequestException e) {
    return Problems.of(Response.Status.BAD_REQUEST, String.valueOf(e.getMessage()), e.faults());
  }

  private static Response unknown(String id) {
    return Problems.of(Response.Status.NOT_FOUND, "no incident is named " + id);
  }
}
