package io.outlay.collectors.event;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.outlay.collectors.attribution.Attribution;
import io.outlay.collectors.event.Decimals.Surplus;
import io.outlay.collectors.format.Reception;
import io.outlay.collectors.provider.Gist;
import io.outlay.collectors.provider.ProviderApi;
import io.outlay.collectors.provider.ProviderReport;
import io.outlay.collectors.provider.ReportedCall;
import io.outlay.collectors.provider.UnusableReportException;
import io.outlay.money.Money;
import io.outlay.schema.CacheLookup;
import io.outlay.schema.ComputeUsage;
import io.outlay.schema.DirectCost;
import io.outlay.schema.GpuUsage;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.MediaCounts;
import io.outlay.schema.NetworkTransfer;
import io.outlay.schema.QualityScore;
import io.outlay.schema.StorageMove;
import io.outlay.schema.StorageUsage;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.usage.EventType;
import io.outlay.usage.UsageRules;
import io.outlay.usage.Violation;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads CloudEvents 1.0 in JSON as usage events. Keys may come in any order, {@code type} after
 * {@code data} too: values are kept by field until the object ends and only then become an event.
 *
 * <p>Strict where a slip would lose money: unknown keys of {@code data} and {@code data.tokens},
 * fields of another type of event, repeated keys and wrong JSON types are violations. Lenient where
 * nothing is lost: null is the same as absent, extension attributes are ignored.
 *
 * <p>One reader serves the events of one request, one after the other; it is not for several
 * threads. Numbers reach the {@code long}s of the event without floating point: seconds to the
 * microsecond and fractions to the millionth, rounded half even; amounts must be exact.
 */
public final class EventReader {
  /** The field that is named where the event as a whole is wrong. */
  public static final String WHOLE_EVENT = "$";

  private static final long BY_PROVIDER = Field.USAGE.bit() | Field.API.bit();
  private static final String SPEC_VERSION = "1.0";
  private static final String DATA = "data";
  private static final int MAX_SHOWN = 64;
  private static final String TYPES =
      Arrays.stream(EventType.values())
          .map(EventType::cloudEventType)
          .collect(Collectors.joining(", "));

  private final Reception reception;
  private final long receivedAtMicros;
  private final long latestMicros;

  private final @Nullable String[] texts = new @Nullable String[Field.COUNT];
  private final long[] numbers = new long[Field.COUNT];
  private final long[] tokens = new long[Bucket.COUNT];
  private final Set<String> extensions = new HashSet<>();
  private Map<String, String> tags = Map.of();
  private @Nullable MediaCounts media;

  /** Attributes and fields whose key has been seen, as bits. */
  private int namedAttributes;

  private long namedFields;

  /** Fields that have a value that is not null, as bits. */
  private long given;

  private @Nullable String id;
  private @Nullable String source;
  private @Nullable EventType type;
  private boolean specVersionGiven;
  private boolean typeGiven;
  private boolean dataGiven;
  private long timeMicros;

  private @Nullable Violation violation;

  /** {@code usage} as far as it tells usage, and what it says. */
  private @Nullable ObjectNode usage;

  private @Nullable ProviderReport report;

  /** The first violation is a key that {@code data} does not have; its message awaits the type. */
  private boolean unknownField;

  /** One for the events of a request. */
  public EventReader(Reception reception) {
    this.reception = reception;
    this.receivedAtMicros = reception.receivedAtMicros();
    this.latestMicros = reception.latestMicros();
  }

  /**
   * Reads the value that the parser stands at, to its last token.
   *
   * @return the event, or null if it has a {@link #violation()}
   * @throws IOException if the JSON is broken or cannot be read
   */
  public @Nullable UsageEvent read(JsonParser json) throws IOException {
    reset();
    if (json.currentToken() != JsonToken.START_OBJECT) {
      fail(WHOLE_EVENT, "must be a CloudEvents object, was " + shown(json));
      json.skipChildren();
      return null;
    }
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      json.nextToken();
      attribute(json, name);
    }
    return finish();
  }

  /**
   * Reads an event whose attributes do not stand in its JSON, as in the binary mode of CloudEvents.
   *
   * @param attributes by name, in lower case
   * @param data stands at the value of {@code data}, and is read to its last token
   * @return the event, or null if it has a {@link #violation()}
   * @throws IOException if the JSON is broken or cannot be read
   */
  public @Nullable UsageEvent read(Map<String, String> attributes, JsonParser data)
      throws IOException {
    reset();
    for (Map.Entry<String, String> attribute : attributes.entrySet()) {
      String quoted =
          '"'
              + String.valueOf(JsonStringEncoder.getInstance().quoteAsString(attribute.getValue()))
              + '"';
      try (JsonParser value = JsonFormat.JSON.createParser(quoted)) {
        value.nextToken();
        attribute(value, attribute.getKey());
      }
    }
    attribute(data, DATA);
    return finish();
  }

  /**
   * What is wrong with the event read last: the first thing in the order of the document, then what
   * is missing, then bounds.
   *
   * @throws IllegalStateException if nothing is
   */
  public Violation violation() {
    if (violation == null) {
      throw new IllegalStateException("the event read last has no violation");
    }
    return violation;
  }

  /** {@code id} of the event read last, as far as it could be read. */
  public @Nullable String id() {
    return id;
  }

  private void reset() {
    Arrays.fill(texts, null);
    Arrays.fill(numbers, 0);
    Arrays.fill(tokens, 0);
    if (!extensions.isEmpty()) {
      extensions.clear();
    }
    tags = Map.of();
    media = null;
    namedAttributes = 0;
    namedFields = 0;
    given = 0;
    id = null;
    source = null;
    type = null;
    specVersionGiven = false;
    typeGiven = false;
    dataGiven = false;
    timeMicros = receivedAtMicros;
    violation = null;
    usage = null;
    report = null;
    unknownField = false;
  }

  // ---- attributes ---------------------------------------------------------------------------

  private void attribute(JsonParser json, String name) throws IOException {
    int bit =
        switch (name) {
          case "specversion" -> 1;
          case "id" -> 1 << 1;
          case "source" -> 1 << 2;
          case "type" -> 1 << 3;
          case "time" -> 1 << 4;
          case DATA -> 1 << 5;
          case "datacontenttype" -> 1 << 6;
          case "dataschema" -> 1 << 7;
          case "subject" -> 1 << 8;
          case "data_base64" -> 1 << 9;
          default -> 0;
        };
    if (bit == 0) {
      extension(json, name);
      return;
    }
    if ((namedAttributes & bit) != 0) {
      fail(name, "is given twice");
      json.skipChildren();
      return;
    }
    namedAttributes |= bit;
    if (json.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    switch (name) {
      case "specversion" -> specVersion(json);
      case "id" -> id = text(json, name);
      case "source" -> source = text(json, name);
      case "type" -> type(json);
      case "time" -> time(json);
      case DATA -> data(json);
      case "datacontenttype" -> dataContentType(json);
      case "data_base64" -> {
        fail(name, "is not supported; send data as a JSON object");
        json.skipChildren();
      }
      default -> text(json, name);
    }
  }

  /** Extensions are allowed by CloudEvents and mean nothing here. */
  private void extension(JsonParser json, String name) throws IOException {
    if (!isAttributeName(name)) {
      fail(
          cut(name),
          "is not a CloudEvents attribute: their names are lower-case letters and digits;"
              + " usage belongs into data");
    } else if (!extensions.add(name)) {
      fail(cut(name), "is given twice");
    }
    json.skipChildren();
  }

  private static boolean isAttributeName(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if ((c < 'a' || c > 'z') && (c < '0' || c > '9')) {
        return false;
      }
    }
    return !name.isEmpty();
  }

  private void specVersion(JsonParser json) throws IOException {
    specVersionGiven = true;
    if (json.currentToken() != JsonToken.VALUE_STRING || !SPEC_VERSION.equals(json.getText())) {
      fail("specversion", "must be \"1.0\", was " + shown(json));
      json.skipChildren();
    }
  }

  private void type(JsonParser json) throws IOException {
    typeGiven = true;
    String name = text(json, "type");
    if (name != null) {
      type = EventType.ofCloudEventType(name);
      if (type == null) {
        fail("type", "must be one of " + TYPES + ", was " + UsageRules.shown(name));
      }
    }
  }

  private void time(JsonParser json) throws IOException {
    long micros =
        json.currentToken() == JsonToken.VALUE_STRING
            ? Rfc3339.micros(json.getTextCharacters(), json.getTextOffset(), json.getTextLength())
            : Rfc3339.MALFORMED;
    if (micros == Rfc3339.MALFORMED) {
      fail("time", "must be an RFC 3339 time such as 2026-11-21T02:00:00Z, was " + shown(json));
      json.skipChildren();
    } else if (micros > latestMicros) {
      fail(
          "time",
          "must not be more than "
              + seconds(reception.maxFuture())
              + " s ahead of the collector's clock, was "
              + shown(json));
    } else {
      timeMicros = micros;
    }
  }

  private static String seconds(Duration duration) {
    return BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros().toPlainString();
  }

  private void dataContentType(JsonParser json) throws IOException {
    String mediaType = text(json, "datacontenttype");
    if (mediaType != null && !isJson(mediaType)) {
      fail("datacontenttype", "must be application/json, was " + UsageRules.shown(mediaType));
    }
  }

  private static boolean isJson(String mediaType) {
    int semicolon = mediaType.indexOf(';');
    String essence = (semicolon < 0 ? mediaType : mediaType.substring(0, semicolon)).strip();
    int tail = essence.length() - "/json".length();
    return essence.regionMatches(true, tail, "/json", 0, 5)
        || essence.regionMatches(true, tail, "+json", 0, 5);
  }

  // ---- data ---------------------------------------------------------------------------------

  private void data(JsonParser json) throws IOException {
    dataGiven = true;
    if (json.currentToken() != JsonToken.START_OBJECT) {
      fail(DATA, "must be an object, was " + shown(json));
      json.skipChildren();
      return;
    }
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      json.nextToken();
      Field field = Field.of(name);
      if (field == null) {
        if (violation == null) {
          fail("data." + cut(name), "");
          unknownField = true;
        }
        json.skipChildren();
      } else if ((namedFields & field.bit()) != 0) {
        fail(field.path(), "is given twice");
        json.skipChildren();
      } else {
        namedFields |= field.bit();
        if (json.currentToken() != JsonToken.VALUE_NULL) {
          given |= field.bit();
          value(json, field);
        }
      }
    }
  }

  private void value(JsonParser json, Field field) throws IOException {
    switch (field.kind()) {
      case TEXT -> texts[field.ordinal()] = text(json, field.path());
      case FLAG -> numbers[field.ordinal()] = flag(json, field.path());
      case WHOLE -> numbers[field.ordinal()] = whole(json, field.path(), field.max());
      case SECONDS -> numbers[field.ordinal()] = seconds(json, field.path(), field.max());
      case FRACTION -> numbers[field.ordinal()] = fraction(json, field.path());
      case AMOUNT -> numbers[field.ordinal()] = amount(json, field.path());
      case TAGS -> tags(json);
      case TOKENS -> tokens(json, field);
      case MEDIA -> media(json);
      case USAGE -> usage(json, field.path());
    }
  }

  private @Nullable String text(JsonParser json, String path) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_STRING) {
      return json.getText();
    }
    fail(path, "must be a string, was " + shown(json));
    json.skipChildren();
    return null;
  }

  private long flag(JsonParser json, String path) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_TRUE) {
      return 1;
    }
    if (json.currentToken() != JsonToken.VALUE_FALSE) {
      fail(path, "must be true or false, was " + shown(json));
      json.skipChildren();
    }
    return 0;
  }

  private long whole(JsonParser json, String path, long max) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_NUMBER_INT && json.getTextLength() <= 18) {
      return json.getLongValue();
    }
    long value = number(json, 0, Surplus.REFUSE);
    if (value == Decimals.MALFORMED || value == Decimals.INEXACT) {
      fail(path, "must be a whole number >= 0, was " + shown(json));
      json.skipChildren();
      return 0;
    }
    return value == Decimals.TOO_LARGE ? tooLarge(json, path, max) : value;
  }

  private long seconds(JsonParser json, String path, long max) throws IOException {
    long micros = number(json, 6, Surplus.ROUND);
    if (micros == Decimals.MALFORMED) {
      fail(path, "must be a number of seconds >= 0, was " + shown(json));
      json.skipChildren();
      return 0;
    }
    return micros == Decimals.TOO_LARGE ? tooLarge(json, path, max) : micros;
  }

  private long fraction(JsonParser json, String path) throws IOException {
    long millionths = number(json, 6, Surplus.ROUND);
    // Numbers that would not fit the event's int end here too.
    if (millionths < 0 || millionths > UsageRules.MILLIONTHS) {
      fail(
          path,
          millionths == Decimals.MALFORMED
              ? "must be a number between 0 and 1, was " + shown(json)
              : "must be between 0 and 1, was " + shown(json));
      json.skipChildren();
      return 0;
    }
    return millionths;
  }

  private long amount(JsonParser json, String path) throws IOException {
    long pico =
        json.currentToken() == JsonToken.VALUE_STRING
                || json.currentToken() == JsonToken.VALUE_NUMBER_INT
            ? Decimals.scaled(
                json.getTextCharacters(),
                json.getTextOffset(),
                json.getTextLength(),
                Money.SCALE,
                Surplus.REFUSE)
            : Decimals.MALFORMED;
    if (pico == Decimals.MALFORMED) {
      fail(path, "must be a decimal string such as \"12.50\", was " + shown(json));
      json.skipChildren();
    } else if (pico == Decimals.INEXACT) {
      fail(path, "must have at most " + Money.SCALE + " decimals, was " + shown(json));
    } else if (pico == Decimals.TOO_LARGE) {
      fail(path, "must be below 1000000 either way, was " + shown(json));
    } else {
      return pico;
    }
    return 0;
  }

  private void tags(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      fail(Field.TAGS.path(), "must be an object of strings, was " + shown(json));
      json.skipChildren();
      return;
    }
    Map<String, String> read = new HashMap<>();
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      if (json.nextToken() == JsonToken.VALUE_STRING) {
        if (read.put(name, json.getText()) != null) {
          fail(Field.TAGS.path() + "." + cut(name), "is given twice");
        }
      } else if (json.currentToken() != JsonToken.VALUE_NULL) {
        fail(Field.TAGS.path() + "." + cut(name), "must be a string, was " + shown(json));
        json.skipChildren();
      }
    }
    tags = read;
  }

  private void tokens(JsonParser json, Field field) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      fail(field.path(), "must be an object of token counts, was " + shown(json));
      json.skipChildren();
      return;
    }
    int named = 0;
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      json.nextToken();
      Bucket bucket = Bucket.of(name);
      if (bucket == null) {
        fail(field.path() + "." + cut(name), "is not a token bucket; those are " + Bucket.names());
        json.skipChildren();
        continue;
      }
      int bit = 1 << bucket.ordinal();
      if ((named & bit) != 0) {
        fail(bucket.path(), "is given twice");
        json.skipChildren();
        continue;
      }
      named |= bit;
      if (json.currentToken() != JsonToken.VALUE_NULL) {
        tokens[bucket.ordinal()] = whole(json, bucket.path(), field.max());
      }
    }
  }

  /** Kept until the object has ended: {@code api}, which says what it means, may come after it. */
  private void usage(JsonParser json, String path) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      fail(path, "must be a provider's response or its usage object, was " + shown(json));
      json.skipChildren();
      return;
    }
    Gist gist = ProviderApi.gist();
    usage = gist.read(json);
    Violation inside = gist.violation();
    if (inside != null) {
      fail(path + "." + inside.field(), inside.error());
    }
  }

  private void media(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      fail(Field.MEDIA.path(), "must be an object of quantities, was " + shown(json));
      json.skipChildren();
      return;
    }
    MediaCounts read = new MediaCounts(0L, 0L, 0L, 0L);
    Set<String> named = new HashSet<>();
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      json.nextToken();
      String path = Field.MEDIA.path() + "." + cut(name);
      if (!named.add(name)) {
        fail(path, "is given twice");
        json.skipChildren();
      } else if (json.currentToken() != JsonToken.VALUE_NULL) {
        switch (name) {
          case "images" -> read.setImages(whole(json, path, UsageRules.MAX_REQUESTS));
          case "characters" -> read.setCharacters(whole(json, path, UsageRules.MAX_CHARACTERS));
          case "seconds" -> read.setMicros(seconds(json, path, Field.GPU_SECONDS.max()));
          case "pages" -> read.setPages(whole(json, path, UsageRules.MAX_REQUESTS));
          default -> {
            fail(path, "is not one of images, characters, seconds, pages");
            json.skipChildren();
          }
        }
      }
    }
    media = read;
  }

  /** A JSON number, scaled; anything else is {@link Decimals#MALFORMED}. */
  private static long number(JsonParser json, int scale, Surplus surplus) throws IOException {
    return json.currentToken().isNumeric()
        ? Decimals.scaled(
            json.getTextCharacters(), json.getTextOffset(), json.getTextLength(), scale, surplus)
        : Decimals.MALFORMED;
  }

  private long tooLarge(JsonParser json, String path, long max) throws IOException {
    String was = shown(json);
    fail(
        path,
        was.startsWith("-") ? "must be >= 0, was " + was : "must be <= " + max + ", was " + was);
    return 0;
  }

  // ---- the event ----------------------------------------------------------------------------

  private @Nullable UsageEvent finish() {
    if (unknownField && violation != null) {
      violation = new Violation(violation.field(), "is not a field of " + typeName());
    }
    if (violation == null) {
      violation = missing();
    }
    if (violation != null || type == null) {
      return null;
    }
    UsageEvent event = new UsageEvent();
    event.setId(id);
    event.setSource(source);
    event.setEventTimeMicros(timeMicros);
    event.setIngestedAtMicros(receivedAtMicros);
    event.setTeam(text(Field.TEAM));
    event.setProject(text(Field.PROJECT));
    event.setFeature(text(Field.FEATURE));
    event.setCustomer(text(Field.CUSTOMER));
    event.setUser(text(Field.USER));
    event.setEnvironment(text(Field.ENVIRONMENT));
    event.setRegion(text(Field.REGION));
    event.setRequestId(text(Field.REQUEST_ID));
    event.setTraceId(text(Field.TRACE_ID));
    event.setTags(tags);
    event.setWarning("");
    event.setDetail(detail(type));
    if (report != null) {
      report.describe(event, text(Field.API));
    }
    if (reception.publisher().team() != null) {
      violation = Attribution.settle(event, reception.publisher(), null);
    }
    if (violation == null) {
      violation = UsageRules.check(event);
    }
    return violation == null ? event : null;
  }

  private String typeName() {
    return type == null ? "any event" : type.cloudEventType();
  }

  /** What is absent though required, or present though it belongs to other types of event. */
  private @Nullable Violation missing() {
    if (!specVersionGiven) {
      return new Violation("specversion", "is required: \"1.0\"");
    }
    if (id == null) {
      return new Violation("id", "is required");
    }
    if (source == null) {
      return new Violation("source", "is required");
    }
    if (!typeGiven || type == null) {
      return new Violation("type", "is required: one of " + TYPES);
    }
    if (!dataGiven) {
      return new Violation(DATA, "is required");
    }
    long foreign = given & ~Field.allowed(type);
    if (foreign != 0) {
      return new Violation(Field.first(foreign).path(), "is not a field of " + typeName());
    }
    long implied = reception.publisher().team() == null ? 0 : Field.TEAM.bit();
    if ((given & BY_PROVIDER) != 0) {
      Violation unusable = reported();
      if (unusable != null) {
        return unusable;
      }
      implied |= Field.PROVIDER.bit();
      if (report != null && !report.model().isEmpty()) {
        implied |= Field.MODEL.bit();
      }
    }
    long absent = Field.required(type) & ~given & ~implied;
    if (absent != 0) {
      return new Violation(Field.first(absent).path(), "is required");
    }
    return switch (type) {
      case LLM_USAGE -> llmShape();
      case COMPUTE_USAGE -> computeShape();
      default -> null;
    };
  }

  /** Takes what the provider says; what is wrong with it, or null. */
  private @Nullable Violation reported() {
    if (has(Field.TOKENS)) {
      return new Violation(
          Field.TOKENS.path(), "must be absent where data.usage is given: it has the counts");
    }
    if (usage == null) {
      return new Violation(Field.USAGE.path(), "is required where data.api is given");
    }
    ProviderApi api = ProviderApi.of(text(Field.API));
    if (api == null) {
      return new Violation(
          Field.API.path(),
          has(Field.API)
              ? "must be one of " + ProviderApi.ids() + ", was " + UsageRules.shown(text(Field.API))
              : "is required where data.usage is given: one of " + ProviderApi.ids());
    }
    if (type == EventType.CACHE_LOOKUP && has(Field.HIT) && !flag(Field.HIT)) {
      return new Violation(Field.USAGE.path(), "must be absent on a miss: a miss avoids nothing");
    }
    ReportedCall call = new ReportedCall(api, ReportedCall.Place.EVENT);
    call.add(usage);
    try {
      report = call.report();
    } catch (UnusableReportException e) {
      return e.violation();
    }
    return report.isKept()
        ? null
        : new Violation(
            Field.USAGE.path(),
            "must have at most "
                + UsageRules.MAX_PROVIDER_USAGE_LENGTH
                + " characters, had "
                + report.usage().length());
  }

  /** Something has to say what was used: an event without any count is more likely a slip. */
  private @Nullable Violation llmShape() {
    long counts =
        Field.TOKENS.bit() | Field.REQUESTS.bit() | Field.WEB_SEARCHES.bit() | Field.MEDIA.bit();
    return report != null || (given & counts) != 0
        ? null
        : new Violation(
            Field.TOKENS.path(),
            "is required unless data.requests, data.webSearches or data.media says what was used");
  }

  /** Whole instances or their parts: both in one event would be billed twice. */
  private @Nullable Violation computeShape() {
    if (!text(Field.INSTANCE_TYPE).isEmpty()) {
      if (!has(Field.SECONDS)) {
        return new Violation(Field.SECONDS.path(), "is required where data.instanceType is given");
      }
      long parts = given & (Field.CPU_SECONDS.bit() | Field.MEMORY_GB_SECONDS.bit());
      return parts == 0
          ? null
          : new Violation(
              Field.first(parts).path(),
              "must be absent where data.instanceType is given: the instance includes it");
    }
    if (has(Field.SECONDS)) {
      return new Violation(Field.INSTANCE_TYPE.path(), "is required where data.seconds is given");
    }
    if (!has(Field.CPU_SECONDS) && !has(Field.MEMORY_GB_SECONDS)) {
      return new Violation(
          Field.INSTANCE_TYPE.path(),
          "is required with data.seconds, or else data.cpuSeconds with data.memoryGbSeconds");
    }
    if (!has(Field.CPU_SECONDS)) {
      return new Violation(
          Field.CPU_SECONDS.path(), "is required where data.memoryGbSeconds is given");
    }
    return has(Field.MEMORY_GB_SECONDS)
        ? null
        : new Violation(
            Field.MEMORY_GB_SECONDS.path(), "is required where data.cpuSeconds is given");
  }

  private Object detail(EventType of) {
    return switch (of) {
      case LLM_USAGE -> llm();
      case GPU_USAGE -> gpu();
      case COMPUTE_USAGE -> compute();
      case CACHE_LOOKUP -> cache();
      case STORAGE_MOVE -> move();
      case STORAGE_USAGE -> storage();
      case NETWORK_TRANSFER -> network();
      case QUALITY_SCORE -> quality();
      case COST_DIRECT -> cost();
    };
  }

  private LlmUsage llm() {
    LlmUsage llm = new LlmUsage();
    llm.setProvider(text(Field.PROVIDER));
    llm.setModel(text(Field.MODEL));
    llm.setBaselineModel(text(Field.BASELINE_MODEL));
    llm.setOperation(text(Field.OPERATION));
    llm.setServiceTier(text(Field.SERVICE_TIER));
    llm.setBatch(flag(Field.BATCH));
    llm.setLatencyMs(has(Field.LATENCY_MS) ? number(Field.LATENCY_MS) : null);
    llm.setStatus(text(Field.STATUS));
    if (report == null) {
      llm.setMedia(media);
      llm.setTokens(tokenCounts());
    }
    llm.setRequests(has(Field.REQUESTS) ? number(Field.REQUESTS) : 1);
    if (report != null) {
      report.fill(llm);
      llm.setProvider(text(Field.PROVIDER, provider()));
      llm.setOperation(text(Field.OPERATION, operation()));
    }
    if (report == null || has(Field.WEB_SEARCHES)) {
      llm.setWebSearches(number(Field.WEB_SEARCHES));
    }
    return llm;
  }

  private String provider() {
    ProviderApi api = ProviderApi.of(text(Field.API));
    return api == null ? "" : api.provider();
  }

  private String operation() {
    ProviderApi api = ProviderApi.of(text(Field.API));
    return api == null ? "" : api.operation();
  }

  private GpuUsage gpu() {
    GpuUsage gpu = new GpuUsage();
    gpu.setGpuModel(text(Field.GPU_MODEL));
    gpu.setGpuMicros(number(Field.GPU_SECONDS));
    gpu.setUtilizationMillionths(
        has(Field.UTILIZATION) ? Math.toIntExact(number(Field.UTILIZATION)) : null);
    gpu.setPurchaseOption(text(Field.PURCHASE_OPTION, "on_demand"));
    gpu.setCloud(text(Field.CLOUD));
    gpu.setNode(text(Field.NODE));
    gpu.setWorkload(text(Field.WORKLOAD));
    return gpu;
  }

  private ComputeUsage compute() {
    ComputeUsage compute = new ComputeUsage();
    compute.setInstanceType(text(Field.INSTANCE_TYPE));
    compute.setInstanceMicros(number(Field.SECONDS));
    compute.setCpuMicros(number(Field.CPU_SECONDS));
    compute.setMemoryGbMicros(number(Field.MEMORY_GB_SECONDS));
    compute.setPurchaseOption(text(Field.PURCHASE_OPTION, "on_demand"));
    compute.setCloud(text(Field.CLOUD));
    return compute;
  }

  private CacheLookup cache() {
    CacheLookup cache = new CacheLookup();
    cache.setLayer(text(Field.LAYER));
    cache.setHit(flag(Field.HIT));
    cache.setProvider(text(Field.PROVIDER));
    cache.setModel(text(Field.MODEL));
    cache.setTokens(has(Field.TOKENS) ? tokenCounts() : null);
    if (report != null) {
      cache.setProvider(text(Field.PROVIDER, provider()));
      cache.setModel(text(Field.MODEL, report.model()));
      cache.setTokens(report.tokens());
    }
    return cache;
  }

  private StorageMove move() {
    StorageMove move = new StorageMove();
    move.setStore(text(Field.STORE));
    move.setDataset(text(Field.DATASET));
    move.setBytes(number(Field.BYTES));
    move.setFromTier(text(Field.FROM_TIER));
    move.setToTier(text(Field.TO_TIER));
    return move;
  }

  private StorageUsage storage() {
    StorageUsage storage = new StorageUsage();
    storage.setStore(text(Field.STORE));
    storage.setDataset(text(Field.DATASET));
    storage.setTier(text(Field.TIER));
    storage.setBytes(number(Field.BYTES));
    storage.setMicros(number(Field.SECONDS));
    return storage;
  }

  private NetworkTransfer network() {
    NetworkTransfer network = new NetworkTransfer();
    network.setBytes(number(Field.BYTES));
    network.setPath(text(Field.PATH));
    network.setCloud(text(Field.CLOUD));
    return network;
  }

  private QualityScore quality() {
    QualityScore quality = new QualityScore();
    quality.setMetric(text(Field.METRIC));
    quality.setScoreMillionths(Math.toIntExact(number(Field.SCORE)));
    quality.setModel(text(Field.MODEL));
    return quality;
  }

  private DirectCost cost() {
    DirectCost cost = new DirectCost();
    cost.setAmountPico(number(Field.AMOUNT));
    cost.setCurrency(text(Field.CURRENCY, "USD"));
    cost.setCategory(text(Field.CATEGORY));
    cost.setDescription(text(Field.DESCRIPTION));
    return cost;
  }

  private TokenCounts tokenCounts() {
    TokenCounts counts = new TokenCounts();
    counts.setInput(tokens[Bucket.INPUT.ordinal()]);
    counts.setCacheRead(tokens[Bucket.CACHE_READ.ordinal()]);
    counts.setCacheWrite5m(tokens[Bucket.CACHE_WRITE_5M.ordinal()]);
    counts.setCacheWrite1h(tokens[Bucket.CACHE_WRITE_1H.ordinal()]);
    counts.setOutput(tokens[Bucket.OUTPUT.ordinal()]);
    counts.setReasoning(tokens[Bucket.REASONING.ordinal()]);
    counts.setInputAudio(tokens[Bucket.INPUT_AUDIO.ordinal()]);
    counts.setOutputAudio(tokens[Bucket.OUTPUT_AUDIO.ordinal()]);
    counts.setInputImage(tokens[Bucket.INPUT_IMAGE.ordinal()]);
    counts.setOutputImage(tokens[Bucket.OUTPUT_IMAGE.ordinal()]);
    return counts;
  }

  private boolean has(Field field) {
    return (given & field.bit()) != 0;
  }

  private String text(Field field) {
    return text(field, "");
  }

  private String text(Field field, String fallback) {
    String text = texts[field.ordinal()];
    return text == null ? fallback : text;
  }

  private long number(Field field) {
    return numbers[field.ordinal()];
  }

  private boolean flag(Field field) {
    return numbers[field.ordinal()] != 0;
  }

  // ---- messages -----------------------------------------------------------------------------

  private void fail(String field, String error) {
    if (violation == null) {
      violation = new Violation(field, error);
    }
  }

  /** The value that the parser stands at, for people, cut where it is long. */
  private static String shown(JsonParser json) throws IOException {
    return switch (json.currentToken()) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> UsageRules.shown(json.getText());
      default -> cut(json.getText());
    };
  }

  private static String cut(String text) {
    return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN - 3) + "…";
  }
}
