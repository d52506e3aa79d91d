package io.outlay.usage;

import io.outlay.schema.CacheLookup;
import io.outlay.schema.ComputeUsage;
import io.outlay.schema.DirectCost;
import io.outlay.schema.GpuUsage;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.MediaCounts;
import io.outlay.schema.NetworkTransfer;
import io.outlay.schema.ProviderUsage;
import io.outlay.schema.QualityScore;
import io.outlay.schema.StorageMove;
import io.outlay.schema.StorageUsage;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class UsageRulesTest {
  private static final Set<String> OPTIONS = Set.of("on_demand", "spot", "reserved");
  private static final Set<String> TIERS = Set.of("hot", "warm", "cold", "archive");

  /**
   * A bounded text.
   *
   * @param schemaField record and field of the Avro schema
   * @param path the field as a publisher writes it
   */
  private record Text(
      String schemaField,
      String path,
      EventType type,
      BiConsumer<UsageEvent, String> set,
      int max,
      boolean required) {
    @Override
    public String toString() {
      return schemaField;
    }
  }

  /**
   * A bounded quantity.
   *
   * @param below what the error says of {@code min - 1}
   * @param above what the error says of {@code max + 1}
   */
  private record Quantity(
      String schemaField,
      String path,
      EventType type,
      BiConsumer<UsageEvent, Long> set,
      long min,
      long max,
      String below,
      String above) {
    @Override
    public String toString() {
      return schemaField;
    }
  }

  /** A text with few values. */
  private record Choice(
      String schemaField,
      String path,
      EventType type,
      BiConsumer<UsageEvent, String> set,
      Set<String> allowed) {
    @Override
    public String toString() {
      return schemaField;
    }
  }

  private static List<Text> texts() {
    List<Text> texts = new ArrayList<>();
    EventType llm = EventType.LLM_USAGE;
    texts.add(new Text("UsageEvent.id", "id", llm, UsageEvent::setId, 256, true));
    texts.add(new Text("UsageEvent.source", "source", llm, UsageEvent::setSource, 256, true));
    texts.add(event("team", UsageEvent::setTeam, 128, true));
    texts.add(event("project", UsageEvent::setProject, 128, false));
    texts.add(event("feature", UsageEvent::setFeature, 128, false));
    texts.add(event("customer", UsageEvent::setCustomer, 128, false));
    texts.add(event("user", UsageEvent::setUser, 128, false));
    texts.add(event("environment", UsageEvent::setEnvironment, 128, false));
    texts.add(event("region", UsageEvent::setRegion, 128, false));
    texts.add(event("requestId", UsageEvent::setRequestId, 256, false));
    texts.add(event("traceId", UsageEvent::setTraceId, 256, false));
    texts.add(event("warning", UsageEvent::setWarning, 256, false));
    texts.add(
        new Text(
            "ProviderUsage.api",
            "data.api",
            llm,
            (event, value) -> event.setProviderUsage(new ProviderUsage(value, "{}")),
            128,
            true));
    texts.add(
        new Text(
            "ProviderUsage.usage",
            "data.usage",
            llm,
            (event, value) -> event.setProviderUsage(new ProviderUsage("openai.chat", value)),
            16_384,
            true));

    texts.add(text(LlmUsage.class, "provider", LlmUsage::setProvider, 128, true));
    texts.add(text(LlmUsage.class, "model", LlmUsage::setModel, 128, true));
    texts.add(text(LlmUsage.class, "baselineModel", LlmUsage::setBaselineModel, 128, false));
    texts.add(text(LlmUsage.class, "operation", LlmUsage::setOperation, 128, false));
    texts.add(text(LlmUsage.class, "serviceTier", LlmUsage::setServiceTier, 128, false));
    texts.add(text(LlmUsage.class, "status", LlmUsage::setStatus, 128, false));
    texts.add(text(GpuUsage.class, "gpuModel", GpuUsage::setGpuModel, 128, true));
    texts.add(text(GpuUsage.class, "cloud", GpuUsage::setCloud, 128, false));
    texts.add(text(GpuUsage.class, "node", GpuUsage::setNode, 256, false));
    texts.add(text(GpuUsage.class, "workload", GpuUsage::setWorkload, 256, false));
    texts.add(text(ComputeUsage.class, "cloud", ComputeUsage::setCloud, 128, false));
    texts.add(text(CacheLookup.class, "provider", CacheLookup::setProvider, 128, true));
    texts.add(text(CacheLookup.class, "model", CacheLookup::setModel, 128, true));
    texts.add(text(StorageMove.class, "store", StorageMove::setStore, 128, false));
    texts.add(text(StorageMove.class, "dataset", StorageMove::setDataset, 256, false));
    texts.add(text(StorageUsage.class, "store", StorageUsage::setStore, 128, false));
    texts.add(text(StorageUsage.class, "dataset", StorageUsage::setDataset, 256, false));
    texts.add(text(NetworkTransfer.class, "cloud", NetworkTransfer::setCloud, 128, false));
    texts.add(text(QualityScore.class, "metric", QualityScore::setMetric, 128, true));
    texts.add(text(QualityScore.class, "model", QualityScore::setModel, 128, false));
    texts.add(text(DirectCost.class, "category", DirectCost::setCategory, 128, false));
    texts.add(text(DirectCost.class, "description", DirectCost::setDescription, 256, false));
    // Whole instances have no time without a type, so the empty one is tried without any.
    BiConsumer<ComputeUsage, String> instanceType =
        (compute, value) -> {
          compute.setInstanceType(value);
          compute.setInstanceMicros(0);
        };
    texts.add(text(ComputeUsage.class, "instanceType", instanceType, 128, false));
    return texts;
  }

  private static List<Quantity> quantities() {
    List<Quantity> quantities = new ArrayList<>();
    String time = "must be between 2000-01-01T00:00:00Z and 2100-01-01T00:00:00Z, was ";
    quantities.add(
        new Quantity(
            "UsageEvent.eventTimeMicros",
            "time",
            EventType.GPU_USAGE,
            UsageEvent::setEventTimeMicros,
            946_684_800_000_000L,
            4_102_444_799_999_999L,
            time + "946684799999999 microseconds since 1970",
            time + "4102444800000000 microseconds since 1970"));
    bucket(quantities, "input", TokenCounts::setInput);
    bucket(quantities, "cacheRead", TokenCounts::setCacheRead);
    bucket(quantities, "cacheWrite5m", TokenCounts::setCacheWrite5m);
    bucket(quantities, "cacheWrite1h", TokenCounts::setCacheWrite1h);
    bucket(quantities, "output", TokenCounts::setOutput);
    bucket(quantities, "reasoning", TokenCounts::setReasoning);
    bucket(quantities, "inputAudio", TokenCounts::setInputAudio);
    bucket(quantities, "outputAudio", TokenCounts::setOutputAudio);
    bucket(quantities, "inputImage", TokenCounts::setInputImage);
    bucket(quantities, "outputImage", TokenCounts::setOutputImage);
    count(quantities, LlmUsage.class, "latencyMs", LlmUsage::setLatencyMs, 86_400_000L);
    count(quantities, LlmUsage.class, "requests", LlmUsage::setRequests, 1_000_000_000L);
    count(quantities, LlmUsage.class, "webSearches", LlmUsage::setWebSearches, 1_000_000_000L);
    media(quantities, "images", "images", MediaCounts::setImages, 1_000_000_000L);
    media(quantities, "characters", "characters", MediaCounts::setCharacters, 1_000_000_000_000L);
    media(quantities, "pages", "pages", MediaCounts::setPages, 1_000_000_000L);
    quantities.add(
        new Quantity(
            "MediaCounts.micros",
            "data.media.seconds",
            EventType.LLM_USAGE,
            on(LlmUsage.class, (llm, value) -> llm.getMedia().setMicros(value)),
            0,
            1_000_000_000_000_000L,
            "must be >= 0, was -0.000001",
            "must be <= 1000000000, was 1000000000.000001"));
    long exabyte = 1_000_000_000_000_000_000L;
    count(quantities, StorageMove.class, "bytes", StorageMove::setBytes, exabyte);
    count(quantities, StorageUsage.class, "bytes", StorageUsage::setBytes, exabyte);
    count(quantities, NetworkTransfer.class, "bytes", NetworkTransfer::setBytes, exabyte);
    seconds(quantities, GpuUsage.class, "gpuMicros", "gpuSeconds", GpuUsage::setGpuMicros);
    seconds(
        quantities,
        ComputeUsage.class,
        "instanceMicros",
        "seconds",
        ComputeUsage::setInstanceMicros);
    seconds(quantities, ComputeUsage.class, "cpuMicros", "cpuSeconds", ComputeUsage::setCpuMicros);
    seconds(
        quantities,
        ComputeUsage.class,
        "memoryGbMicros",
        "memoryGbSeconds",
        ComputeUsage::setMemoryGbMicros);
    seconds(quantities, StorageUsage.class, "micros", "seconds", StorageUsage::setMicros);
    fraction(
        quantities,
        GpuUsage.class,
        "utilizationMillionths",
        "utilization",
        GpuUsage::setUtilizationMillionths);
    fraction(
        quantities,
        QualityScore.class,
        "scoreMillionths",
        "score",
        QualityScore::setScoreMillionths);
    quantities.add(
        new Quantity(
            "DirectCost.amountPico",
            "data.amount",
            EventType.COST_DIRECT,
            on(DirectCost.class, DirectCost::setAmountPico),
            -999_999_999_999_999_999L,
            999_999_999_999_999_999L,
            "must be below 1000000 either way, was -1000000.000000000000",
            "must be below 1000000 either way, was 1000000.000000000000"));
    return quantities;
  }

  private static List<Choice> choices() {
    return List.of(
        choice(GpuUsage.class, "purchaseOption", GpuUsage::setPurchaseOption, OPTIONS),
        choice(ComputeUsage.class, "purchaseOption", ComputeUsage::setPurchaseOption, OPTIONS),
        choice(
            CacheLookup.class,
            "layer",
            CacheLookup::setLayer,
            Set.of("exact", "semantic", "prefix", "edge")),
        choice(StorageMove.class, "fromTier", StorageMove::setFromTier, TIERS),
        choice(StorageMove.class, "toTier", StorageMove::setToTier, TIERS),
        choice(StorageUsage.class, "tier", StorageUsage::setTier, TIERS),
        choice(
            NetworkTransfer.class,
            "path",
            NetworkTransfer::setPath,
            Set.of("egress", "inter_region", "inter_zone", "cdn")));
  }

  @ParameterizedTest
  @EnumSource
  void aSoundEventOfEachTypeKeepsAllBounds(EventType type) {
    assertThat(UsageRules.check(SampleEvents.of(type))).isNull();
  }

  @Test
  void everyFieldOfTheSchemaIsBoundedAndTriedHere() {
    Set<String> tried = new TreeSet<>();
    texts().forEach(text -> tried.add(text.schemaField()));
    quantities().forEach(quantity -> tried.add(quantity.schemaField()));
    choices().forEach(choice -> tried.add(choice.schemaField()));
    // Tried by tests of their own.
    tried.addAll(Set.of("UsageEvent.tags", "DirectCost.currency", "CacheLookup.tokens"));
    // Any value will do, or the collector sets it.
    tried.addAll(Set.of("LlmUsage.batch", "CacheLookup.hit", "UsageEvent.ingestedAtMicros"));
    // Records, whose fields are tried.
    tried.addAll(
        Set.of(
            "LlmUsage.tokens", "LlmUsage.media", "UsageEvent.providerUsage", "UsageEvent.detail"));

    Set<String> fields = new TreeSet<>();
    fields(UsageEvent.getClassSchema(), fields);
    fields(TokenCounts.getClassSchema(), fields);
    fields(ProviderUsage.getClassSchema(), fields);
    fields(MediaCounts.getClassSchema(), fields);
    for (Schema detail : UsageEvent.getClassSchema().getField("detail").schema().getTypes()) {
      fields(detail, fields);
    }

    assertThat(tried).isEqualTo(fields);
  }

  @ParameterizedTest
  @MethodSource("texts")
  void aTextMayBeAsLongAsItsLimit(Text text) {
    assertThat(check(text, "x".repeat(text.max()))).isNull();
    assertThat(check(text, "é".repeat(text.max()))).isNull();

    assertThat(check(text, "x".repeat(text.max() + 1)))
        .isEqualTo(
            new Violation(
                text.path(),
                "must have at most %d characters, had %d: \"%s…\""
                    .formatted(text.max(), text.max() + 1, "x".repeat(61))));
  }

  @ParameterizedTest
  @MethodSource("texts")
  void aTextMayBeEmptyUnlessItIsRequired(Text text) {
    assertThat(check(text, ""))
        .isEqualTo(
            text.required()
                ? new Violation(text.path(), "is required and must not be empty")
                : null);
    assertThat(check(text, "x")).isNull();
  }

  @ParameterizedTest
  @MethodSource("texts")
  void aTextHasNoControlCharacters(Text text) {
    for (char control : new char[] {0, '\t', '\n', '\r', 0x1f, 0x7f}) {
      assertThat(check(text, "ab" + control + "d"))
          .isEqualTo(
              new Violation(
                  text.path(),
                  "must have no control characters, had U+%04X at 2".formatted((int) control)));
    }
    assertThat(check(text, " ~\u0080é漢")).isNull();
  }

  @ParameterizedTest
  @MethodSource("texts")
  void aTextIsValidUnicode(Text text) {
    assertThat(check(text, "a💸b")).isNull();

    lone(text, "\ud83d", 0);
    lone(text, "\udcb8", 0);
    lone(text, "a\ud83db", 1);
    lone(text, "a\udcb8\ud83d", 1);
    lone(text, "💸\ud83d\ud83d\udcb8", 2);
    lone(text, "💸\udcb8", 2);
  }

  @ParameterizedTest
  @MethodSource("quantities")
  void aNumberMayReachItsLimits(Quantity quantity) {
    assertThat(check(quantity, quantity.min())).isNull();
    assertThat(check(quantity, quantity.max())).isNull();

    assertThat(check(quantity, quantity.min() - 1))
        .isEqualTo(new Violation(quantity.path(), quantity.below()));
    assertThat(check(quantity, quantity.max() + 1))
        .isEqualTo(new Violation(quantity.path(), quantity.above()));
  }

  @ParameterizedTest
  @MethodSource("quantities")
  void theExtremesOfANumberAreRefusedToo(Quantity quantity) {
    boolean narrow = quantity.schemaField().endsWith("Millionths");

    assertThat(check(quantity, narrow ? Integer.MIN_VALUE : Long.MIN_VALUE))
        .extracting(Violation::field)
        .isEqualTo(quantity.path());
    assertThat(check(quantity, narrow ? Integer.MAX_VALUE : Long.MAX_VALUE))
        .extracting(Violation::field)
        .isEqualTo(quantity.path());
  }

  @ParameterizedTest
  @MethodSource("choices")
  void aChoiceIsOneOfItsValues(Choice choice) {
    for (String value : choice.allowed()) {
      UsageEvent event = SampleEvents.of(choice.type());
      choice.set().accept(event, value);
      assertThat(UsageRules.check(event)).isNull();
    }

    String names = String.join(", ", new TreeSet<>(choice.allowed()));
    for (String value : List.of("", "HOT", "on-demand", "egress ")) {
      UsageEvent event = SampleEvents.of(choice.type());
      choice.set().accept(event, value);
      assertThat(UsageRules.check(event))
          .isEqualTo(
              new Violation(choice.path(), "must be one of " + names + ", was \"" + value + "\""));
    }
  }

  @Test
  void whatIsUnknownMayBeAbsent() {
    UsageEvent llm = SampleEvents.of(EventType.LLM_USAGE);
    ((LlmUsage) llm.getDetail()).setLatencyMs(null);
    ((LlmUsage) llm.getDetail()).setMedia(null);
    UsageEvent gpu = SampleEvents.of(EventType.GPU_USAGE);
    ((GpuUsage) gpu.getDetail()).setUtilizationMillionths(null);

    assertThat(UsageRules.check(llm)).isNull();
    assertThat(UsageRules.check(gpu)).isNull();
  }

  @Test
  void thereMayBeThirtyTwoTags() {
    UsageEvent event = SampleEvents.of(EventType.LLM_USAGE);
    event.setTags(tags(0));
    assertThat(UsageRules.check(event)).isNull();

    event.setTags(tags(32));
    assertThat(UsageRules.check(event)).isNull();

    event.setTags(tags(33));
    assertThat(UsageRules.check(event))
        .isEqualTo(new Violation("data.tags", "must have at most 32 entries, had 33"));
  }

  @Test
  void aTagNameHasOneToSixtyFourCharacters() {
    assertThat(checkTag("n".repeat(64), "v")).isNull();

    assertThat(checkTag("", "v"))
        .isEqualTo(new Violation("data.tags", "is required and must not be empty"));
    assertThat(checkTag("n".repeat(65), "v"))
        .isEqualTo(
            new Violation(
                "data.tags",
                "must have at most 64 characters, had 65: \"" + "n".repeat(61) + "…\""));
    assertThat(checkTag("a\nb", "v"))
        .isEqualTo(new Violation("data.tags", "must have no control characters, had U+000A at 1"));
    assertThat(checkTag("\ud800", "v"))
        .isEqualTo(new Violation("data.tags", "must be valid Unicode, had a lone surrogate at 0"));
  }

  @Test
  void aTagValueHasAtMostTwoHundredAndFiftySixCharacters() {
    assertThat(checkTag("k", "")).isNull();
    assertThat(checkTag("k", "v".repeat(256))).isNull();

    assertThat(checkTag("k", "v".repeat(257)))
        .isEqualTo(
            new Violation(
                "data.tags.k",
                "must have at most 256 characters, had 257: \"" + "v".repeat(61) + "…\""));
    assertThat(checkTag("k", "\u0000"))
        .isEqualTo(
            new Violation("data.tags.k", "must have no control characters, had U+0000 at 0"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"USD", "EUR", "XXX"})
  void aCurrencyHasThreeCapitals(String code) {
    assertThat(UsageRules.check(cost(code))).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "US", "USDT", "usd", "U5D", "ÜSD", "US "})
  void aCurrencyIsNothingElse(String code) {
    assertThat(UsageRules.check(cost(code)))
        .isEqualTo(
            new Violation(
                "data.currency", "must be an ISO 4217 code such as USD, was \"" + code + "\""));
  }

  @Test
  void timeOfWholeInstancesNeedsTheirType() {
    UsageEvent event = SampleEvents.of(EventType.COMPUTE_USAGE);
    ((ComputeUsage) event.getDetail()).setInstanceType("");

    assertThat(UsageRules.check(event))
        .isEqualTo(new Violation("data.instanceType", "is required where data.seconds is given"));
  }

  @Test
  void aHitNamesTheTokensThatItAvoided() {
    UsageEvent event = SampleEvents.of(EventType.CACHE_LOOKUP);
    ((CacheLookup) event.getDetail()).setTokens(null);

    assertThat(UsageRules.check(event))
        .isEqualTo(
            new Violation("data.tokens", "is required on a hit: the tokens that it avoided"));
  }

  @Test
  void theTokensOfAHitAreBoundedAsThoseOfACall() {
    UsageEvent event = SampleEvents.of(EventType.CACHE_LOOKUP);
    ((CacheLookup) event.getDetail()).getTokens().setOutput(-5);

    assertThat(UsageRules.check(event))
        .isEqualTo(new Violation("data.tokens.output", "must be >= 0, was -5"))
        .hasToString("data.tokens.output must be >= 0, was -5");
  }

  @Test
  void aMissAvoidsNothing() {
    UsageEvent event = SampleEvents.of(EventType.CACHE_LOOKUP);
    event.setDetail(new CacheLookup("exact", false, "", "", null));
    assertThat(UsageRules.check(event)).isNull();

    event.setDetail(new CacheLookup("exact", false, "", "", SampleEvents.tokens()));
    assertThat(UsageRules.check(event))
        .isEqualTo(new Violation("data.tokens", "must be absent on a miss: a miss avoids nothing"));

    event.setDetail(new CacheLookup("exact", false, "p".repeat(129), "", null));
    assertThat(UsageRules.check(event)).extracting(Violation::field).isEqualTo("data.provider");

    event.setDetail(new CacheLookup("exact", false, "", "m\n", null));
    assertThat(UsageRules.check(event)).extracting(Violation::field).isEqualTo("data.model");
  }

  @Test
  void aDetailOfNoTypeIsRefused() {
    UsageEvent event = SampleEvents.of(EventType.LLM_USAGE);
    event.setDetail(SampleEvents.tokens());

    assertThat(UsageRules.check(event))
        .isEqualTo(new Violation("type", "carries no known detail: io.outlay.schema.TokenCounts"));
  }

  @ParameterizedTest
  @CsvSource({
    "spot, '\"spot\"'",
    "'', '\"\"'",
    "'a\nb\u007f', '\"a\\u000ab\\u007f\"'",
    "💸, '\"💸\"'",
  })
  void aValueIsShownInQuotesWithoutControlCharacters(String value, String shown) {
    assertThat(UsageRules.shown(value)).isEqualTo(shown);
  }

  @Test
  void aLongValueIsShownCut() {
    assertThat(UsageRules.shown("x".repeat(64))).isEqualTo("\"" + "x".repeat(64) + "\"");
    assertThat(UsageRules.shown("x".repeat(65))).isEqualTo("\"" + "x".repeat(61) + "…\"");
  }

  /** Otherwise the answer that carries the error could not be written as UTF-8. */
  @Test
  void aShownValueIsValidUnicodeWhateverWasThere() {
    assertThat(UsageRules.shown("a\ud83d")).isEqualTo("\"a\\ud83d\"");
    assertThat(UsageRules.shown("\udcb8\ud83d")).isEqualTo("\"\\udcb8\\ud83d\"");
    assertThat(UsageRules.shown("x".repeat(60) + "💸".repeat(10)))
        .isEqualTo("\"" + "x".repeat(60) + "…\"");
    assertThat(UsageRules.shown("x".repeat(59) + "💸".repeat(10)))
        .isEqualTo("\"" + "x".repeat(59) + "💸…\"");
  }

  private static void lone(Text text, String value, int at) {
    assertThat(check(text, value))
        .isEqualTo(
            new Violation(text.path(), "must be valid Unicode, had a lone surrogate at " + at));
  }

  private static Violation check(Text text, String value) {
    UsageEvent event = SampleEvents.of(text.type());
    text.set().accept(event, value);
    return UsageRules.check(event);
  }

  private static Violation check(Quantity quantity, long value) {
    UsageEvent event = SampleEvents.of(quantity.type());
    quantity.set().accept(event, value);
    return UsageRules.check(event);
  }

  private static Violation checkTag(String name, String value) {
    UsageEvent event = SampleEvents.of(EventType.QUALITY_SCORE);
    event.setTags(Map.of(name, value));
    return UsageRules.check(event);
  }

  private static Map<String, String> tags(int count) {
    Map<String, String> tags = new HashMap<>();
    for (int i = 0; i < count; i++) {
      tags.put("k" + i, "v");
    }
    return tags;
  }

  private static UsageEvent cost(String currency) {
    UsageEvent event = SampleEvents.of(EventType.COST_DIRECT);
    ((DirectCost) event.getDetail()).setCurrency(currency);
    return event;
  }

  private static void fields(Schema schema, Set<String> fields) {
    schema.getFields().forEach(field -> fields.add(schema.getName() + "." + field.name()));
  }

  private static Text event(
      String field, BiConsumer<UsageEvent, String> set, int max, boolean required) {
    return new Text(
        "UsageEvent." + field, "data." + field, EventType.STORAGE_MOVE, set, max, required);
  }

  private static <D> Text text(
      Class<D> detail, String field, BiConsumer<D, String> set, int max, boolean required) {
    return new Text(
        detail.getSimpleName() + "." + field,
        "data." + field,
        type(detail),
        on(detail, set),
        max,
        required);
  }

  private static <D> Choice choice(
      Class<D> detail, String field, BiConsumer<D, String> set, Set<String> allowed) {
    return new Choice(
        detail.getSimpleName() + "." + field,
        "data." + field,
        type(detail),
        on(detail, set),
        allowed);
  }

  private static void bucket(
      List<Quantity> quantities, String field, BiConsumer<TokenCounts, Long> set) {
    quantities.add(
        new Quantity(
            "TokenCounts." + field,
            "data.tokens." + field,
            EventType.LLM_USAGE,
            on(LlmUsage.class, (llm, value) -> set.accept(llm.getTokens(), value)),
            0,
            1_000_000_000_000L,
            "must be >= 0, was -1",
            "must be <= 1000000000000, was 1000000000001"));
  }

  private static void media(
      List<Quantity> quantities,
      String field,
      String written,
      BiConsumer<MediaCounts, Long> set,
      long max) {
    quantities.add(
        new Quantity(
            "MediaCounts." + field,
            "data.media." + written,
            EventType.LLM_USAGE,
            on(LlmUsage.class, (llm, value) -> set.accept(llm.getMedia(), value)),
            0,
            max,
            "must be >= 0, was -1",
            "must be <= " + max + ", was " + (max + 1)));
  }

  private static <D> void count(
      List<Quantity> quantities, Class<D> detail, String field, BiConsumer<D, Long> set, long max) {
    quantities.add(
        new Quantity(
            detail.getSimpleName() + "." + field,
            "data." + field,
            type(detail),
            on(detail, set),
            0,
            max,
            "must be >= 0, was -1",
            "must be <= " + max + ", was " + (max + 1)));
  }

  private static <D> void seconds(
      List<Quantity> quantities,
      Class<D> detail,
      String field,
      String written,
      BiConsumer<D, Long> set) {
    quantities.add(
        new Quantity(
            detail.getSimpleName() + "." + field,
            "data." + written,
            type(detail),
            on(detail, set),
            0,
            1_000_000_000_000_000L,
            "must be >= 0, was -0.000001",
            "must be <= 1000000000, was 1000000000.000001"));
  }

  private static <D> void fraction(
      List<Quantity> quantities,
      Class<D> detail,
      String field,
      String written,
      BiConsumer<D, Integer> set) {
    quantities.add(
        new Quantity(
            detail.getSimpleName() + "." + field,
            "data." + written,
            type(detail),
            on(detail, (value, millionths) -> set.accept(value, Math.toIntExact(millionths))),
            0,
            1_000_000,
            "must be between 0 and 1, was -0.000001",
            "must be between 0 and 1, was 1.000001"));
  }

  private static EventType type(Class<?> detail) {
    return Stream.of(EventType.values())
        .filter(type -> detail.isInstance(SampleEvents.detail(type)))
        .findAny()
        .orElseThrow();
  }

  private static <D, V> BiConsumer<UsageEvent, V> on(Class<D> detail, BiConsumer<D, V> set) {
    return (event, value) -> set.accept(detail.cast(event.getDetail()), value);
  }
}
