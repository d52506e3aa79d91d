package io.outlay.collectors.http;

import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.NotAllowedException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Answers that the framework or a fault gives, as problem details. */
public class ProblemMappers {
  private static final Logger LOG = Logger.getLogger(ProblemMappers.class);

  @ServerExceptionMapper
  Response notFound(NotFoundException e, ContainerRequestContext request) {
    return Problem.of(
            Response.Status.NOT_FOUND, "there is nothing at " + request.getUriInfo().getPath())
        .build();
  }

  @ServerExceptionMapper
  Response notAllowed(NotAllowedException e, ContainerRequestContext request) {
    String allowed = e.getResponse().getHeaderString(HttpHeaders.ALLOW);
    return Problem.of(
            Response.Status.METHOD_NOT_ALLOWED,
            request.getMethod() + " is not allowed at " + request.getUriInfo().getPath())
        .header(HttpHeaders.ALLOW, allowed == null ? HttpMethod.POST : allowed)
        .build();
  }

  @ServerExceptionMapper
  Response other(WebApplicationException e) {
    return Problem.of(e.getResponse().getStatusInfo(), String.valueOf(e.getMessage())).build();
  }

  @ServerExceptionMapper
  Response fault(Exception e, ContainerRequestContext request) {
    Object id = request.getProperty(RequestIds.PROPERTY);
    LOG.errorf(e, "request %s failed", id);
    return Problem.of(
            Response.Status.INTERNAL_SERVER_ERROR,
            "the collector failed; its log has the cause under request " + id)
        .build();
  }
}
