package io.outlay.collectors.http;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;

/**
 * Deals with what a publisher still sends after its request has been answered, too large a body for
 * one: without that it would pile up in memory. The answer says that the connection ends. Then a
 * little is read and thrown away, so that the publisher gets to read the answer, and the connection
 * is closed.
 */
@ApplicationScoped
public class Leftovers {
  private static final int PRIORITY = 1_000;
  private static final long MAX_BYTES = 4L * 1024 * 1024;
  private static final Duration MAX_TIME = Duration.ofSeconds(2);

  private final Vertx vertx;

  @Inject
  Leftovers(Vertx vertx) {
    this.vertx = vertx;
  }

  void register(@Observes Filters filters) {
    filters.register(
        context -> {
          HttpServerRequest request = context.request();
          boolean[] unread = {false};
          context.addHeadersEndHandler(
              head -> {
                unread[0] = !request.isEnded();
                if (unread[0]) {
                  // Else the publisher might send its next request into a connection that closes.
                  context.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
                }
              });
          context.addEndHandler(
              end -> {
                if (unread[0]) {
                  linger(request);
                }
              });
          context.next();
        },
        PRIORITY);
  }

  private void linger(HttpServerRequest request) {
    if (request.isEnded()) {
      request.connection().close();
      return;
    }
    long[] discarded = {0};
    long timer = vertx.setTimer(MAX_TIME.toMillis(), late -> request.connection().close());
    request.handler(
        bytes -> {
          discarded[0] += bytes.length();
          if (discarded[0] > MAX_BYTES) {
            request.connection().close();
          }
        });
    request.endHandler(
        end -> {
          vertx.cancelTimer(timer);
          request.connection().close();
        });
    request.exceptionHandler(broken -> vertx.cancelTimer(timer));
    request.resume();
  }
}
