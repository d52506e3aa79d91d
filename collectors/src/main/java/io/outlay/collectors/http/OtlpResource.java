package io.outlay.collectors.http;

import io.outlay.collectors.format.Formats;
import io.outlay.collectors.otlp.MetricServices;
import io.outlay.collectors.otlp.OtlpFormat;
import io.outlay.collectors.otlp.Signal;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;

/** OTLP over HTTP; described for its users in {@code META-INF/openapi.yaml}. */
@Path("/v1")
public class OtlpResource {
  private final Intake intake;
  private final Endpoint traces;
  private final Endpoint metrics;
  private final Endpoint logs;

  /** What one kind of telemetry is read and answered by. */
  private record Endpoint(Formats formats, Answers protobuf, Answers json) {
    static Endpoint of(Signal signal, MetricServices metricServices) {
      return new Endpoint(
          new Formats()
              .with(OtlpAnswers.PROTOBUF, OtlpFormat.protobuf(signal, metricServices))
              .with(MediaType.APPLICATION_JSON, OtlpFormat.json(signal, metricServices)),
          new OtlpAnswers(signal, false),
          new OtlpAnswers(signal, true));
    }
  }

  @Inject
  OtlpResource(Intake intake, MetricServices metricServices) {
    this.intake = intake;
    this.traces = Endpoint.of(Signal.TRACES, metricServices);
    this.metrics = Endpoint.of(Signal.METRICS, metricServices);
    this.logs = Endpoint.of(Signal.LOGS, metricServices);
  }

  @POST
  @Path("/traces")
  @Blocking
  public Response traces(@Context ContainerRequestContext request, InputStream body) {
    return take(request, body, traces);
  }

  @POST
  @Path("/metrics")
  @Blocking
  public Response metrics(@Context ContainerRequestContext request, InputStream body) {
    return take(request, body, metrics);
  }

  @POST
  @Path("/logs")
  @Blocking
  public Response logs(@Context ContainerRequestContext request, InputStream body) {
    return take(request, body, logs);
  }

  private Response take(ContainerRequestContext request, InputStream body, Endpoint endpoint) {
    String contentType = request.getHeaderString(HttpHeaders.CONTENT_TYPE);
    boolean protobuf =
        contentType != null && Formats.mediaType(contentType).equals(OtlpAnswers.PROTOBUF);
    return intake.take(
        request,
        body,
        Intake.oneOf(endpoint.formats()),
        protobuf ? endpoint.protobuf() : endpoint.json());
  }
}
