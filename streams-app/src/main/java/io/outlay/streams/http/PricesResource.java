package io.outlay.streams.http;

import io.outlay.price.PriceFile;
import io.outlay.price.PriceFileException;
import io.outlay.price.PriceImport;
import io.outlay.price.PricePlan;
import io.outlay.price.PriceReading;
import io.outlay.schema.Price;
import io.outlay.streams.app.ConcurrentChangeException;
import io.outlay.streams.app.PriceBookLoader;
import io.outlay.streams.app.StreamsApp;
import io.outlay.streams.rating.Rater;
import io.smallrye.common.annotation.Blocking;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** {@code /v1/prices}: what the book holds, how a usage is priced, and imports into it. */
@Path("/v1/prices")
@Blocking
public class PricesResource {
  private static final String YAML = "application/yaml";
  private static final int SHOWN = 50;
  private static final int UNPROCESSABLE = 422;

  private final StreamsApp app;

  @Inject
  PricesResource(StreamsApp app) {
    this.app = app;
  }

  /**
   * What an import did, or would do.
   *
   * @param applied whether the book was changed
   * @param changesPastFrom since when usage that was rated already would cost something else; null
   *     if only the future changes, {@code always} without a start
   * @param report the same for people
   */
  record ImportAnswer(
      boolean applied,
      int added,
      int changed,
      int ended,
      int unchanged,
      List<String> rejected,
      List<String> refused,
      List<String> leftOut,
      @Nullable String changesPastFrom,
      String report) {
    static ImportAnswer of(PricePlan plan, boolean applied) {
      return new ImportAnswer(
          applied,
          plan.added().size(),
          plan.changed().size(),
          plan.ended().size(),
          plan.unchanged().size(),
          plan.rejected().stream().map(PricePlan.Rejection::toString).toList(),
          plan.reading().refused().stream().map(PriceReading.Omission::toString).toList(),
          plan.reading().leftOut().stream().map(PriceReading.Omission::toString).toList(),
          past(plan),
          plan.report(SHOWN));
    }

    private static @Nullable String past(PricePlan plan) {
      if (plan.changesPastFrom().isEmpty()) {
        return null;
      }
      long micros = plan.changesPastFrom().getAsLong();
      return micros == Long.MIN_VALUE
          ? "always"
          : Instant.EPOCH.plus(micros, ChronoUnit.MICROS).toString();
    }
  }

  /** The prices of the book, filtered; as a price file where YAML is asked for. */
  @GET
  @Produces({MediaType.APPLICATION_JSON, YAML})
  public Response list(
      @QueryParam("kind") @Nullable String kind,
      @QueryParam("provider") @Nullable String provider,
      @QueryParam("name") @Nullable String name,
      @Context HttpHeaders headers) {
    PriceBookLoader loader = app.runtime().prices();
    if (loader == null) {
      return notYet();
    }
    List<Price> found =
        loader.prices().stream()
            .filter(price -> kind == null || PriceView.lower(price.getKind()).equals(kind))
            .filter(price -> provider == null || price.getProvider().equals(provider))
            .filter(price -> name == null || price.getName().contains(name))
            .toList();
    boolean yaml =
        headers.getAcceptableMediaTypes().stream()
            .anyMatch(type -> type.toString().startsWith(YAML));
    return yaml
        ? Response.ok(PriceFile.write(found), YAML).build()
        : Response.ok(found.stream().map(PriceView::of).toList(), MediaType.APPLICATION_JSON_TYPE)
            .build();
  }

  /** Which price rates a usage, and how each line comes about. */
  @GET
  @Path("/explain")
  @Produces(MediaType.APPLICATION_JSON)
  public Response explain(@Context UriInfo uri) {
    PriceBookLoader loader = app.runtime().prices();
    if (loader == null) {
      return notYet();
    }
    try {
      Map<String, List<String>> parameters = uri.getQueryParameters();
      return Response.ok(
              ExplanationView.of(
                  new Rater(loader.get()).explain(ExplainQuery.event(parameters, Instant.now()))))
          .build();
    } catch (WrongRequestException e) {
      return Problems.of(Response.Status.BAD_REQUEST, String.valueOf(e.getMessage()));
    } catch (ArithmeticException e) {
      return Problems.of(
          Response.Status.BAD_REQUEST, "the usage cannot be priced: " + e.getMessage());
    }
  }

  /** Imports prices: all of them or, if anything is wrong, none. From this machine only. */
  @PUT
  @Produces(MediaType.APPLICATION_JSON)
  public Response put(
      @QueryParam("format") @Nullable String format,
      @QueryParam("from") @Nullable String from,
      @QueryParam("origin") @DefaultValue("import") String origin,
      @QueryParam("dryRun") @DefaultValue("false") boolean dryRun,
      @Context HttpServerRequest request,
      InputStream body) {
    Response refusal = Problems.unlessLocal(request, "prices");
    if (refusal != null) {
      return refusal;
    }
    PriceBookLoader loader = app.runtime().prices();
    if (loader == null) {
      return notYet();
    }
    try {
      Instant start = from == null ? null : Parameters.instant("from", from);
      PriceReading reading =
          PriceFormat.of(format).read(new InputStreamReader(body, StandardCharsets.UTF_8), origin);
      PricePlan plan =
          loader.change(
              current -> PriceImport.plan(current, reading, start, Instant.now()), dryRun);
      return Response.status(
              plan.isApplicable() ? Response.Status.OK.getStatusCode() : UNPROCESSABLE)
          .entity(ImportAnswer.of(plan, !dryRun && plan.isApplicable()))
          .build();
    } catch (WrongRequestException e) {
      return Problems.of(Response.Status.BAD_REQUEST, String.valueOf(e.getMessage()));
    } catch (PriceFileException e) {
      return Problems.of(
          Response.Status.BAD_REQUEST,
          "the file has "
              + (e.count() == 1 ? "1 fault" : e.count() + " faults")
              + "; nothing was changed",
          e.faults().stream().map(PriceFileException.Fault::toString).toList());
    } catch (IllegalArgumentException e) {
      return Problems.of(
          Response.Status.BAD_REQUEST,
          "the prices contradict each other: " + e.getMessage() + "; nothing was changed");
    } catch (ConcurrentChangeException e) {
      return Problems.of(Response.Status.CONFLICT, String.valueOf(e.getMessage()));
    } catch (IllegalStateException e) {
      return Problems.of(Response.Status.SERVICE_UNAVAILABLE, String.valueOf(e.getMessage()));
    }
  }

  private Response notYet() {
    return Problems.of(
        Response.Status.SERVICE_UNAVAILABLE,
        Stream.of("the price book is not read yet", app.runtime().waitingFor())
            .filter(text -> !text.isEmpty())
            .reduce((a, b) -> a + ": " + b)
            .orElse(""));
  }
}
