package io.outlay.collectors.http;

import io.outlay.collectors.format.Formats;
import io.outlay.collectors.provider.ProviderApi;
import io.outlay.collectors.provider.UsageFormat;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.util.List;
import java.util.Map;

/** {@code POST /v1/usage/{api}}; described for its users in {@code META-INF/openapi.yaml}. */
@Path("/v1/usage/{api}")
public class UsageResource {
  private final Intake intake;

  @Inject
  UsageResource(Intake intake) {
    this.intake = intake;
  }

  @POST
  @Blocking
  public Response post(
      @PathParam("api") String id, @Context ContainerRequestContext request, InputStream body) {
    ProviderApi api = ProviderApi.of(id);
    if (api == null) {
      return Problem.of(
              Response.Status.NOT_FOUND,
              "there is no API " + id + " here; those are " + ProviderApi.ids())
          .build();
    }
    Map<String, List<String>> headers = request.getHeaders();
    Formats formats =
        new Formats()
            .with("application/json", new UsageFormat(api, UsageFormat.Shape.JSON, headers))
            .with("application/x-ndjson", new UsageFormat(api, UsageFormat.Shape.LINES, headers))
            .with("text/event-stream", new UsageFormat(api, UsageFormat.Shape.STREAM, headers));
    return intake.take(request, body, Intake.oneOf(formats), Answers.EVENTS);
  }
}
