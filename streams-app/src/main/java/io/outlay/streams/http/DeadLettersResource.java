package io.outlay.streams.http;

import io.outlay.streams.app.StreamsApp;
import io.outlay.streams.replay.DeadLetterReplay;
import io.outlay.streams.replay.ReplayException;
import io.smallrye.common.annotation.Blocking;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;

/** {@code /v1/dead-letters/replay}: sends dead letters through again. */
@Path("/v1/dead-letters/replay")
@Blocking
@Produces(MediaType.APPLICATION_JSON)
public class DeadLettersResource {
  private final StreamsApp app;

  @Inject
  DeadLettersResource(StreamsApp app) {
    this.app = app;
  }

  /** How far the replay is that runs, or the last one got. */
  @GET
  public Response progress() {
    DeadLetterReplay replay = app.runtime().replay();
    return replay == null ? notYet() : Response.ok(replay.progress()).build();
  }

  /** Replays, and answers when it is done. From this machine only. */
  @POST
  public Response replay(@Context UriInfo uri, @Context HttpServerRequest request) {
    Response refusal = Problems.unlessLocal(request, "dead letters");
    if (refusal != null) {
      return refusal;
    }
    DeadLetterReplay replay = app.runtime().replay();
    if (replay == null) {
      return notYet();
    }
    try {
      return Response.ok(replay.run(ReplayQuery.request(uri.getQueryParameters()))).build();
    } catch (WrongRequestException | IllegalArgumentException e) {
      return Problems.of(Response.Status.BAD_REQUEST, String.valueOf(e.getMessage()));
    } catch (ReplayException e) {
      return Problems.of(
          switch (e.kind()) {
            case CONFLICT -> Response.Status.CONFLICT;
            case UNAVAILABLE -> Response.Status.SERVICE_UNAVAILABLE;
          },
          String.valueOf(e.getMessage()));
    }
  }

  private Response notYet() {
    return Problems.of(
        Response.Status.SERVICE_UNAVAILABLE,
        "the topology is not started yet: " + app.runtime().waitingFor());
  }
}
