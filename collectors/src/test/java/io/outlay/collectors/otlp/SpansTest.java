package io.outlay.collectors.otlp;

import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.outlay.collectors.access.Publisher;
import io.outlay.collectors.attribution.Attribution;
import io.outlay.collectors.attribution.Owner;
import io.outlay.collectors.testing.Collected;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.UsageEvent;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class SpansTest {
  private static final String CALL =
      "gen_ai.operation.name=chat gen_ai.provider.name=openai gen_ai.response.model=gpt-4o ";

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          OpenTelemetry, newest | gen_ai.operation.name=chat gen_ai.provider.name=openai gen_ai.response.model=gpt-4o gen_ai.request.model=other gen_ai.usage.input_tokens=1000 gen_ai.usage.cache_read.input_tokens=600 gen_ai.usage.cache_write.input_tokens=100 gen_ai.usage.output_tokens=200 gen_ai.usage.reasoning.output_tokens=150 | openai gpt-4o chat | cacheRead=600 cacheWrite5m=100 input=300 output=50 reasoning=150
          OpenTelemetry, cache creation | gen_ai.operation.name=chat gen_ai.provider.name=anthropic gen_ai.request.model=claude-sonnet-4-5 gen_ai.usage.input_tokens=1000 gen_ai.usage.cache_read_input_tokens=600 gen_ai.usage.cache_creation.input_tokens=100 gen_ai.usage.output_tokens=200 | anthropic claude-sonnet-4-5 chat | cacheRead=600 cacheWrite5m=100 input=300 output=200
          OpenTelemetry, old | gen_ai.system=openai gen_ai.operation.name=text_completion gen_ai.request.model=gpt-4o gen_ai.usage.prompt_tokens=1000 gen_ai.usage.completion_tokens=200 gen_ai.usage.prompt_tokens_details.cached_tokens=600 gen_ai.usage.reasoning_tokens=150 | openai gpt-4o chat | cacheRead=600 input=400 output=50 reasoning=150
          audio | gen_ai.operation.name=chat gen_ai.provider.name=openai gen_ai.request.model=gpt-audio gen_ai.usage.input_tokens=100 gen_ai.usage.audio.input_tokens=40 gen_ai.usage.output_tokens=50 gen_ai.usage.audio.output_tokens=30 | openai gpt-audio chat | input=60 inputAudio=40 output=20 outputAudio=30
          newest key wins | gen_ai.system=_OTHER gen_ai.provider.name=openai gen_ai.operation.name=chat gen_ai.request.model=gpt-4o gen_ai.usage.prompt_tokens=1 gen_ai.usage.input_tokens=10 gen_ai.usage.completion_tokens=2 gen_ai.usage.output_tokens=20 | openai gpt-4o chat | input=10 output=20
          Gemini | gen_ai.provider.name=gcp.gemini gen_ai.operation.name=generate_content gen_ai.response.model=gemini-2.5-pro gen_ai.usage.input_tokens=10 gen_ai.usage.output_tokens=20 | google gemini-2.5-pro chat | input=10 output=20
          embeddings | gen_ai.provider.name=azure.ai.openai gen_ai.operation.name=embeddings gen_ai.request.model=text-embedding-3-small gen_ai.usage.input_tokens=10 | openai text-embedding-3-small embedding | input=10
          OpenInference LLM | openinference.span.kind=LLM llm.provider=anthropic llm.system=vertexai llm.model_name=claude-sonnet-4-5 llm.token_count.prompt=1000 llm.token_count.completion=200 llm.token_count.total=1200 llm.token_count.prompt_details.cache_read=600 llm.token_count.prompt_details.cache_write=100 llm.token_count.completion_details.reasoning=50 llm.token_count.prompt_details.audio=20 llm.token_count.completion_details.audio=10 | anthropic claude-sonnet-4-5 chat | cacheRead=600 cacheWrite5m=100 input=280 inputAudio=20 output=140 outputAudio=10 reasoning=50
          OpenInference embedding | openinference.span.kind=EMBEDDING llm.provider=openai embedding.model_name=text-embedding-3-small llm.token_count.prompt=8 | openai text-embedding-3-small embedding | input=8
          OpenInference reranker | openinference.span.kind=RERANKER llm.provider=cohere reranker.model_name=rerank-v3.5 | cohere rerank-v3.5 rerank |
          OpenLLMetry | traceloop.span.kind=LLM llm.request.type=chat gen_ai.system=OpenAI gen_ai.response.model=gpt-4o gen_ai.usage.prompt_tokens="1000" gen_ai.usage.completion_tokens="200" llm.usage.total_tokens="1200" llm.usage.reasoning_tokens="150" | openai gpt-4o chat | input=1000 output=50 reasoning=150
          OpenLLMetry, before gen_ai | llm.request.type=completion llm.vendor=Cohere llm.request.model=command-r llm.usage.prompt_tokens=10 llm.usage.completion_tokens=5 llm.usage.total_tokens=15 | cohere command-r chat | input=10 output=5
          total and one side | gen_ai.operation.name=chat gen_ai.system=openai gen_ai.request.model=gpt-4o gen_ai.usage.output_tokens=5 llm.usage.total_tokens=15 | openai gpt-4o chat | input=10 output=5
          cache beside the input, as the total says | gen_ai.operation.name=chat gen_ai.system=anthropic gen_ai.request.model=claude-sonnet-4-5 gen_ai.usage.input_tokens=100 gen_ai.usage.output_tokens=5 gen_ai.usage.cache_read_input_tokens=50 llm.usage.total_tokens=155 | anthropic claude-sonnet-4-5 chat | cacheRead=50 input=100 output=5
          reasoning beside the output, as the total says | gen_ai.operation.name=chat gen_ai.system=gemini gen_ai.request.model=gemini-2.5-pro gen_ai.usage.input_tokens=100 gen_ai.usage.output_tokens=50 gen_ai.usage.reasoning_tokens=20 llm.usage.total_tokens=170 | google gemini-2.5-pro chat | input=100 output=50 reasoning=20
          numbers with a point | gen_ai.operation.name=chat gen_ai.system=openai gen_ai.request.model=gpt-4o gen_ai.usage.input_tokens=10.0 gen_ai.usage.output_tokens="5.0" | openai gpt-4o chat | input=10 output=5
          neither operation nor kind | gen_ai.provider.name=openai gen_ai.request.model=gpt-4o gen_ai.usage.input_tokens=10 | openai gpt-4o '' | input=10
          """)
  void everyGenerationOfAttributes(String name, String attributes, String call, String buckets)
      throws Exception {
    UsageEvent event = Otlp.span(attributes).event();

    LlmUsage llm = Otlp.llm(event);
    String[] expected = call.replace("''", "").split(" ", -1);
    assertThat(llm.getProvider()).isEqualTo(expected[0]);
    assertThat(llm.getModel()).isEqualTo(expected[1]);
    assertThat(llm.getOperation()).isEqualTo(expected[2]);
    assertThat(llm.getRequests()).isEqualTo(1);
    assertThat(Otlp.buckets(event)).isEqualTo(buckets == null ? "" : buckets);
    assertThat(event.getWarning()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          gen_ai.provider.name=anthropic gen_ai.request.model=claude-sonnet-4-5 gen_ai.usage.input_tokens=3 gen_ai.usage.cache_creation_input_tokens=12304 gen_ai.usage.output_tokens=550 | cacheWrite5m=12304 input=3 output=550 | cache of 12304 is more than input of 3; taken as beside the input
          gen_ai.provider.name=aws.bedrock gen_ai.request.model=amazon.nova-pro-v1:0 gen_ai.usage.input_tokens=3 gen_ai.usage.cache_read_input_tokens=40 gen_ai.usage.output_tokens=5 | cacheRead=40 input=3 output=5 | cache of 40 is more than input of 3; taken as beside the input
          gen_ai.provider.name=openai gen_ai.request.model=gpt-4o gen_ai.usage.input_tokens=100 gen_ai.usage.cache_read_input_tokens=150 gen_ai.usage.output_tokens=5 | cacheRead=100 output=5 | cacheRead of 150 does not fit into input of 100; taken as 100
          gen_ai.provider.name=openai gen_ai.request.model=gpt-4o gen_ai.usage.input_tokens=100 gen_ai.usage.cache_read_input_tokens=80 gen_ai.usage.audio.input_tokens=50 | cacheRead=80 inputAudio=20 | inputAudio of 50 does not fit into input of 100; taken as 20
          gen_ai.provider.name=openai gen_ai.request.model=gpt-5 gen_ai.usage.input_tokens=1 gen_ai.usage.output_tokens=100 gen_ai.usage.reasoning_tokens=120 | input=1 reasoning=100 | reasoning of 120 does not fit into output of 100; taken as 100
          gen_ai.provider.name=gcp.gemini gen_ai.request.model=gemini-2.5-pro gen_ai.usage.input_tokens=1 gen_ai.usage.output_tokens=100 gen_ai.usage.reasoning_tokens=120 | input=1 output=100 reasoning=120 | reasoning of 120 is more than output of 100; taken as beside the output
          gen_ai.provider.name=openai gen_ai.request.model=gpt-4o gen_ai.usage.input_tokens=1 gen_ai.usage.output_tokens=2 gen_ai.usage.total_tokens=9 | input=1 output=2 | a total of 9 was reported; input and output add up to 3
          gen_ai.provider.name=openai gen_ai.request.model=gpt-4o llm.usage.total_tokens=9 | input=9 | only a total of 9 was reported; taken as input
          gen_ai.operation.name=chat gen_ai.request.model=claude-sonnet-4-5 gen_ai.usage.input_tokens=1 | input=1 | no provider was named; taken as anthropic
          gen_ai.operation.name=chat gen_ai.request.model=mine gen_ai.usage.input_tokens=1 | input=1 | no provider was named; taken as unknown
          """)
  void contradictionsAreTakenWithAWarning(String attributes, String buckets, String warning)
      throws Exception {
    UsageEvent event = Otlp.span(attributes).event();

    assertThat(Otlp.buckets(event)).isEqualTo(buckets);
    assertThat(event.getWarning()).isEqualTo(warning);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gen_ai.operation.name=invoke_agent",
        "gen_ai.operation.name=create_agent",
        "gen_ai.operation.name=invoke_workflow",
        "gen_ai.operation.name=execute_tool",
        "openinference.span.kind=AGENT",
        "openinference.span.kind=CHAIN",
        "openinference.span.kind=TOOL",
        "openinference.span.kind=RETRIEVER",
        "openinference.span.kind=GUARDRAIL",
        "openinference.span.kind=EVALUATOR",
        "traceloop.span.kind=workflow",
        "traceloop.span.kind=task",
        "traceloop.span.kind=agent"
      })
  void whatAddsUpCallsIsNotCountedAgain(String kind) throws Exception {
    Collected collected =
        Otlp.span(
            kind
                + " gen_ai.provider.name=openai gen_ai.request.model=gpt-4o"
                + " gen_ai.usage.input_tokens=10 llm.token_count.prompt=10");

    assertThat(collected.events()).isEmpty();
    assertThat(collected.rejections()).isEmpty();
    assertThat(collected.ignored()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http.request.method=GET",
        "gen_ai.operation.name=chat gen_ai.provider.name=openai gen_ai.request.model=gpt-4o",
        "gen_ai.usage.input_tokens=10 gen_ai.provider.name=openai",
        "gen_ai.usage.input_tokens=10 gen_ai.request.model=gpt-4o",
        "gen_ai.operation.name=plan_my_day gen_ai.usage.input_tokens=10 gen_ai.request.model=x",
        "openinference.span.kind=RERANKER"
      })
  void whatIsNoUsageIsIgnored(String attributes) throws Exception {
    Collected collected = Otlp.span(attributes);

    assertThat(collected.events()).isEmpty();
    assertThat(collected.rejections()).isEmpty();
    assertThat(collected.ignored()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          gen_ai.usage.output_tokens=-5 | gen_ai.usage.output_tokens | must be >= 0, was -5
          gen_ai.usage.output_tokens=NaN | gen_ai.usage.output_tokens | must be a whole number, was NaN
          gen_ai.usage.output_tokens=1.5 | gen_ai.usage.output_tokens | must be a whole number, was 1.5
          gen_ai.usage.output_tokens=many | gen_ai.usage.output_tokens | must be a whole number, was "many"
          gen_ai.usage.output_tokens=1e999999999 | gen_ai.usage.output_tokens | must be <= 1000000000000, was 1e999999999
          gen_ai.usage.output_tokens=1e-999999999 | gen_ai.usage.output_tokens | must be a whole number, was 1e-999999999
          gen_ai.usage.output_tokens=9223372036854775807 | gen_ai.usage.output_tokens | must be <= 1000000000000, was 9223372036854775807
          """)
  void whatIsNoNumberOfTokensIsRejected(String attributes, String field, String error)
      throws Exception {
    var rejection = Otlp.span(CALL + attributes).rejection();

    assertThat(rejection.index()).isZero();
    assertThat(rejection.id()).isEqualTo(Otlp.TRACE + "-" + Otlp.SPAN);
    assertThat(rejection.field()).isEqualTo(field);
    assertThat(rejection.error()).isEqualTo(error);
  }

  @Test
  void givenNoModel_thenRejected() throws Exception {
    var rejection = Otlp.span("gen_ai.operation.name=chat gen_ai.usage.input_tokens=1").rejection();

    assertThat(rejection.field()).isEqualTo("gen_ai.response.model");
    assertThat(rejection.error()).isEqualTo("is required of a call that reports tokens");
  }

  @Test
  void aSpanSaysWhoWhenAndHow() throws Exception {
    var resource =
        Otlp.resource("shop").toBuilder()
            .addAllAttributes(
                Otlp.attributes(
                    "deployment.environment.name", "prod",
                    "cloud.region", "us-east-1",
                    "outlay.team", "search",
                    "outlay.feature", "from-the-resource"))
            .build();
    var span =
        Otlp.span(
            Otlp.attributes(
                "gen_ai.operation.name", "chat",
                "gen_ai.provider.name", "openai",
                "gen_ai.response.model", "gpt-4o",
                "gen_ai.response.id", "chatcmpl-1",
                "gen_ai.usage.input_tokens", 10,
                "gen_ai.openai.response.service_tier", "requested",
                "openai.response.service_tier", "flex",
                "outlay.feature", "answers",
                "outlay.project", "web",
                "outlay.customer", "acme",
                "user.id", "u1",
                "session.id", "s1",
                "traceloop.association.properties.chat_id", "c1",
                "outlay.tag.route", "eu",
                "tag.tags", List.of("beta", "canary")));

    UsageEvent event = Otlp.read(Otlp.traces(resource, span)).event();

    assertThat(event.getId()).isEqualTo(Otlp.TRACE + "-" + Otlp.SPAN);
    assertThat(event.getSource()).isEqualTo("shop");
    assertThat(event.getEventTimeMicros()).isEqualTo(Otlp.nanos(Otlp.END) / 1_000);
    assertThat(event.getTraceId()).isEqualTo(Otlp.TRACE);
    assertThat(event.getRequestId()).isEqualTo(Otlp.TRACE);
    assertThat(event.getTeam()).isEqualTo("search");
    assertThat(event.getFeature()).isEqualTo("answers");
    assertThat(event.getProject()).isEqualTo("web");
    assertThat(event.getCustomer()).isEqualTo("acme");
    assertThat(event.getUser()).isEqualTo("u1");
    assertThat(event.getEnvironment()).isEqualTo("prod");
    assertThat(event.getRegion()).isEqualTo("us-east-1");
    assertThat(event.getTags())
        .isEqualTo(
            Map.of("session.id", "s1", "chat_id", "c1", "route", "eu", "beta", "", "canary", ""));
    assertThat(Otlp.llm(event).getServiceTier()).isEqualTo("flex");
    assertThat(Otlp.llm(event).getLatencyMs()).isEqualTo(2_000);
    assertThat(Otlp.llm(event).getStatus()).isEqualTo("ok");
    assertThat(event.getWarning()).isEmpty();
  }

  @Test
  void givenRequestId_thenItJoinsCallsOfSeveralTraces() throws Exception {
    assertThat(
            Otlp.span(CALL + "gen_ai.usage.input_tokens=1 outlay.request_id=q-17")
                .event()
                .getRequestId())
        .isEqualTo("q-17");
  }

  @Test
  void givenErrors_thenTheStatusSaysSo() throws Exception {
    var attributes = Otlp.attributes(CALL + "gen_ai.usage.input_tokens=1");
    var failed =
        Otlp.span(attributes)
            .setStatus(Status.newBuilder().setCode(Status.StatusCode.STATUS_CODE_ERROR));

    assertThat(Otlp.llm(Otlp.read(Otlp.traces(Otlp.resource("shop"), failed)).event()).getStatus())
        .isEqualTo("error");
    assertThat(
            Otlp.llm(Otlp.span(CALL + "gen_ai.usage.input_tokens=1 error.type=timeout").event())
                .getStatus())
        .isEqualTo("error");
  }

  @Test
  void theDefaultTierIsTheStandard() throws Exception {
    assertThat(
            Otlp.llm(
                    Otlp.span(
                            CALL
                                + "gen_ai.usage.input_tokens=1 openai.response.service_tier=default")
                        .event())
                .getServiceTier())
        .isEmpty();
  }

  @Test
  void ownersAreFoundByServiceAndByNamespace() throws Exception {
    byte[] body =
        Otlp.traces(
                Otlp.resource("shop-eu").toBuilder()
                    .addAllAttributes(Otlp.attributes("k8s.namespace.name", "ml"))
                    .build(),
                Otlp.span(Otlp.attributes(CALL + "gen_ai.usage.input_tokens=1")))
            .toByteArray();
    var byService =
        new Attribution.Entry(
            Attribution.By.SERVICE, "shop-*", new Owner("search", "web", "answers", "prod"));
    var byNamespace =
        new Attribution.Entry(Attribution.By.NAMESPACE, "ml", Owner.of("machine-learning"));

    UsageEvent event =
        Otlp.read(
                Signal.TRACES,
                body,
                Otlp.NONE,
                Collected.reception(Publisher.ANONYMOUS, byNamespace, byService))
            .event();
    assertThat(event.getTeam()).isEqualTo("search");
    assertThat(event.getFeature()).isEqualTo("answers");
    assertThat(
            Otlp.read(
                    Signal.TRACES,
                    body,
                    Otlp.NONE,
                    Collected.reception(Publisher.ANONYMOUS, byNamespace))
                .event()
                .getTeam())
        .isEqualTo("machine-learning");
    assertThat(Otlp.read(Signal.TRACES, body, Otlp.NONE, Collected.reception()).event().getTeam())
        .isEqualTo(Owner.UNATTRIBUTED);
  }

  @Test
  void givenATeamThatIsNotTheKeys_thenRejectedAndTheOthersTaken() throws Exception {
    var own = Otlp.span(Otlp.attributes(CALL + "gen_ai.usage.input_tokens=1"));
    var others = Otlp.span(Otlp.attributes(CALL + "gen_ai.usage.input_tokens=1 outlay.team=rival"));
    Collected collected =
        Otlp.read(
            Signal.TRACES,
            Otlp.traces(Otlp.resource("shop"), others, own).toByteArray(),
            Otlp.NONE,
            Collected.reception(new Publisher("key", "search")));

    assertThat(collected.events()).hasSize(1);
    assertThat(collected.events().get(0).getTeam()).isEqualTo("search");
    assertThat(collected.rejections().get(0).field()).isEqualTo("data.team");
    assertThat(collected.rejections().get(0).error()).contains("\"rival\"");
  }

  @Test
  void overlongValuesAreCutAndDoNotLoseTheEvent() throws Exception {
    var span =
        Otlp.span(
            Otlp.attributes(
                "gen_ai.operation.name",
                "chat",
                "gen_ai.provider.name",
                "openai",
                "gen_ai.request.model",
                "gpt-4o",
                "gen_ai.usage.input_tokens",
                1,
                "outlay.feature",
                "f".repeat(127) + "😀" + "x".repeat(1_000_000),
                "outlay.customer",
                "a\nb",
                "traceloop.association.properties." + "k".repeat(100),
                "v".repeat(300)));
    for (int i = 0; i < 40; i++) {
      span.addAllAttributes(Otlp.attributes("outlay.tag.a" + i, "v"));
    }

    UsageEvent event = Otlp.read(Otlp.traces(Otlp.resource("shop"), span)).event();

    assertThat(event.getFeature()).isEqualTo("f".repeat(127));
    assertThat(event.getCustomer()).isEqualTo("a b");
    assertThat(event.getTags()).hasSize(32);
    assertThat(event.getWarning())
        .startsWith("feature was cut to 128 characters")
        .contains("of 41 tags 32 were kept");
  }

  @Test
  void givenTimes_thenBounded() throws Exception {
    var attributes = Otlp.attributes(CALL + "gen_ai.usage.input_tokens=1");
    var future =
        Otlp.span(attributes)
            .setEndTimeUnixNano(Otlp.nanos(Collected.NOW.plus(Duration.ofMinutes(6))));
    var year9999 = Otlp.span(attributes).setEndTimeUnixNano(-1);
    var year1970 = Otlp.span(attributes).setStartTimeUnixNano(1).setEndTimeUnixNano(1_000);
    var none = Otlp.span(attributes).setStartTimeUnixNano(0).setEndTimeUnixNano(0);
    var backwards = Otlp.span(attributes).setStartTimeUnixNano(Otlp.nanos(Collected.NOW));

    Collected collected =
        Otlp.read(Otlp.traces(Otlp.resource("shop"), future, year9999, year1970, none, backwards));

    assertThat(collected.rejections())
        .extracting(rejection -> rejection.index() + " " + rejection.field())
        .containsExactly("0 time", "1 time", "2 time");
    assertThat(collected.rejections().get(0).error())
        .startsWith("must not be more than 300 s ahead of the collector's clock");
    assertThat(collected.events().get(0).getEventTimeMicros())
        .isEqualTo(Collected.reception().receivedAtMicros());
    assertThat(Otlp.llm(collected.events().get(1)).getLatencyMs()).isNull();
  }

  @Test
  void givenTwoLibrariesThatWatchACall_thenOnlyTheInnerSpanCounts() throws Exception {
    var framework =
        Otlp.span(
            Otlp.attributes(
                "openinference.span.kind=LLM llm.model_name=gpt-4o llm.token_count.prompt=10"
                    + " llm.token_count.completion=5"
                    + " llm.token_count.prompt_details.cache_read=4"));
    var client =
        below(framework, "00000000000000c1", CALL + "gen_ai.usage.input_tokens=10")
            .addAllAttributes(
                Otlp.attributes("gen_ai.usage.output_tokens=5 gen_ai.usage.reasoning_tokens=2"));
    var outermost =
        Otlp.span(framework.getAttributesList()).setSpanId(Otlp.bytes("00000000000000a1"));
    framework.setParentSpanId(outermost.getSpanId());
    for (var request :
        List.of(
            Otlp.traces(Otlp.resource("shop"), client, framework, outermost),
            Otlp.traces(Otlp.resource("shop"), outermost, framework, client),
            Otlp.traces(Otlp.resource("shop"), outermost).toBuilder()
                .mergeFrom(Otlp.traces(Otlp.resource("shop"), framework))
                .mergeFrom(Otlp.traces(Otlp.resource("gateway"), client))
                .build())) {
      Collected collected = Otlp.read(request);

      assertThat(collected.event().getId()).isEqualTo(Otlp.TRACE + "-00000000000000c1");
      assertThat(collected.ignored()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // other tokens
        CALL + "gen_ai.usage.input_tokens=11 gen_ai.usage.output_tokens=5",
        CALL + "gen_ai.usage.input_tokens=10 gen_ai.usage.output_tokens=6",
        // no model's call
        "gen_ai.operation.name=execute_tool gen_ai.usage.input_tokens=10"
            + " gen_ai.usage.output_tokens=5",
        CALL,
        // becomes no event
        CALL + "gen_ai.usage.input_tokens=10 gen_ai.usage.output_tokens=-5"
      })
  void givenAnotherSpanBelow_thenTheCallIsAnEvent(String other) throws Exception {
    var parent =
        Otlp.span(
            Otlp.attributes(CALL + "gen_ai.usage.input_tokens=10 gen_ai.usage.output_tokens=5"));

    assertThat(
            Otlp.read(
                    Otlp.traces(
                        Otlp.resource("shop"), below(parent, "00000000000000c1", other), parent))
                .events())
        .extracting(UsageEvent::getId)
        .contains(Otlp.TRACE + "-" + Otlp.SPAN);
  }

  @Test
  void givenTheSameTokensElsewhere_thenBothAreEvents() throws Exception {
    String call = CALL + "gen_ai.usage.input_tokens=10 gen_ai.usage.output_tokens=5";
    var one = Otlp.span(Otlp.attributes(call));
    one.setParentSpanId(one.getSpanId());
    var sibling = Otlp.span(Otlp.attributes(call)).setSpanId(Otlp.bytes("00000000000000c1"));
    var ofAnotherTrace =
        below(one, "00000000000000c2", call)
            .setTraceId(Otlp.bytes("00000000000000000000000000000001"));

    assertThat(Otlp.read(Otlp.traces(Otlp.resource("shop"), one, sibling, ofAnotherTrace)).events())
        .hasSize(3);
  }

  private static Span.Builder below(Span.Builder parent, String spanId, String attributes) {
    return Otlp.span(Otlp.attributes(attributes))
        .setSpanId(Otlp.bytes(spanId))
        .setParentSpanId(parent.getSpanId());
  }

  @Test
  void givenNoIds_thenRejected() throws Exception {
    var attributes = Otlp.attributes(CALL + "gen_ai.usage.input_tokens=1");
    var noTrace = Otlp.span(attributes).clearTraceId();
    var zeroSpan = Otlp.span(attributes).setSpanId(Otlp.bytes("0000000000000000"));

    Collected collected = Otlp.read(Otlp.traces(Otlp.resource("shop"), noTrace, zeroSpan));

    assertThat(collected.rejections())
        .extracting(rejection -> rejection.field() + " " + rejection.error())
        .containsExactly(
            "traceId must have 16 bytes that are not all zero, had 0: \"\"",
            "spanId must have 8 bytes that are not all zero, had 8: \"0000000000000000\"");
  }

  @Test
  void spansOfServicesThatAreCountedByMetricsAreIgnored() throws Exception {
    var body =
        Otlp.traces(
            Otlp.resource("gateway-1"),
            Otlp.span(Otlp.attributes(CALL + "gen_ai.usage.input_tokens=1")));
    Collected collected =
        Otlp.read(
            Signal.TRACES,
            body.toByteArray(),
            new MetricServices(List.of("other", "gateway-*")),
            Collected.reception());

    assertThat(collected.events()).isEmpty();
    assertThat(collected.ignored()).isEqualTo(1);
  }

  @Test
  void theResourceHoldsWhereverItStands() throws Exception {
    var request =
        Otlp.traces(
            Otlp.resource("shop"),
            Otlp.span(Otlp.attributes(CALL + "gen_ai.usage.input_tokens=1")));
    var resourceSpans = request.getResourceSpans(0);
    byte[] spansFirst =
        concat(
            resourceSpans.toBuilder().clearResource().build().toByteArray(),
            resourceSpans.toBuilder().clearScopeSpans().build().toByteArray());
    byte[] body =
        concat(
            new byte[] {0x0a, (byte) (spansFirst.length | 0x80), (byte) (spansFirst.length >> 7)},
            spansFirst);

    assertThat(Otlp.read(Signal.TRACES, body, Otlp.NONE, Collected.reception()).event().getSource())
        .isEqualTo("shop");
  }

  private static byte[] concat(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
