package io.outlay.config;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class OutlayConfigTest {
  private static final String SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz";
  private static final String RECEIVER =
      "receivers: [{name: oncall, type: webhook, url: 'https://h/x', secret: %s}]\n"
          .formatted(SECRET);
  private static final String RULE =
      RECEIVER + "rules: [{name: daily, type: spend-ratio, receivers: [oncall]}]\n";

  @TempDir Path folder;

  @Test
  void withoutAFileTheDefaultsHold() {
    assertThat(ConfigValues.of(ConfigChecks.load(null, Map.of())))
        .isEqualTo(
            """
            apiKeys=[]
            attribution=[]
            budgets=[]
            clickhouse.database=outlay
            clickhouse.password=null
            clickhouse.url=http://127.0.0.1:8123
            clickhouse.user=default
            collectors.acknowledgeWithin=PT10S
            collectors.allowAnonymous=false
            collectors.grpcPort=4317
            collectors.maxBodyBytes=16777216
            collectors.maxEvents=10000
            collectors.maxFuture=PT5M
            collectors.maxLineBytes=1048576
            collectors.otlpMetricsOf=null
            collectors.port=8080
            collectors.stateDir=.outlay/collectors
            detector.evaluateEvery=PT0.5S
            detector.maxAge=PT1H
            detector.port=8082
            host=127.0.0.1
            kafka.bootstrapServers=127.0.0.1:9092
            kafka.partitions=4
            kafka.topicPrefix=outlay.
            planned=[]
            pullers.gpus=[]
            pullers.inventories=[]
            receivers=[]
            registry.url=http://127.0.0.1:8081/apis/ccompat/v7
            rules=[]
            sink.audit.every=PT5M
            sink.batchRows=50000
            sink.linger=PT0.3S
            sink.port=8084
            streams.commitInterval=PT0.2S
            streams.dedupeHorizon=PT24H
            streams.port=8083
            streams.retention=PT840H
            streams.stateDir=.outlay/streams
            streams.threads=2
            timezone=UTC
            """);
  }

  @Test
  void aRuleHasDefaultsToo() throws IOException {
    assertThat(lines(load(RULE), "rules"))
        .isEqualTo(
            """
            rules[0].baseline=null
            rules[0].by=[team, model, feature]
            rules[0].critical=null
            rules[0].deviations=null
            rules[0].drift=null
            rules[0].learn=null
            rules[0].limitUsd=null
            rules[0].method=null
            rules[0].minCount=null
            rules[0].minHistoryDays=null
            rules[0].minImpactUsd=null
            rules[0].name=daily
            rules[0].newScopeUsd=null
            rules[0].receivers=[oncall]
            rules[0].severity=null
            rules[0].threshold=null
            rules[0].type=spend-ratio
            rules[0].window=null
            """);
  }

  @Test
  void everyKeyOfTheFileIsTaken() throws IOException {
    OutlayConfig config =
        load(
            """
            timezone: Europe/Berlin
            host: 0.0.0.0
            kafka:
              bootstrapServers: k1:9092,k2:9092
              topicPrefix: staging.
              partitions: 12
            registry:
              url: https://registry.example/apis/ccompat/v7
            clickhouse:
              url: https://clickhouse.example:8443
              user: outlay
              password: 'p,a$s\\s 0123'
              database: costs
            collectors:
              port: 18080
              maxBodyBytes: 1024
              maxEvents: 7
              acknowledgeWithin: 3s
              maxFuture: 1h
              maxLineBytes: 2048
              grpcPort: 14317
              allowAnonymous: true
              stateDir: /var/lib/pullers
              otlpMetricsOf: [a, b-*]
            apiKeys:
              - {name: svc, key: 0123456789abcdef, team: search, eventsPerSecond: 9}
            attribution:
              - {service: shop, team: shop, project: p, feature: f, environment: e}
            pullers:
              gpus:
                - {name: n, url: "http://n:9400/m", interval: 30s, timeout: 2s, team: ml, purchaseOption: spot,
                   cloud: aws, region: us, environment: prod}
              inventories:
                - {name: l, url: "http://l/x.csv", interval: 2h, timeout: 3s, store: lake, team: data, region: us,
                   environment: prod}
            streams:
              port: 18083
              threads: 8
              commitInterval: 1s
              dedupeHorizon: 7d
              retention: 90d
              stateDir: /var/lib/outlay
            sink:
              port: 18084
              batchRows: 1000
              linger: 2s
              audit:
                every: 1h
            detector:
              port: 18082
              evaluateEvery: 5s
              maxAge: 30m
            receivers:
              - name: oncall
                type: webhook
                url: https://hooks.example/outlay?a=b
                secret: whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz
              - {name: chat, type: webhook, url: "http://chat/", secret: whsec_YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo=}
            rules:
              - name: daily-spend
                type: spend-ratio
                threshold: 1.35
                window: 24h
                baseline: 14d
                by: [team, feature]
                minImpactUsd: 0.000001
                minHistoryDays: 7
                receivers: [oncall, chat]
              - {name: other, type: spend-ratio, by: model, minImpactUsd: 10000000, receivers: chat}
            budgets:
              - {name: search-week, scope: {team: search, feature: rerank}, period: week, timezone: America/New_York,
                 limitUsd: 10000.50, thresholds: [0.5, 1.2], hard: true, forecast: false, receivers: [oncall, chat]}
              - {name: all, period: quarter, limitUsd: 1}
              - {name: gold, scope: {tags.tier: gold}, period: day, limitUsd: 1}
            """);

    assertThat(ConfigValues.of(config))
        .isEqualTo(
            """
            apiKeys[0].eventsPerSecond=9
            apiKeys[0].key=0123456789abcdef
            apiKeys[0].name=svc
            apiKeys[0].team=search
            attribution[0].environment=e
            attribution[0].feature=f
            attribution[0].key=null
            attribution[0].namespace=null
            attribution[0].project=p
            attribution[0].service=shop
            attribution[0].team=shop
            budgets[0].forecast=false
            budgets[0].hard=true
            budgets[0].limitUsd=10000.50
            budgets[0].name=search-week
            budgets[0].period=week
            budgets[0].receivers=[oncall, chat]
            budgets[0].scope={feature=rerank, team=search}
            budgets[0].thresholds=[0.5, 1.2]
            budgets[0].timezone=America/New_York
            budgets[1].forecast=true
            budgets[1].hard=false
            budgets[1].limitUsd=1
            budgets[1].name=all
            budgets[1].period=quarter
            budgets[1].receivers=null
            budgets[1].scope={}
            budgets[1].thresholds=[0.7, 0.85, 0.9, 0.95, 1.0]
            budgets[1].timezone=null
            budgets[2].forecast=true
            budgets[2].hard=false
            budgets[2].limitUsd=1
            budgets[2].name=gold
            budgets[2].period=day
            budgets[2].receivers=null
            budgets[2].scope={tags.tier=gold}
            budgets[2].thresholds=[0.7, 0.85, 0.9, 0.95, 1.0]
            budgets[2].timezone=null
            clickhouse.database=costs
            clickhouse.password=p,a$s\\s 0123
            clickhouse.url=https://clickhouse.example:8443
            clickhouse.user=outlay
            collectors.acknowledgeWithin=PT3S
            collectors.allowAnonymous=true
            collectors.grpcPort=14317
            collectors.maxBodyBytes=1024
            collectors.maxEvents=7
            collectors.maxFuture=PT1H
            collectors.maxLineBytes=2048
            collectors.otlpMetricsOf=[a, b-*]
            collectors.port=18080
            collectors.stateDir=/var/lib/pullers
            detector.evaluateEvery=PT5S
            detector.maxAge=PT30M
            detector.port=18082
            host=0.0.0.0
            kafka.bootstrapServers=k1:9092,k2:9092
            kafka.partitions=12
            kafka.topicPrefix=staging.
            planned=[]
            pullers.gpus[0].cloud=aws
            pullers.gpus[0].environment=prod
            pullers.gpus[0].interval=PT30S
            pullers.gpus[0].name=n
            pullers.gpus[0].purchaseOption=spot
            pullers.gpus[0].region=us
            pullers.gpus[0].team=ml
            pullers.gpus[0].timeout=PT2S
            pullers.gpus[0].url=http://n:9400/m
            pullers.inventories[0].environment=prod
            pullers.inventories[0].interval=PT2H
            pullers.inventories[0].name=l
            pullers.inventories[0].region=us
            pullers.inventories[0].store=lake
            pullers.inventories[0].team=data
            pullers.inventories[0].timeout=PT3S
            pullers.inventories[0].url=http://l/x.csv
            receivers[0].name=oncall
            receivers[0].secret=whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz
            receivers[0].type=webhook
            receivers[0].url=https://hooks.example/outlay?a=b
            receivers[1].name=chat
            receivers[1].secret=whsec_YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo=
            receivers[1].type=webhook
            receivers[1].url=http://chat/
            registry.url=https://registry.example/apis/ccompat/v7
            rules[0].baseline=PT336H
            rules[0].by=[team, feature]
            rules[0].critical=null
            rules[0].deviations=null
            rules[0].drift=null
            rules[0].learn=null
            rules[0].limitUsd=null
            rules[0].method=null
            rules[0].minCount=null
            rules[0].minHistoryDays=7
            rules[0].minImpactUsd=0.000001
            rules[0].name=daily-spend
            rules[0].newScopeUsd=null
            rules[0].receivers=[oncall, chat]
            rules[0].severity=null
            rules[0].threshold=1.35
            rules[0].type=spend-ratio
            rules[0].window=PT24H
            rules[1].baseline=null
            rules[1].by=[model]
            rules[1].critical=null
            rules[1].deviations=null
            rules[1].drift=null
            rules[1].learn=null
            rules[1].limitUsd=null
            rules[1].method=null
            rules[1].minCount=null
            rules[1].minHistoryDays=null
            rules[1].minImpactUsd=10000000
            rules[1].name=other
            rules[1].newScopeUsd=null
            rules[1].receivers=[chat]
            rules[1].severity=null
            rules[1].threshold=null
            rules[1].type=spend-ratio
            rules[1].window=null
            sink.audit.every=PT1H
            sink.batchRows=1000
            sink.linger=PT2S
            sink.port=18084
            streams.commitInterval=PT1S
            streams.dedupeHorizon=PT168H
            streams.port=18083
            streams.retention=PT2160H
            streams.stateDir=/var/lib/outlay
            streams.threads=8
            timezone=Europe/Berlin
            """);
  }

  /** The example that the documentation gives. */
  @Test
  void theDocumentedExampleIsAccepted() throws IOException {
    OutlayConfig config =
        load(
            """
            timezone: UTC
            receivers:
              - {name: oncall, type: webhook, url: "https://hooks.example/x", secret: "${HOOK_SECRET}"}
            rules:
              - {name: daily-spend, type: spend-ratio, threshold: 1.2, window: 1d, baseline: 7d, by: [team, model, feature],
                 minImpactUsd: 1, receivers: [oncall]}
            budgets:
              - {name: search-month, scope: {team: search}, period: month, limitUsd: 10000, thresholds: [0.7, 0.85, 0.9, 0.95, 1.0],
                 receivers: [oncall]}
            """,
            "HOOK_SECRET",
            SECRET);

    OutlayConfig.Rule rule = config.rules().get(0);
    assertThat(config.receivers().get(0).secret()).isEqualTo(SECRET);
    assertThat(rule.threshold()).contains(new BigDecimal("1.2"));
    assertThat(rule.window()).contains(Duration.ofDays(1));
    assertThat(rule.baseline()).contains(Duration.ofDays(7));
    assertThat(rule.by()).containsExactly("team", "model", "feature");
    assertThat(rule.minImpactUsd()).contains(new BigDecimal("1"));
    assertThat(rule.receivers()).containsExactly("oncall");
  }

  @Test
  void theEnvironmentOverridesTheFile() throws IOException {
    OutlayConfig config =
        load(
            RULE + "timezone: UTC\nkafka: {bootstrapServers: 'file:1'}\n",
            "OUTLAY_TIMEZONE",
            "Europe/Berlin",
            "OUTLAY_KAFKA_BOOTSTRAPSERVERS",
            "env:1",
            "OUTLAY_CLICKHOUSE_PASSWORD",
            "p,q",
            "OUTLAY_COLLECTORS_MAXBODYBYTES",
            "99",
            "OUTLAY_STREAMS_COMMITINTERVAL",
            "1s",
            "OUTLAY_RECEIVERS_0__URL",
            "http://other/y",
            "OUTLAY_RULES_0__THRESHOLD",
            "2",
            "OUTLAY_RULES_0__MINIMPACTUSD",
            "5",
            "OUTLAY_RULES_0__BY",
            "feature,team");

    assertThat(config.timezone()).hasToString("Europe/Berlin");
    assertThat(config.kafka().bootstrapServers()).isEqualTo("env:1");
    assertThat(config.clickhouse().password()).contains("p,q");
    assertThat(config.collectors().maxBodyBytes()).isEqualTo(99);
    assertThat(config.streams().commitInterval()).isEqualTo(Duration.ofSeconds(1));
    assertThat(config.receivers().get(0).url()).hasToString("http://other/y");
    assertThat(config.receivers().get(0).name()).isEqualTo("oncall");
    assertThat(config.rules().get(0).threshold()).contains(new BigDecimal("2"));
    assertThat(config.rules().get(0).minImpactUsd()).contains(new BigDecimal("5"));
    assertThat(config.rules().get(0).by()).containsExactly("feature", "team");
  }

  @Test
  void theEnvironmentAddsEntriesToLists() throws IOException {
    OutlayConfig config =
        load(
            RULE,
            "OUTLAY_RECEIVERS_1__NAME",
            "chat",
            "OUTLAY_RECEIVERS_1__TYPE",
            "webhook",
            "OUTLAY_RECEIVERS_1__URL",
            "http://chat/",
            "OUTLAY_RECEIVERS_1__SECRET",
            SECRET);

    assertThat(config.receivers())
        .extracting(OutlayConfig.Receiver::name)
        .containsExactly("oncall", "chat");
  }

  /** The launcher and the containers have variables of their own under the same prefix. */
  @Test
  void othersMayUseThePrefixInTheEnvironment() throws IOException {
    assertThat(load("", "OUTLAY_DATA", "/data", "OUTLAY_HOME", "/opt").timezone())
        .hasToString("UTC");
  }

  @Test
  void aVariableStandsForAnyValueOfTheFile() throws IOException {
    OutlayConfig config =
        load(
            """
            kafka: {bootstrapServers: "${KAFKA_HOST}:${KAFKA_PORT:9092}", partitions: "${COUNT}"}
            clickhouse: {password: "${PASSWORD}"}
            """,
            "KAFKA_HOST",
            "broker",
            "COUNT",
            "6",
            "PASSWORD",
            "a,b");

    assertThat(config.kafka().bootstrapServers()).isEqualTo("broker:9092");
    assertThat(config.kafka().partitions()).isEqualTo(6);
    assertThat(config.clickhouse().password()).contains("a,b");
  }

  @Test
  void aVariableThatIsNotSetIsNamedWithItsKey() {
    assertThatThrownBy(() -> load(RECEIVER.replace(SECRET, "'${HOOK_SECRET}'")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("HOOK_SECRET")
        .hasMessageContaining("receivers[0].secret");
  }

  private static Stream<Arguments> unknownKeys() {
    return Stream.of(
        arguments("timezonee: UTC\n", List.of("timezonee")),
        arguments("kafka: {bootstrap: x}\n", List.of("kafka.bootstrap")),
        arguments("Kafka: {partitions: 1}\n", List.of("Kafka.partitions")),
        arguments("kafka: {topicprefix: x}\n", List.of("kafka.topicprefix")),
        arguments("kafka: {topic-prefix: x}\n", List.of("kafka.topic-prefix")),
        arguments("outlay: {timezone: UTC}\n", List.of("unknown key outlay.timezone in ")),
        arguments(RECEIVER.replace("}", ", colour: red}"), List.of("receivers[0].colour")),
        arguments(RULE.replace("daily,", "daily, treshold: 1.2,"), List.of("rules[0].treshold")),
        arguments(
            "a: 1\nstreams: {b: 2}\n", List.of("unknown key a in ", "unknown key streams.b in ")),
        arguments(
            "budgets: [{name: m, period: month, limitUsd: 1, limit: 2}]\n",
            List.of("budgets[0].limit")));
  }

  @ParameterizedTest
  @MethodSource("unknownKeys")
  void anUnknownKeyIsAnErrorThatNamesIt(String yaml, List<String> keys) {
    assertThatThrownBy(() -> load(yaml))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("outlay.yaml")
        .message()
        .contains(keys);
  }

  private static Stream<Arguments> wrongValues() {
    return Stream.of(
        arguments("kafka: {partitions: many}\n", "kafka.partitions", "many"),
        arguments("kafka: {partitions: 99999999999}\n", "kafka.partitions", "99999999999"),
        arguments("kafka: {partitions: 1.5}\n", "kafka.partitions", "1.5"),
        arguments("kafka: 3\n", "kafka", ""),
        arguments("kafka: {bootstrapServers: [a, b]}\n", "kafka.bootstrapServers", ""),
        arguments("timezone: Mars/Olympus\n", "timezone", "was Mars/Olympus"),
        arguments("registry: {url: 'h t'}\n", "registry.url", "h t"),
        arguments("streams: {commitInterval: soon}\n", "streams.commitInterval", "was soon"),
        arguments("streams: {retention: 35}\n", "streams.retention", "was 35"),
        arguments("receivers: oncall\n", "receivers", ""),
        arguments("receivers: {name: oncall}\n", "receivers.name", ""),
        arguments(RECEIVER.replace("https://h/x", "h t"), "receivers[0].url", "h t"),
        arguments(RECEIVER.replace("name: oncall", "name: ''"), "receivers[0].name", "empty"),
        arguments("receivers: [{name: oncall}]\n", "receivers[0].secret", "required"),
        arguments(RULE.replace("daily", "daily, threshold: lots"), "rules[0].threshold", "lots"),
        arguments(RULE.replace("daily", "daily, by: []"), "rules[0].by", "empty"),
        arguments(RULE.replace("[oncall]", "[]"), "rules[0].receivers", "empty"),
        arguments(RULE.replace(", receivers: [oncall]", ""), "rules[0].receivers", "required"),
        arguments("budgets: [{name: m, period: month}]\n", "budgets[0].limitUsd", "required"),
        arguments("budgets: [{name: m, limitUsd: 1}]\n", "budgets[0].period", "required"),
        arguments(
            "budgets: [{name: m, period: month, limitUsd: lots}]\n", "budgets[0].limitUsd", "lots"),
        arguments(
            "budgets: [{name: m, period: day, limitUsd: 1, timezone: Mars}]\n",
            "budgets[0].timezone",
            "was Mars"));
  }

  @ParameterizedTest
  @MethodSource("wrongValues")
  void aWrongValueIsAnErrorThatNamesKeyAndValue(String yaml, String key, String value) {
    assertThatThrownBy(() -> load(yaml))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(key)
        .hasMessageContaining(value);
  }

  @Test
  void aWrongValueOfTheEnvironmentIsNamedToo() {
    assertThatThrownBy(() -> load("", "OUTLAY_SINK_BATCHROWS", "lots"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("outlay.sink.batchRows")
        .hasMessageContaining("lots");
  }

  @Test
  void allFaultsAreToldAtOnce() {
    assertThatThrownBy(() -> load("a: 1\nkafka: {partitions: x}\ntimezone: y\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("unknown key a in ", "kafka.partitions", "timezone");
  }

  @Test
  void emptyListsAndEmptyKeysAreAsIfTheyWereNotThere() throws IOException {
    String defaults = ConfigValues.of(ConfigChecks.load(null, Map.of()));

    assertThat(ConfigValues.of(load("receivers: []\nrules: []\n"))).isEqualTo(defaults);
    assertThat(ConfigValues.of(load("receivers:\nrules:\ntimezone:\n"))).isEqualTo(defaults);
    assertThat(ConfigValues.of(load(""))).isEqualTo(defaults);
    assertThat(ConfigValues.of(load("# nothing yet\n"))).isEqualTo(defaults);
  }

  @Test
  void offsetsOfTwoDigitsAreTextNotNumbers() throws IOException {
    assertThat(load("timezone: +10:00\n").timezone()).hasToString("+10:00");
    assertThat(load("timezone: -03:30\n").timezone()).hasToString("-03:30");
    assertThat(load("clickhouse: {password: 0123}\n").clickhouse().password()).contains("0123");
  }

  private OutlayConfig load(String yaml, String... environment) throws IOException {
    Path file = Files.writeString(folder.resolve("outlay.yaml"), yaml);
    Map<String, String> variables = new HashMap<>();
    for (int i = 0; i < environment.length; i += 2) {
      variables.put(environment[i], environment[i + 1]);
    }
    return ConfigChecks.load(file, variables);
  }

  private static String lines(OutlayConfig config, String prefix) {
    StringBuilder lines = new StringBuilder();
    ConfigValues.of(config)
        .lines()
        .filter(line -> line.startsWith(prefix))
        .forEach(line -> lines.append(line).append('\n'));
    return lines.toString();
  }
}
