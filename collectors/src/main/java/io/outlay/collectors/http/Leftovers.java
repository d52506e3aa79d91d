package io.outlay.collectors.http;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;

/**
 * Deals with what a publisher still sends after its request has been answered, too large a body for
 * one: without that it would pile up in memory. A little is read and thrown away, so that the
 * publisher gets to read the answer; then the connection is closed.
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
          context.addEndHandler(
              end -> {
                if (!context.request().isEnded()) {
                  linger(context.request());
                }
              });
          context.next();
        },
        PRIORITY);
  }

  private void linger(HttpServerRequest request) {
    long[] discarded = {0};
    request.handler(
        bytes -> {
          discarded[0] += bytes.length();
          if (discarded[0] > MAX_BYTES) {
            request.connection().close();
          }
        });
    long timer =
        vertx.setTimer(
            MAX_TIME.toMillis(),
            late -> {
              if (!request.isEnded()) {
                request.connection().close();
              }
            });
    request.endHandler(end -> vertx.cancelTimer(timer));
    request.resume();
  }
}
