package io.outlay.detector.app;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.core.Response;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers to requests that cannot be carried out, as RFC 9457 says. */
final class Problems {
  private Problems() {}

  static Response of(Response.Status status, String detail) {
    return of(status, detail, List.of());
  }

  /**
   * An answer.
   *
   * @param faults what is wrong one by one, each naming the field and the value
   */
  static Response of(Response.Status status, String detail, List<String> faults) {
    ObjectNode problem = JsonNodeFactory.instance.objectNode();
    problem.put("title", status.getReasonPhrase());
    problem.put("status", status.getStatusCode());
    problem.put("detail", detail);
    ArrayNode list = problem.putArray("faults");
    faults.forEach(list::add);
    return Response.status(status)
        .type("application/problem+json")
        .entity(problem.toString())
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
