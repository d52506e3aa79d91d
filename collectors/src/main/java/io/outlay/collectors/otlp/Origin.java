package io.outlay.collectors.otlp;

import io.opentelemetry.proto.resource.v1.Resource;
import io.outlay.collectors.attribution.Attribution;
import io.outlay.collectors.attribution.Owner;
import io.outlay.collectors.format.Reception;
import io.outlay.collectors.format.UnreadableBodyException;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.usage.UsageRules;
import io.outlay.usage.Violation;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A resource: the service that spans, records and points come from. Makes events of theirs. */
final class Origin {
  private static final String SOURCE = "otlp";
  private static final long NANOS_PER_MICRO = 1_000;
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final Set<String> STANDARD_TIERS = Set.of("default", "auto", "standard");

  private final Reception reception;
  private final Attributes attributes = new Attributes();
  private final Fields.Slice resource;
  private final String service;
  private final @Nullable Owner owner;
  private @Nullable String identity;

  /**
   * What is known of a call beside its attributes.
   *
   * @param id of the event
   * @param traceId empty if unknown
   * @param timeNanos when it ended, since 1970, unsigned; 0 if unknown
   * @param startNanos when it began, as {@code timeNanos}
   * @param failed whether it is known to have failed
   * @param requests how many it stands for
   */
  record Call(
      String id, String traceId, long startNanos, long timeNanos, boolean failed, long requests) {}

  /**
   * @param resource as it stands in the body; empty if there is none
   */
  Origin(Fields.Slice resource, Reception reception) throws UnreadableBodyException {
    this.reception = reception;
    this.resource = resource;
    Fields fields = resource.fields();
    while (fields.next()) {
      if (fields.number() == Resource.ATTRIBUTES_FIELD_NUMBER) {
        attributes.add(fields.message());
      } else {
        fields.skip();
      }
    }
    service = attributes.text(Keys.SERVICE_NAME);
    owner = owner();
  }

  private @Nullable Owner owner() {
    Owner found = reception.attribution().find(Attribution.By.SERVICE, service);
    String namespace = attributes.text(Keys.NAMESPACE);
    return found == null && !namespace.isEmpty()
        ? reception.attribution().find(Attribution.By.NAMESPACE, namespace)
        : found;
  }

  /** {@code service.name}, empty if it names none. */
  String service() {
    return service;
  }

  /** A digest of the resource, to go on with. */
  Digest digest() throws UnreadableBodyException {
    String known = identity;
    if (known == null) {
      known = attributesDigest();
      identity = known;
    }
    Digest digest = new Digest();
    digest.add(known);
    return digest;
  }

  private String attributesDigest() throws UnreadableBodyException {
    Digest digest = new Digest();
    Fields fields = resource.fields();
    while (fields.next()) {
      if (fields.number() == Resource.ATTRIBUTES_FIELD_NUMBER) {
        digest.addUnordered(fields.message());
      } else {
        fields.skip();
      }
    }
    digest.endUnordered();
    return digest.id();
  }

  /**
   * What attributes say of a call of a model.
   *
   * @param operation {@code chat}, {@code embedding}, …
   */
  record Said(String provider, String model, String operation, Warnings warnings) {}

  /**
   * Reads whether attributes are those of a call of a model that used something.
   *
   * @param hasUsage whether they, or what they belong to, name tokens
   * @return null if they are not
   * @throws Refused if they are, but do not name the model
   */
  static @Nullable Said call(Attributes said, boolean hasUsage) throws Refused {
    String operation = Operation.of(said);
    // A rerank is billed by the request and may have no tokens.
    if (Operation.NONE.equals(operation) || (!hasUsage && !Operation.RERANK.equals(operation))) {
      return null;
    }
    String provider = said.text(Keys.PROVIDER);
    String model = said.text(Keys.MODEL);
    if (!Operation.isKnown(operation) && (provider.isEmpty() || model.isEmpty())) {
      return null;
    }
    if (model.isEmpty()) {
      if (!hasUsage) {
        return null;
      }
      throw new Refused(Keys.MODEL.get(0), "is required of a call that reports tokens");
    }
    Warnings warnings = new Warnings();
    if (provider.isEmpty()) {
      provider = Providers.ofModel(model);
      warnings.add("no provider was named; taken as " + provider);
    }
    return new Said(
        Providers.of(warnings.fit("provider", provider, UsageRules.MAX_DIMENSION_LENGTH)),
        warnings.fit("model", model, UsageRules.MAX_DIMENSION_LENGTH),
        operation == null
            ? ""
            : warnings.fit("operation", operation, UsageRules.MAX_DIMENSION_LENGTH),
        warnings);
  }

  /**
   * Makes an event.
   *
   * @throws Refused if it breaks a bound
   */
  UsageEvent event(Call call, Said what, Attributes said, TokenCounts tokens) throws Refused {
    LlmUsage llm = new LlmUsage();
    llm.setProvider(what.provider());
    llm.setModel(what.model());
    llm.setBaselineModel("");
    llm.setOperation(what.operation());
    llm.setServiceTier(tier(said, what.warnings()));
    llm.setBatch(false);
    llm.setLatencyMs(latencyMs(call));
    llm.setStatus(call.failed() || !said.text(Keys.ERROR_TYPE).isEmpty() ? "error" : "ok");
    llm.setTokens(tokens);
    llm.setRequests(call.requests());
    llm.setWebSearches(0L);

    UsageEvent event = new UsageEvent();
    Warnings warnings = what.warnings();
    event.setId(call.id());
    event.setSource(
        service.isEmpty()
            ? SOURCE
            : warnings.fit(Keys.SERVICE_NAME, service, UsageRules.MAX_ID_LENGTH));
    event.setIngestedAtMicros(reception.receivedAtMicros());
    event.setEventTimeMicros(timeMicros(call));
    event.setTeam(dimension("team", Keys.TEAM, said, warnings));
    event.setProject(dimension("project", Keys.PROJECT, said, warnings));
    event.setFeature(dimension("feature", Keys.FEATURE, said, warnings));
    event.setCustomer(dimension("customer", Keys.CUSTOMER, said, warnings));
    event.setUser(dimension("user", Keys.USER, said, warnings));
    event.setEnvironment(dimension("environment", Keys.ENVIRONMENT, said, warnings));
    event.setRegion(dimension("region", Keys.REGION, said, warnings));
    String request = either(Keys.REQUEST, said);
    event.setRequestId(
        request.isEmpty()
            ? call.traceId()
            : warnings.fit("requestId", request, UsageRules.MAX_ID_LENGTH));
    event.setTraceId(call.traceId());
    event.setTags(tags(said, warnings));
    event.setProviderUsage(null);
    event.setDetail(llm);
    event.setWarning(warnings.toString());
    Violation violation = Attribution.settle(event, reception.publisher(), owner);
    if (violation == null) {
      violation = UsageRules.check(event);
    }
    if (violation != null) {
      throw new Refused(violation);
    }
    return event;
  }

  private String dimension(String name, List<String> keys, Attributes said, Warnings warnings) {
    return warnings.fit(name, either(keys, said), UsageRules.MAX_DIMENSION_LENGTH);
  }

  /** What the call says holds before what the resource says. */
  private String either(List<String> keys, Attributes said) {
    String own = said.text(keys);
    return own.isEmpty() ? attributes.text(keys) : own;
  }

  private Map<String, String> tags(Attributes said, Warnings warnings) {
    Map<String, String> all = attributes.tags();
    all.putAll(said.tags());
    Map<String, String> tags = new HashMap<>();
    for (Map.Entry<String, String> tag : all.entrySet()) {
      if (tags.size() == UsageRules.MAX_TAGS) {
        warnings.add("of " + all.size() + " tags " + UsageRules.MAX_TAGS + " were kept");
        break;
      }
      String name = warnings.fit("the name of a tag", tag.getKey(), UsageRules.MAX_TAG_NAME_LENGTH);
      tags.put(name, warnings.fit("tag " + name, tag.getValue(), UsageRules.MAX_ID_LENGTH));
    }
    return tags;
  }

  private static String tier(Attributes said, Warnings warnings) {
    String tier = said.text(Keys.SERVICE_TIER).toLowerCase(Locale.ROOT);
    return STANDARD_TIERS.contains(tier)
        ? ""
        : warnings.fit("serviceTier", tier, UsageRules.MAX_DIMENSION_LENGTH);
  }

  private long timeMicros(Call call) throws Refused {
    long nanos = call.timeNanos() == 0 ? call.startNanos() : call.timeNanos();
    if (nanos == 0) {
      return reception.receivedAtMicros();
    }
    long micros = Long.divideUnsigned(nanos, NANOS_PER_MICRO);
    if (micros > reception.latestMicros()) {
      throw new Refused(
          "time",
          "must not be more than "
              + BigDecimal.valueOf(reception.maxFuture().toMillis(), 3)
                  .stripTrailingZeros()
                  .toPlainString()
              + " s ahead of the collector's clock, was "
              + Long.toUnsignedString(nanos)
              + " nanoseconds since 1970");
    }
    return micros;
  }

  /** Null where the times do not make sense; they cost nothing. */
  private static @Nullable Long latencyMs(Call call) {
    if (call.startNanos() == 0 || call.timeNanos() == 0) {
      return null;
    }
    long nanos = call.timeNanos() - call.startNanos();
    boolean sane =
        Long.compareUnsigned(call.timeNanos(), call.startNanos()) >= 0
            && nanos >= 0
            && nanos / NANOS_PER_MILLI <= UsageRules.MAX_LATENCY_MS;
    return sane ? nanos / NANOS_PER_MILLI : null;
  }
}
