package io.outlay.detector.app;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.outlay.detector.delivery.Delivery;
import io.outlay.detector.delivery.DeliveryLog;
import io.outlay.detector.delivery.HttpTransport;
import io.outlay.detector.delivery.Outcome;
import io.outlay.detector.delivery.ReceiverQueue;
import io.outlay.detector.delivery.TestAlert;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Receivers over HTTP: how they do, what was last sent to them, and a test alert to one. */
@Path("/v1")
@Singleton
@Produces(MediaType.APPLICATION_JSON)
public class ReceiversResource {
  private static final int DEFAULT_LIMIT = 100;

  /** An attempt may be under way when the test alert comes, which then has its own. */
  private static final Duration TEST_WITHIN = HttpTransport.TIMEOUT.multipliedBy(2).plusSeconds(5);

  private final DetectorProgram program;
  private final Set<String> underTest = ConcurrentHashMap.newKeySet();

  @Inject
  ReceiversResource(DetectorProgram program) {
    this.program = program;
  }

  /** All receivers in the order of the configuration. */
  @GET
  @Path("/receivers")
  public Response list() {
    Optional<DetectorService.Parts> parts = program.service().parts();
    if (parts.isEmpty()) {
      return starting();
    }
    ObjectNode whole = JsonNodeFactory.instance.objectNode();
    ArrayNode list = whole.putArray("receivers");
    for (Settings.Target target : program.settings().receivers()) {
      parts
          .get()
          .dispatcher()
          .queue(target.name())
          .ifPresent(queue -> receiver(list.addObject(), target, queue));
    }
    return Response.ok(whole).build();
  }

  /**
   * The last attempts, newest first.
   *
   * @param receiver only those of one receiver
   * @param limit at most so many, 1 to {@value DeliveryLog#KEPT}
   */
  @GET
  @Path("/deliveries")
  public Response deliveries(
      @QueryParam("receiver") @Nullable String receiver,
      @QueryParam("limit") @DefaultValue("" + DEFAULT_LIMIT) String limit) {
    Optional<DetectorService.Parts> parts = program.service().parts();
    if (parts.isEmpty()) {
      return starting();
    }
    if (!limit.matches("[0-9]{1,4}")
        || Integer.parseInt(limit) < 1
        || Integer.parseInt(limit) > DeliveryLog.KEPT) {
      return problem(
          Response.Status.BAD_REQUEST,
          "limit: must be 1 to " + DeliveryLog.KEPT + ", was " + limit);
    }
    if (receiver != null && parts.get().dispatcher().queue(receiver).isEmpty()) {
      return unknown(receiver);
    }
    ObjectNode whole = JsonNodeFactory.instance.objectNode();
    ArrayNode list = whole.putArray("deliveries");
    parts
        .get()
        .deliveries()
        .latest(receiver, Integer.parseInt(limit))
        .forEach(delivery -> delivery(list.addObject(), delivery));
    return Response.ok(whole).build();
  }

  /** Sends a test alert, one attempt, and answers with what came of it: 200 if it was taken. */
  @POST
  @Path("/receivers/{name}/test")
  public Response test(@PathParam("name") String name) throws InterruptedException {
    Optional<DetectorService.Parts> parts = program.service().parts();
    if (parts.isEmpty()) {
      return starting();
    }
    Optional<ReceiverQueue> queue = parts.get().dispatcher().queue(name);
    if (queue.isEmpty()) {
      return unknown(name);
    }
    if (!underTest.add(name)) {
      return problem(Response.Status.CONFLICT, "receiver " + name + " is being tested already");
    }
    try {
      Delivery delivery =
          queue
              .get()
              .trial(
                  TestAlert.message(name, program.settings().base(), Clock.systemUTC().instant()))
              .get(TEST_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
      ObjectNode body = JsonNodeFactory.instance.objectNode();
      delivery(body, delivery);
      return Response.status(
              delivery.outcome() instanceof Outcome.Accepted
                  ? Response.Status.OK
                  : Response.Status.BAD_GATEWAY)
          .entity(body)
          .build();
    } catch (TimeoutException e) {
      return problem(
          Response.Status.GATEWAY_TIMEOUT,
          "the test alert was not sent within " + TEST_WITHIN.toSeconds() + " s");
    } catch (ExecutionException e) {
      return problem(Response.Status.SERVICE_UNAVAILABLE, e.getCause().getMessage());
    } finally {
      underTest.remove(name);
    }
  }

  private static void receiver(ObjectNode node, Settings.Target target, ReceiverQueue queue) {
    node.put("name", target.name());
    node.put("type", target.type());
    node.put("url", shown(target.url()));
    node.put("fallback", target.fallback());
    node.put("pending", queue.pending());
    node.put("delivered", queue.delivered());
    node.put("failed", queue.failed());
    node.put("superseded", queue.superseded());
    node.put("handedOver", queue.handedOver());
    node.put("gone", queue.isGone());
    last(node, "lastSuccess", queue.lastSuccess());
    last(node, "lastFailure", queue.lastFailure());
  }

  private static void last(ObjectNode node, String field, @Nullable Delivery delivery) {
    if (delivery == null) {
      node.putNull(field);
    } else {
      delivery(node.putObject(field), delivery);
    }
  }

  private static void delivery(ObjectNode node, Delivery delivery) {
    Outcome outcome = delivery.outcome();
    node.put("time", delivery.at().toString());
    node.put("receiver", delivery.receiver());
    node.put("messageId", delivery.messageId());
    node.put("incident", delivery.incident());
    node.put("attempt", delivery.attempt());
    node.put("test", delivery.test());
    node.put("outcome", outcome.getClass().getSimpleName().toLowerCase(Locale.ROOT));
    if (outcome.status() == 0) {
      node.putNull("status");
    } else {
      node.put("status", outcome.status());
    }
    node.put("latencyMillis", delivery.latency().toMillis());
    node.put("error", outcome.reason());
  }

  /** Paths and queries of webhooks are often secrets. */
  static String shown(URI url) {
    String root = url.getScheme() + "://" + url.getHost();
    String port = url.getPort() < 0 ? "" : ":" + url.getPort();
    boolean more = url.getRawPath() != null && url.getRawPath().length() > 1;
    return root + port + (more ? "/…" : "/");
  }

  private static Response starting() {
    return problem(Response.Status.SERVICE_UNAVAILABLE, "the detector waits for Kafka");
  }

  private static Response unknown(String name) {
    return problem(Response.Status.NOT_FOUND, "no receiver is named " + name);
  }

  private static Response problem(Response.Status status, String detail) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("title", status.getReasonPhrase());
    body.put("status", status.getStatusCode());
    body.put("detail", detail);
    return Response.status(status).type("application/problem+json").entity(body).build();
  }
}
