package io.outlay.collectors.http;

import io.outlay.collectors.access.RateLimits;
import io.outlay.collectors.format.Rejection;
import io.outlay.collectors.ingest.IngestOutcome;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes outcomes as answers. What is refused as a whole is a problem detail here; protocols with a
 * shape of their own write it their way.
 */
class Answers {
  static final Answers EVENTS = new Answers();

  private static final int MULTI_STATUS = 207;
  private static final Response.StatusType TOO_MANY_REQUESTS = Response.Status.TOO_MANY_REQUESTS;
  private static final int RETRY_AFTER_OVERLOAD = 1;
  private static final int RETRY_AFTER_OUTAGE = 2;

  /**
   * Body of an answer.
   *
   * @param accepted how many events are stored
   * @param rejected the others, and why
   * @param notListed how many more are rejected than are listed; null where all are
   */
  public record Answer(long accepted, List<Rejection> rejected, @Nullable Long notListed) {}

  /** The answer to a request. */
  final Response of(IngestOutcome outcome) {
    if (outcome instanceof IngestOutcome.Answered answered) {
      return answered(answered);
    }
    if (outcome instanceof IngestOutcome.Unreadable unreadable) {
      return unreadable(unreadable);
    }
    if (outcome instanceof IngestOutcome.TooLarge tooLarge) {
      return problem(Response.Status.REQUEST_ENTITY_TOO_LARGE, tooLarge.detail() + kept(outcome));
    }
    if (outcome instanceof IngestOutcome.RateLimited limited) {
      return later(
          TOO_MANY_REQUESTS,
          limited.detail() + kept(outcome),
          RateLimits.retryAfterSeconds(limited.retryAfter()));
    }
    if (outcome instanceof IngestOutcome.Overloaded overloaded) {
      return later(
          Response.Status.SERVICE_UNAVAILABLE,
          overloaded.detail() + kept(outcome),
          RETRY_AFTER_OVERLOAD);
    }
    if (outcome instanceof IngestOutcome.Unavailable unavailable) {
      return later(
          Response.Status.SERVICE_UNAVAILABLE,
          unavailable.detail()
              + "; "
              + (outcome.counts().accepted() == 0
                  ? "nothing was acknowledged"
                  : "events before that were stored: " + outcome.counts().accepted())
              + ", sending all of it again is safe",
          RETRY_AFTER_OUTAGE);
    }
    throw new IllegalStateException("no answer for " + outcome);
  }

  /** The answer where every valid event is stored. */
  Response answered(IngestOutcome.Answered answered) {
    IngestOutcome.Counts counts = answered.counts();
    long notListed = counts.rejected() - answered.rejections().size();
    return Response.status(status(counts))
        .type(MediaType.APPLICATION_JSON_TYPE)
        .entity(
            new Answer(counts.accepted(), answered.rejections(), notListed == 0 ? null : notListed))
        .build();
  }

  /** The answer where a body breaks at some place. */
  Response unreadable(IngestOutcome.Unreadable unreadable) {
    return Problem.at(
            unreadable.detail() + kept(unreadable), unreadable.line(), unreadable.column())
        .build();
  }

  /** The answer where nothing is taken. */
  Response problem(Response.StatusType status, String detail) {
    return Problem.of(status, detail).build();
  }

  /** The answer where trying again is worth it. */
  Response later(Response.StatusType status, String detail, int retryAfterSeconds) {
    return Problem.of(status, detail).header(HttpHeaders.RETRY_AFTER, retryAfterSeconds).build();
  }

  /** What was stored of a request that was given up. */
  static String kept(IngestOutcome outcome) {
    long accepted = outcome.counts().accepted();
    return accepted == 0
        ? "; nothing of this request was stored"
        : "; events before that were stored: " + accepted + ", sending all of it again is safe";
  }

  private static int status(IngestOutcome.Counts counts) {
    if (counts.rejected() == 0) {
      return Response.Status.OK.getStatusCode();
    }
    return counts.accepted() + counts.ignored() == 0
        ? Response.Status.BAD_REQUEST.getStatusCode()
        : MULTI_STATUS;
  }
}
