package io.outlay.detector.app;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.outlay.detector.rule.Rule;
import io.outlay.detector.rule.Terms;
import io.smallrye.common.annotation.Blocking;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** Rules over HTTP: those that are judged by, and how the file relates to them. */
@Path("/v1/rules")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
public class RulesResource {
  private final DetectorProgram program;

  @Inject
  RulesResource(DetectorProgram program) {
    this.program = program;
  }

  /** The rules in force. */
  @GET
  public Response list() {
    return Response.ok(show(program.reload().state()).toString()).build();
  }

  /** Reads the file again: 200 with the rules in force, 400 if it is refused. */
  @POST
  @Path("/reload")
  public Response reload(@Context HttpServerRequest request) {
    Response refusal = Problems.unlessLocal(request, "rules");
    if (refusal != null) {
      return refusal;
    }
    RulesReload.State state = program.reload().reload();
    return state.isValid()
        ? Response.ok(show(state).toString()).build()
        : Problems.of(
            Response.Status.BAD_REQUEST,
            state.file() + " is refused, the rules stay as they were",
            state.problems());
  }

  private ObjectNode show(RulesReload.State state) {
    ObjectNode whole = JsonNodeFactory.instance.objectNode();
    ArrayNode rules = whole.putArray("rules");
    for (Rule rule : program.service().rules()) {
      Terms terms = rule.terms();
      ObjectNode node = rules.addObject();
      node.put("name", terms.name());
      node.put("type", terms.type());
      node.put("threshold", terms.threshold().toPlainString());
      ArrayNode by = node.putArray("by");
      terms.by().forEach(cut -> by.add(cut.toString()));
      node.put("minImpactUsd", terms.minImpactUsd().toPlainString());
      ArrayNode receivers = node.putArray("receivers");
      terms.receivers().forEach(receivers::add);
    }
    ObjectNode config = whole.putObject("config");
    if (state.file() == null) {
      config.putNull("file");
    } else {
      config.put("file", state.file().toString());
    }
    config.put("valid", state.isValid());
    config.put("checkedAt", state.checkedAt().toString());
    ArrayNode problems = config.putArray("problems");
    state.problems().forEach(problems::add);
    ArrayNode needRestart = config.putArray("needRestart");
    state.needRestart().forEach(needRestart::add);
    return whole;
  }
}
