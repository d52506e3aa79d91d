package io.outlay.collectors.http;

import io.outlay.collectors.access.Access;
import io.outlay.collectors.access.ApiKeys;
import io.outlay.collectors.access.Publisher;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import jakarta.annotation.Priority;
import jakarta.inject.Inject;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/** Lets in whom the API keys allow, and remembers who it is. */
public class Gate {
  private static final String PROPERTY = "outlay.publisher";
  private static final String API_KEY = "x-api-key";

  private final ApiKeys keys;
  private final IngestMetrics metrics;

  @Inject
  Gate(ApiKeys keys, IngestMetrics metrics) {
    this.keys = keys;
    this.metrics = metrics;
  }

  @ServerRequestFilter
  @Priority(Priorities.AUTHENTICATION)
  @Nullable Response filter(ContainerRequestContext context, HttpServerRequest request) {
    Access access =
        keys.of(
            context.getHeaderString(HttpHeaders.AUTHORIZATION),
            context.getHeaderString(API_KEY),
            isThisMachine(request.remoteAddress()));
    if (access instanceof Access.Granted granted) {
      context.setProperty(PROPERTY, granted.publisher());
      return null;
    }
    if (access instanceof Access.Unidentified unidentified) {
      metrics.refused(Response.Status.UNAUTHORIZED.getStatusCode());
      return Problem.of(Response.Status.UNAUTHORIZED, unidentified.detail())
          .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer")
          .build();
    }
    metrics.refused(Response.Status.FORBIDDEN.getStatusCode());
    return Problem.of(Response.Status.FORBIDDEN, ((Access.Forbidden) access).detail()).build();
  }

  /** Who sends a request that was let in. */
  static Publisher publisher(ContainerRequestContext context) {
    if (context.getProperty(PROPERTY) instanceof Publisher publisher) {
      return publisher;
    }
    throw new IllegalStateException("the request has not passed the gate");
  }

  /** Whether an address is of the loopback interface; one that is not known is not. */
  public static boolean isThisMachine(@Nullable SocketAddress address) {
    if (address == null || !address.isInetSocket()) {
      return false;
    }
    InetAddress host = new InetSocketAddress(address.hostAddress(), 0).getAddress();
    return host != null && host.isLoopbackAddress();
  }
}
