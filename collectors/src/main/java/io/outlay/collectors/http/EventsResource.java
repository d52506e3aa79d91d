package io.outlay.collectors.http;

import io.outlay.collectors.event.BinaryFormat;
import io.outlay.collectors.format.Formats;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;

/** {@code POST /v1/events}; described for its users in {@code META-INF/openapi.yaml}. */
@Path("/v1/events")
public class EventsResource {
  private static final String STRUCTURED = "application/cloudevents";

  private final Intake intake;
  private final Formats formats;

  @Inject
  EventsResource(Intake intake, @Named("events") Formats formats) {
    this.intake = intake;
    this.formats = formats;
  }

  @POST
  @Blocking
  public Response post(@Context ContainerRequestContext request, InputStream body) {
    return intake.take(
        request,
        body,
        contentType -> {
          boolean binary =
              request.getHeaders().containsKey(BinaryFormat.MARK)
                  && contentType != null
                  && !Formats.mediaType(contentType).startsWith(STRUCTURED);
          if (binary) {
            Formats.requireJson(contentType);
            return new BinaryFormat(request.getHeaders());
          }
          return formats.of(contentType);
        },
        Answers.EVENTS);
  }
}
