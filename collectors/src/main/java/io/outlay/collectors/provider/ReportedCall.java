package io.outlay.collectors.provider;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.outlay.schema.TokenCounts;
import io.outlay.usage.UsageRules;
import io.outlay.usage.Violation;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Puts together what a provider says of one call, in one object or in the events of a stream. Usage
 * counts of a stream are cumulative: a later field takes the place of the former.
 */
public final class ReportedCall {
  private static final ObjectWriter WRITER =
      new ObjectMapper().writer().with(JsonWriteFeature.ESCAPE_NON_ASCII);
  private static final String START = "message_start";
  private static final Set<String> NO_TIER = Set.of("", "auto", "default", "standard", "on_demand");

  private final String api;
  private final TokenMapping mapping;
  private final String usageName;
  private final String wrapper;
  private final Place place;

  private @Nullable ObjectNode usage;
  private String usagePath = "";
  private String usageId = "";
  private boolean usageIsBare;
  private boolean streamed;
  private boolean started;
  private boolean finished;
  private String id = "";
  private String model = "";
  private JsonNode tier = MissingNode.getInstance();
  private @Nullable Long latencyMs;
  private long webSearches;
  private @Nullable Violation error;
  private @Nullable Violation violation;

  /**
   * Where the object stands, as error messages name it.
   *
   * @param bare path of an object that is itself the usage object
   * @param prefix of the paths inside of an object that is more than that
   */
  public record Place(String bare, String prefix) {
    /** The body of a request. */
    public static final Place BODY = new Place("usage", "");

    /** The field of an event. */
    public static final Place EVENT = new Place("data.usage", "data.usage.");
  }

  public ReportedCall(ProviderApi api, Place place) {
    this(api.id(), api.mapping(), api.usage(), api.wrapper(), place);
  }

  private ReportedCall(
      String api, TokenMapping mapping, String usageName, String wrapper, Place place) {
    this.api = api;
    this.mapping = mapping;
    this.usageName = usageName;
    this.wrapper = wrapper;
    this.place = place;
  }

  /**
   * Takes LiteLLM's account of a call.
   *
   * @param usage the usage object
   * @param path of it, as error messages name it
   * @throws UnusableReportException naming what is not a count
   */
  public static ProviderReport liteLlm(ObjectNode usage, String path)
      throws UnusableReportException {
    ReportedCall call =
        new ReportedCall("litellm", TokenMapping.LITELLM, "usage", "", new Place(path, path + "."));
    call.usage = usage;
    call.usagePath = path;
    return call.report();
  }

  /** Says that the objects are those of a stream, which may have been cut off. */
  public void streamed() {
    streamed = true;
  }

  /** Takes an object, or one of the events of a stream. */
  public void add(ObjectNode document) {
    ObjectNode found = null;
    String path = "";
    String idName = usageName.equals("usage") ? "id" : "responseId";
    String ownId = text(document, idName);
    boolean starts = false;
    if (!wrapper.isEmpty() && document.get(wrapper) instanceof ObjectNode wrapped) {
      describe(wrapped);
      if (wrapped.get(usageName) instanceof ObjectNode inner) {
        found = inner;
        path = place.prefix() + wrapper + "." + usageName;
        starts = mapping == TokenMapping.ANTHROPIC && text(document, "type").equals(START);
        if (ownId.isEmpty()) {
          ownId = text(wrapped, idName);
        }
      }
    }
    describe(document);
    boolean bare = false;
    JsonNode own = document.get(usageName);
    if (own instanceof ObjectNode inner) {
      found = inner;
      path = place.prefix() + usageName;
      starts = false;
    } else if (own != null && !own.isNull()) {
      fault(place.prefix() + usageName, "must be an object, was " + Counts.shown(own));
    } else if (own == null && found == null && mapping.names().stream().anyMatch(document::has)) {
      found = document;
      path = place.bare();
      bare = true;
    }
    if (found != null) {
      if (usage != null && !continues(found, ownId, bare, text(document, "type"))) {
        fault(path, "is the usage of a second call; send one call in a request");
      }
      use(found, path);
      usageId = ownId;
      usageIsBare = bare;
      started |= starts;
      finished |= !starts;
    }
  }

  /** Whether an object tells more of the call whose usage is known already. */
  private boolean continues(ObjectNode found, String ownId, boolean bare, String type) {
    if (!ownId.isEmpty() && ownId.equals(usageId)) {
      return true;
    }
    if (bare || usageIsBare) {
      return false;
    }
    return switch (mapping) {
      case ANTHROPIC -> started || type.equals("message_delta");
      // Some servers leave the id out; the chunks of one answer count on.
      case GEMINI ->
          ownId.isEmpty()
              && usage != null
              && usage.path("promptTokenCount").equals(found.path("promptTokenCount"))
              && usage
                      .path("totalTokenCount")
                      .decimalValue()
                      .compareTo(found.path("totalTokenCount").decimalValue())
                  <= 0;
      default -> false;
    };
  }

  /** Takes note of what is wrong with one of the objects; the first is what counts. */
  public void fault(String field, String what) {
    if (violation == null) {
      violation = new Violation(field, what);
    }
  }

  /** Takes note of what is wrong inside of an object, or of nothing. */
  public void fault(@Nullable Violation inside) {
    if (inside != null) {
      fault(place.prefix() + inside.field(), inside.error());
    }
  }

  private void describe(ObjectNode document) {
    String given = text(document, usageName.equals("usage") ? "id" : "responseId");
    if (!given.isEmpty()) {
      if (!id.isEmpty() && !id.equals(given)) {
        fault(
            place.prefix() + "id",
            "must be of one response, was "
                + UsageRules.shown(id)
                + " and then "
                + UsageRules.shown(given));
      }
      id = given;
    }
    String served = text(document, usageName.equals("usage") ? "model" : "modelVersion");
    if (!served.isEmpty()) {
      model = served;
    }
    for (String name : List.of("service_tier", "serviceTier")) {
      if (document.hasNonNull(name)) {
        tier = document.get(name);
      }
    }
    JsonNode latency = document.path("metrics").path("latencyMs");
    if (latency.isLong()
        && latency.longValue() >= 0
        && latency.longValue() <= UsageRules.MAX_LATENCY_MS) {
      latencyMs = latency.longValue();
    }
    if (document.path("output").isArray() && api.equals(ProviderApi.OPENAI_RESPONSES.id())) {
      webSearches = document.get("output").size();
    }
    JsonNode failure = document.get("error");
    if (failure != null && !failure.isNull()) {
      error(failure.path("message").asText(failure.asText()), "error");
    } else if (document.has("__type")) {
      error(text(document, "__type") + " " + text(document, "message"), "__type");
    }
  }

  private void error(String message, String field) {
    error =
        new Violation(
            place.prefix() + field,
            "is an error of the provider, which carries no usage: " + UsageRules.shown(message));
  }

  private void use(ObjectNode found, String path) {
    ObjectNode former = usage;
    usagePath = path;
    if (former == null || mapping != TokenMapping.ANTHROPIC) {
      usage = found;
      return;
    }
    for (Iterator<Map.Entry<String, JsonNode>> fields = found.fields(); fields.hasNext(); ) {
      Map.Entry<String, JsonNode> field = fields.next();
      if (!field.getValue().isNull()) {
        former.set(field.getKey(), field.getValue());
      }
    }
  }

  /** Id of the response, as far as it is known; null if it has none. */
  public @Nullable String id() {
    return id.isEmpty() ? null : id;
  }

  /**
   * What all of it says.
   *
   * @throws UnusableReportException naming what cannot be taken
   */
  public ProviderReport report() throws UnusableReportException {
    if (violation != null) {
      throw new UnusableReportException(violation);
    }
    ObjectNode object = usage;
    if (object == null && error != null) {
      throw new UnusableReportException(error);
    }
    if (object == null || mapping.names().stream().noneMatch(object::hasNonNull)) {
      throw new UnusableReportException(
          object == null ? place.bare() : usagePath,
          "carries no usage of "
              + api
              + ": must have one of "
              + String.join(", ", mapping.names()));
    }
    boolean cutOff = started && !finished;
    if (cutOff && !streamed) {
      throw new UnusableReportException(
          usagePath, "usage of message_start is not final; send message_delta or the whole stream");
    }
    Counts counts = Counts.of(object, usagePath);
    if (cutOff) {
      counts.warn("the stream ended before its final usage");
    }
    TokenCounts tokens = mapping.tokens(counts);
    long searches = Math.max(webSearches, mapping.webSearches(counts));
    if (searches > UsageRules.MAX_REQUESTS) {
      counts.warn("web searches were " + searches + ", taken as " + UsageRules.MAX_REQUESTS);
      searches = UsageRules.MAX_REQUESTS;
    }
    if (error != null) {
      counts.warn("the response ended in an error");
    }
    String served = tier(object);
    boolean batch = served.equals("batch");
    if (batch) {
      served = "standard";
    }
    if (served.equals("standard") && counts.text("speed").equals("fast")) {
      served = "fast";
    }
    String region = counts.text("inference_geo");
    return new ProviderReport(
        tokens,
        searches,
        id,
        model,
        served,
        batch,
        region.equals("not_available") ? "" : region,
        latencyMs,
        counts.warning(),
        json(object));
  }

  /** The tier that was served, {@code standard} where the object says so or nothing. */
  private String tier(ObjectNode object) {
    JsonNode stated = tier;
    for (String name : List.of("service_tier", "serviceTier", "trafficType")) {
      if (object.hasNonNull(name)) {
        stated = object.get(name);
      }
    }
    String name =
        (stated.isObject() ? text(stated, "type") : stated.asText(""))
            .toLowerCase(Locale.ROOT)
            .replaceFirst("^(on_demand_|service_tier_)(?=.)", "");
    if (name.equals("auto") || name.isEmpty() || name.equals("unspecified")) {
      return "";
    }
    return NO_TIER.contains(name) ? "standard" : name;
  }

  private static String text(JsonNode object, String name) {
    JsonNode node = object.get(name);
    return node != null && node.isTextual() ? node.textValue() : "";
  }

  /** Compact, and in ASCII, so that nothing in it breaks a bound of texts. */
  private static String json(ObjectNode object) {
    try {
      return WRITER.writeValueAsString(object).replace("\u007f", "\\u007f");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of JSON can be written", e);
    }
  }
}
