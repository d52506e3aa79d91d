package io.outlay.streams.http;

import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.core.Response;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers to requests that cannot be carried out, as RFC 9457 says. */
final class Problems {
  private Problems() {}

  /** RFC 9457, with what is wrong one by one. */
  record Problem(String title, int status, String detail, List<String> faults) {}

  static Response of(Response.Status status, String detail) {
    return of(status, detail, List.of());
  }

  static Response of(Response.Status status, String detail, List<String> faults) {
    return Response.status(status)
        .type("application/problem+json")
        .entity(new Problem(status.getReasonPhrase(), status.getStatusCode(), detail, faults))
        .build();
  }

  /**
   * The answer to whoever would change something from another machine; null if the request comes
   * from this one.
   *
   * @param what that is changed
   */
  static @Nullable Response unlessLocal(HttpServerRequest request, String what) {
    return new InetSocketAddress(request.remoteAddress().hostAddress(), 0)
            .getAddress()
            .isLoopbackAddress()
        ? null
        : of(
            Response.Status.FORBIDDEN,
            what + " are changed from the machine that this program is on");
  }
}
