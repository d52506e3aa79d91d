package io.outlay.streams.http;

import io.outlay.schema.Repricing;
import io.outlay.schema.RepricingFilter;
import io.outlay.streams.app.PastRatings;
import io.outlay.streams.app.StreamsApp;
import io.outlay.streams.reprice.StoreAwayException;
import io.outlay.usage.EventType;
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
import java.util.Arrays;
import java.util.function.Function;

/** {@code /v1/repricings}: rating the past again, and what came of it. */
@Path("/v1/repricings")
@Blocking
public class RepricingsResource {
  private static final int MAX_TEXT = 256;

  private final StreamsApp app;

  @Inject
  RepricingsResource(StreamsApp app) {
    this.app = app;
  }

  /** All of them, the latest first. */
  @GET
  @Produces(MediaType.APPLICATION_JSON)
  public Response list() {
    return with(
        past ->
            Response.ok(past.log().all().stream().map(each -> view(past, each)).toList()).build());
  }

  /** One of them, as far as it has come. */
  @GET
  @Path("/{id}")
  @Produces(MediaType.APPLICATION_JSON)
  public Response get(@PathParam("id") String id) {
    return with(
        past -> {
          Repricing found = past.log().find(id);
          return found == null
              ? Problems.of(Response.Status.NOT_FOUND, "id: there is no repricing " + id)
              : Response.ok(view(past, found)).build();
        });
  }

  /**
   * Asks for one. It is carried out in the background, after those asked for earlier. From this
   * machine only.
   */
  @POST
  @Produces(MediaType.APPLICATION_JSON)
  public Response request(@Context UriInfo uri, @Context HttpServerRequest request) {
    Response refusal = Problems.unlessLocal(request, "ratings");
    if (refusal != null) {
      return refusal;
    }
    try {
      Parameters parameters = new Parameters(uri.getQueryParameters());
      RepricingFilter filter = filter(parameters);
      boolean dryRun = parameters.flag("dryRun");
      String by = bounded(parameters, "by");
      String reason = bounded(parameters, "reason");
      parameters.requireNoOther();
      return with(
          past -> {
            Repricing asked = past.repricer().request(filter, dryRun, by, reason);
            return Response.accepted(RepricingView.of(asked, ""))
                .location(uri.getAbsolutePathBuilder().path(asked.getId()).build())
                .build();
          });
    } catch (WrongRequestException e) {
      return Problems.of(Response.Status.BAD_REQUEST, String.valueOf(e.getMessage()));
    }
  }

  private static RepricingFilter filter(Parameters parameters) {
    RepricingFilter filter =
        RepricingFilter.newBuilder()
            .setType(parameters.text("type"))
            .setProvider(parameters.text("provider"))
            .setModel(parameters.text("model"))
            .setTeam(parameters.text("team"))
            .setCustomer(parameters.text("customer"))
            .setUnpricedOnly(parameters.flag("unpricedOnly"))
            .setFromMicros(parameters.micros("from"))
            .setToMicros(parameters.micros("to"))
            .build();
    if (filter.equals(RepricingFilter.newBuilder().build())) {
      throw new WrongRequestException(
          "from",
          "must be given, or another limit: type, provider, model, team, customer, unpricedOnly, to");
    }
    Long from = filter.getFromMicros();
    Long to = filter.getToMicros();
    if (from != null && to != null && from >= to) {
      throw new WrongRequestException("to", "must be after from, was " + parameters.text("to"));
    }
    String type = filter.getType();
    if (!type.isEmpty()
        && Arrays.stream(EventType.values()).noneMatch(known -> matches(type, known))) {
      throw new WrongRequestException(
          "type",
          "must be one of "
              + Arrays.stream(EventType.values()).map(EventType::cloudEventType).toList()
              + ", was "
              + type);
    }
    return filter;
  }

  private static boolean matches(String type, EventType known) {
    return type.endsWith("*")
        ? known.cloudEventType().startsWith(type.substring(0, type.length() - 1))
        : known.cloudEventType().equals(type);
  }

  private static String bounded(Parameters parameters, String name) {
    String value = parameters.text(name);
    if (value.length() > MAX_TEXT) {
      throw new WrongRequestException(
          name, "must have at most " + MAX_TEXT + " characters, had " + value.length());
    }
    return value;
  }

  /** What this instance is at is further than what is written of it. */
  private static RepricingView view(PastRatings past, Repricing written) {
    Repricing running = past.repricer().running();
    return running != null && running.getId().equals(written.getId())
        ? RepricingView.of(running, past.waitingFor())
        : RepricingView.of(written, past.repricer().trouble());
  }

  private Response with(Function<PastRatings, Response> answer) {
    PastRatings past = app.runtime().pastRatings();
    if (past == null) {
      return Problems.of(
          Response.Status.SERVICE_UNAVAILABLE,
          "the topology does not run yet: " + app.runtime().waitingFor());
    }
    try {
      return answer.apply(past);
    } catch (StoreAwayException e) {
      return Problems.of(Response.Status.SERVICE_UNAVAILABLE, String.valueOf(e.getMessage()));
    }
  }
}
