package io.outlay.collectors.http;

import io.outlay.collectors.format.Formats;
import io.outlay.collectors.litellm.CallbackFormat;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;

/** {@code POST /v1/callbacks/litellm}; described in {@code META-INF/openapi.yaml}. */
@Path("/v1/callbacks/litellm")
public class LiteLlmResource {
  private static final CallbackFormat FORMAT = new CallbackFormat();
  private static final Formats FORMATS =
      new Formats().with("application/json", FORMAT).with("application/x-ndjson", FORMAT);

  private final Intake intake;

  @Inject
  LiteLlmResource(Intake intake) {
    this.intake = intake;
  }

  @POST
  @Blocking
  public Response post(@Context ContainerRequestContext request, InputStream body) {
    return intake.take(request, body, Intake.oneOf(FORMATS), Answers.EVENTS);
  }
}
