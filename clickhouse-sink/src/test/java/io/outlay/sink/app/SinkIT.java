package io.outlay.sink.app;

import com.clickhouse.client.api.Client;
import com.clickhouse.client.api.query.QueryResponse;
import io.outlay.config.ConfigChecks;
import io.outlay.config.OutlayConfig;
import io.outlay.health.Status;
import io.outlay.money.Money;
import io.outlay.price.PriceFile;
import io.outlay.schema.BudgetLevel;
import io.outlay.schema.BudgetState;
import io.outlay.schema.CostRecord;
import io.outlay.schema.DeadLetter;
import io.outlay.schema.DeadLetterReason;
import io.outlay.schema.Incident;
import io.outlay.schema.IncidentCause;
import io.outlay.schema.IncidentChild;
import io.outlay.schema.IncidentDrivers;
import io.outlay.schema.IncidentSeverity;
import io.outlay.schema.IncidentStatus;
import io.outlay.schema.LedgerEntry;
import io.outlay.schema.Notification;
import io.outlay.schema.Price;
import io.outlay.schema.Replay;
import io.outlay.schema.RollupWindow;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.HttpSchemaRegistry;
import io.outlay.sink.batch.RangePlan;
import io.outlay.sink.testing.ClickHouseProxy;
import io.outlay.sink.testing.Facts;
import io.outlay.sink.testing.RegistryStub;
import io.outlay.sink.worker.SinkWorker;
import io.outlay.sink.worker.TopicCounters;
import io.outlay.sql.testing.ClickHouseEndpoint;
import io.outlay.topic.Topic;
import io.outlay.topic.Topics;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.test.KafkaClusterTestKit;
import org.apache.kafka.common.test.TestKitNodes;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The workers against a real broker and the real engine. */
class SinkIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static KafkaClusterTestKit kafka;
  private static ClickHouseEndpoint clickHouse;
  private static RegistryStub registry;
  private static Client client;
  private static int tests;

  private final String name = "t" + ++tests;
  private final String prefix = name + ".";
  private final List<SinkRuntime> running = new ArrayList<>();
  private final HttpSchemaRegistry schemas = new HttpSchemaRegistry(registry.url());
  private final Map<Topic<?>, AvroCodec<?>> codecs = new HashMap<>();
  private KafkaProducer<byte[], byte[]> producer;
  private AvroCodec<CostRecord> costs;

  @BeforeAll
  static void startStack(@TempDir Path data) throws Exception {
    clickHouse = ClickHouseEndpoint.start(data);
    client = clickHouse.client();
    registry = new RegistryStub();
    kafka =
        new KafkaClusterTestKit.Builder(
                new TestKitNodes.Builder()
                    .setCombined(true)
                    .setNumBrokerNodes(1)
                    .setNumControllerNodes(1)
                    .build())
            .setConfigProp("offsets.topic.replication.factor", "1")
            .setConfigProp("transaction.state.log.replication.factor", "1")
            .setConfigProp("transaction.state.log.min.isr", "1")
            .setConfigProp("group.initial.rebalance.delay.ms", "0")
            .build();
    kafka.format();
    kafka.startup();
    kafka.waitForReadyBrokers();
  }

  @AfterAll
  static void stopStack() throws Exception {
    kafka.close();
    registry.close();
    client.close();
    clickHouse.close();
  }

  @BeforeEach
  void openProducer() {
    producer = producer(null);
    costs = codec(Topics.COSTS);
  }

  @AfterEach
  void stopSinks() {
    running.forEach(SinkRuntime::close);
    producer.close(Duration.ofSeconds(2));
  }

  @Test
  void givenFactsOfEveryKind_whenStored_thenEveryColumnIsWhatTheEventSaid() throws Exception {
    SinkRuntime sink = sink();
    int number = 0;
    for (Object detail : Facts.everyKind()) {
      send(Facts.fact("kind-" + number++, Facts.NOON, 123_456_789L, detail));
    }

    awaitCount("usage_costs", Facts.everyKind().size());
    assertThat(
            tsv(
                "SELECT replaceAll(toString(event_key), '-', '') ="
                    + " lower(substring(hex(SHA256(concat(source, char(0), event_id))), 1, 32)),"
                    + " event_id, source, event_time, day,"
                    + " ingested_at, team, project, feature, customer, user, environment, region,"
                    + " request_id, trace_id, tags, warning, provider_api, provider_usage,"
                    + " pricing_status, price_id, price_version, cost,"
                    + " list_cost, avoided_cost, revision, rated_at, kafka_offset >= 0 FROM"
                    + " usage_costs WHERE event_id = 'kind-0'"))
        .containsExactly(
            "1\tkind-0\ttest\t2026-11-20 12:00:00.123456\t2026-11-20\t2026-11-20"
                + " 12:00:00.123461\tsearch\tshop\trank\tacme\tZoë\tprod\teu\tr-1\tt-1\t{'k':'v'}\tmore cached than prompt\topenai.chat\t{\"prompt_tokens\":1}\tPRICED\topenai/gpt\t2\t0.000123456789\t0.00012345679\t-0.000000000003\t1\t2026-11-20"
                + " 12:00:00.123465\t1");
    assertThat(
            tsv(
                "SELECT type, provider, model, baseline_model, operation, service_tier, batch,"
                    + " status, latency_ms, input_tokens, cache_read_tokens, cache_write_5m_tokens,"
                    + " cache_write_1h_tokens, output_tokens, reasoning_tokens, input_audio_tokens,"
                    + " output_audio_tokens, input_image_tokens, output_image_tokens, requests,"
                    + " web_searches, images, characters, media_seconds, pages,"
                    + " prompt_cache_saved, tier_saved FROM usage_costs WHERE event_id = 'kind-0'"))
        .containsExactly(
            "io.outlay.llm.usage\topenai\tgpt\to3\tchat\tflex\ttrue\tok\t812\t1\t2\t3\t4\t5\t6\t7\t8\t9\t10\t11\t12"
                + "\t13\t14\t15\t16\t-0.000000000004\t\\N");
    assertThat(
            tsv(
                "SELECT type, provider, model, gpu_model, gpu_seconds, utilization, instance_type,"
                    + " cpu_seconds, memory_gb_seconds, purchase_option, node, workload, seconds"
                    + " FROM usage_costs WHERE event_id IN ('kind-1', 'kind-2') ORDER BY event_id"))
        .containsExactly(
            "io.outlay.gpu.usage\taws\t\tH100\t1.5\t0.25\t\t0\t0\tspot\tnode-1\ttrain\t0",
            "io.outlay.compute.usage\tgcp\t\t\t0\t\\N\tm7i\t3\t4\treserved\t\t\t2");
    assertThat(
            tsv(
                "SELECT type, provider, model, cache_layer, cache_hit, avoided_input_tokens,"
                    + " avoided_output_tokens, input_tokens, requests, latency_ms FROM usage_costs"
                    + " WHERE event_id = 'kind-3'"))
        .containsExactly("io.outlay.cache.lookup\topenai\tgpt\texact\ttrue\t26\t29\t0\t0\t\\N");
    assertThat(
            tsv(
                "SELECT type, store, dataset, tier, from_tier, to_tier, bytes, seconds,"
                    + " network_path, provider FROM usage_costs WHERE event_id IN ('kind-4',"
                    + " 'kind-5', 'kind-6') ORDER BY event_id"))
        .containsExactly(
            "io.outlay.storage.move\tlake\tlogs\t\thot\tcold\t1000000000000000000\t0\t\t",
            "io.outlay.storage.usage\tlake\tlogs\twarm\t\t\t77\t86400\t\t",
            "io.outlay.network.transfer\t\t\t\t\t\t99\t0\tegress\tazure");
    assertThat(
            tsv(
                "SELECT type, model, metric, score, category, description, amount, currency FROM"
                    + " usage_costs WHERE event_id IN ('kind-7', 'kind-8') ORDER BY event_id"))
        .containsExactly(
            "io.outlay.quality.score\tgpt\tfaithfulness\t0.875\t\t\t0\tUSD",
            "io.outlay.cost.direct\t\t\t\\N\tpeople\thands\t-5.000000000001\tEUR");
    assertBalanced(sink, "costs", Facts.everyKind().size());
  }

  @Test
  void givenStateAndRollups_whenStored_thenTheLatestOfEachKeyShows() throws Exception {
    sink();
    List<Price> prices = PriceFile.shipped();
    for (Price price : prices) {
      send(Topics.PRICES, price.getId(), price);
    }
    send(Topics.PRICES, prices.get(0).getId(), null);
    send(Topics.INCIDENTS, "i-1", incident(IncidentStatus.OPEN));
    send(Topics.INCIDENTS, "i-1", incident(IncidentStatus.RESOLVED));
    send(Topics.BUDGET_STATES, "b-1", budget());
    send(Topics.LEDGER, "3", ledgerEntry(1, -1));
    send(Topics.LEDGER, "3", ledgerEntry(2, 4));
    Instant day = Instant.parse("2026-11-20T00:00:00Z");
    send(Topics.ROLLUPS, "r-1", Facts.rollup(RollupWindow.DAY, day, 1, "1.5"));
    send(Topics.ROLLUPS, "r-1", Facts.rollup(RollupWindow.DAY, day, 2, "99999999999.000000000001"));
    send(Topics.ROLLUPS, "r-2", Facts.rollup(RollupWindow.MINUTE, day, 1, "7"));
    send(Topics.ROLLUPS, "r-2", null);
    send(
        Topics.SCOPE_ROLLUPS,
        "s-1",
        Facts.scopeRollup(day, 1, Map.of("customer", "a=b", "team", "")));
    send(
        Topics.SCOPE_ROLLUPS,
        "s-1",
        Facts.scopeRollup(day, 2, Map.of("customer", "a=b", "team", "")));
    send(Topics.SCOPE_ROLLUPS, "s-1", null);

    awaitCount("prices", prices.size() - 1L);
    awaitCount("incidents", 1);
    assertThat(
            tsv(
                "SELECT metric, impact_usd, projected_usd, confidence, notes, causes, volume_usd,"
                    + " children, acknowledged_by, acknowledged_at, silenced_until, resolution,"
                    + " resolved_by, reopened FROM incidents"))
        .containsExactly(
            "cost\t50.5\t\\N\t0.43\t['a note']\t[('customer','acme',30,0.5941)]\t1.5\t"
                + "[({'model':'gpt'},20)]\tmira\t1970-01-01 00:00:00.000008\t\\N\tby-hand\tmira\t2");
    awaitCount("budget_states", 1);
    awaitCount("cost_rollups", 2);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        tsv(
                            "SELECT window, window_start, day, cut, scope, scope_text, events,"
                                + " gpu_idle_cost, score_millionths, revision FROM scope_rollups"))
                    .containsExactly(
                        "hour\t2026-11-20 00:00:00.000000\t2026-11-20\tcustomer+team\t"
                            + "{'customer':'a=b','team':''}\tcustomer=a%3Db&team=\t2\t"
                            + "0.000000000015\t19\t2"));
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        tsv(
                            "SELECT incident_id, status, severity, scope, window_start, actual_usd,"
                                + " resolved_at, notifications FROM incidents"))
                    .containsExactly(
                        "i-1\tresolved\tcritical\t{'team':'search'}\t1970-01-01"
                            + " 00:00:00.000001\t150.5\t1970-01-01"
                            + " 00:00:00.000006\t[('oncall','m-1',1,2,'1970-01-01"
                            + " 00:00:00.000007','')]"));
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(tsv("SELECT * FROM ledger"))
                    .containsExactly(
                        "3\t20\t11\t9\t4\t1\t2\t3\t4\t5\t{'too_late':1}\t"
                            + "99999999999.000000000001\t2.5\t-1.5\t2\t1970-01-01"
                            + " 00:00:00.000009"));
    assertThat(
            tsv(
                "SELECT name, scope, limit_usd, level, timezone, forecast_usd, forecast_level, hard,"
                    + " as_of, revision FROM budget_states"))
        .containsExactly(
            "b-1\t{'team':'search'}\t1000\tdegrade\tEurope/Berlin\t1200.5\texhausted\ttrue\t"
                + "1970-01-01 00:00:00.000004\t7");
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(tsv("SELECT day, team, events, cost, avoided_cost FROM spend_by_day"))
                    .containsExactly("2026-11-20\tsearch\t2\t99999999999.000000000001\t-1.5"));
    assertThat(
            tsv(
                "SELECT status_events, errors, latency_events, latency_millis, gpu_millis,"
                    + " gpu_measured_millis, gpu_busy_millis, gpu_idle_cost, cache_lookups,"
                    + " cache_hits, score_events, score_millionths FROM signals_by_day"))
        .containsExactly("8\t9\t10\t11\t12\t13\t14\t0.000000000015\t16\t17\t18\t19");
    assertThat(
            tsv(
                "SELECT id, kind, arrayMap(r -> (r.meter, r.amount), rates) FROM prices WHERE id ="
                    + " 'openai/gpt-4o'"))
        .containsExactly(
            "openai/gpt-4o\tmodel\t[('input_tokens',2.5),('cache_read_tokens',1.25),('output_tokens',10)]");
  }

  @Test
  void givenPricesWithEveryRule_whenStored_thenTheViewShowsAllOfIt() throws Exception {
    sink();
    String file =
        """
        format: outlay-prices/1
        models:
          - {provider: lab, model: owl, match: prefix, aliases: [eule, hibou], region: eu-west-1, team: search,
             customer: acme, from: 2026-01-01, to: 2026-07-01, rates: {input: 2, output: 8}, currency: EUR,
             above: [{inputTokens: 1000, rates: {input: 3, output: 9}}],
             daily: [{from: "16:30", to: "00:30", rates: {input: 1, output: 4}}],
             tiers: {flex: {rates: {input: 1.5, output: 6}}, batch: {multiplier: 0.5}}, regions: {"eu*": 1.1, us: 0.999999}}
        exchangeRates:
          - {currency: EUR, from: 2026-01-01, usd: 1.0853}
        discounts:
          - {provider: lab, team: shop, percent: 12.5}
        """;
    for (Price price : PriceFile.read(new StringReader(file), "contract")) {
      send(Topics.PRICES, price.getId(), price);
    }

    awaitCount("prices", 3);
    assertThat(
            tsv(
                "SELECT kind, provider, name, match, aliases, region, team, customer, valid_from,"
                    + " valid_to, currency, tier_multipliers, region_multipliers, discount FROM"
                    + " prices ORDER BY kind"))
        .containsExactly(
            "discount\tlab\t\tprefix\t[]\t\tshop\t\t\\N\t\\N\tUSD\t{}\t{}\t0.125",
            "exchange_rate\t\tEUR\texact\t[]\t\t\t\t2026-01-01 00:00:00.000000\t\\N\tUSD\t{}\t{}\t0",
            "model\tlab\towl\tprefix\t['eule','hibou']\teu-west-1\tsearch\tacme\t2026-01-01"
                + " 00:00:00.000000\t2026-07-01 00:00:00.000000\tEUR\t{'batch':0.5}"
                + "\t{'eu*':1.1,'us':0.999999}\t0");
    assertThat(
            tsv(
                "SELECT r.service_tier, r.above_input_tokens, r.from_minute, r.to_minute, r.meter,"
                    + " r.amount FROM prices ARRAY JOIN rates AS r ORDER BY ALL"))
        .containsExactly(
            "\t0\t0\t1440\tcurrency_units\t1.0853",
            "\t0\t0\t1440\tinput_tokens\t2",
            "\t0\t0\t1440\toutput_tokens\t8",
            "\t0\t990\t30\tinput_tokens\t1",
            "\t0\t990\t30\toutput_tokens\t4",
            "\t1000\t0\t1440\tinput_tokens\t3",
            "\t1000\t0\t1440\toutput_tokens\t9",
            "flex\t0\t0\t1440\tinput_tokens\t1.5",
            "flex\t0\t0\t1440\toutput_tokens\t6");
  }

  @Test
  void givenACrashBetweenInsertAndCommit_whenStartedAgain_thenNoRowIsStoredTwice()
      throws Exception {
    sink().close(); // the topics exist now; what waits in them is one range for each partition
    sendFacts(0, 500);
    SinkRuntime first = sink();
    awaitCount("usage_costs", 500);
    await()
        .atMost(PATIENCE)
        .until(() -> committed().values().stream().mapToLong(c -> c.offset()).sum() == 500);
    Map<TopicPartition, OffsetAndMetadata> finished = committed();
    first.close();

    // What the group would hold had the worker died after its inserts: the announcements alone.
    Uuid topicId;
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      String topic = Topics.COSTS.name(prefix);
      topicId = admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).topicId();
      Map<TopicPartition, OffsetAndMetadata> announced = new HashMap<>();
      for (TopicPartition source : finished.keySet()) {
        List<String> row =
            tsv(
                "SELECT min(kafka_offset), max(kafka_offset) + 1 FROM usage_costs_store WHERE"
                    + " kafka_partition = "
                    + source.partition());
        String[] range = row.get(0).split("\t");
        announced.put(
            source,
            new OffsetAndMetadata(
                Long.parseLong(range[0]),
                new RangePlan(topicId, Long.parseLong(range[1])).toMetadata()));
      }
      // Only ranges that were one insert have one token to be recognised by.
      assertThat(counters(first, "costs").batches().sum()).isEqualTo(announced.size());
      admin.alterConsumerGroupOffsets(prefix + "sink.costs", announced).all().get();
    }

    SinkRuntime second = sink();
    sendFacts(500, 600);
    awaitCount("usage_costs", 600);
    await().atMost(PATIENCE).until(() -> counters(second, "costs").read().sum() == 600);
    assertThat(counters(second, "costs").replayed().sum()).isEqualTo(500);
    assertThat(tsv("SELECT count(), uniqExact(event_key) FROM usage_costs_store"))
        .containsExactly("600\t600");
  }

  @Test
  void givenOffsetsThatWereSetBack_whenReadAgain_thenReadersSeeEveryEventOnce() throws Exception {
    SinkRuntime first = sink();
    sendFacts(0, 300);
    awaitCount("usage_costs", 300);
    await()
        .atMost(PATIENCE)
        .until(() -> committed().values().stream().mapToLong(c -> c.offset()).sum() == 300);
    Map<TopicPartition, OffsetAndMetadata> finished = committed();
    first.close();
    Map<TopicPartition, OffsetAndMetadata> back = new HashMap<>();
    finished.keySet().forEach(source -> back.put(source, new OffsetAndMetadata(1)));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      admin.alterConsumerGroupOffsets(prefix + "sink.costs", back).all().get();
    }

    SinkRuntime second = sink();
    await()
        .atMost(PATIENCE)
        .until(() -> counters(second, "costs").inserted().sum() == 300 - finished.size());
    assertThat(tsv("SELECT count() > 300 FROM usage_costs_store")).containsExactly("1");
    assertThat(tsv("SELECT count(), sum(cost) FROM usage_costs"))
        .containsExactly("300\t" + sumOfCosts(300));
  }

  @Test
  void givenTwoSinks_whenOneLeavesAmidTheLoad_thenEveryEventIsStoredOnce() throws Exception {
    SinkRuntime first = sink();
    SinkRuntime second = sink();
    sendFacts(0, 2_000);
    first.close();
    sendFacts(2_000, 4_000);

    awaitCount("usage_costs", 4_000);
    assertThat(tsv("SELECT count(), sum(cost) FROM usage_costs"))
        .containsExactly("4000\t" + sumOfCosts(4_000));
    assertThat(tsv("SELECT count() FROM usage_costs_store")).containsExactly("4000");
    second.close();
  }

  @Test
  void givenRecordsThatAreNone_whenRead_thenTheyAreDeadLettersAndTheRestIsStored()
      throws Exception {
    SinkRuntime sink = sink();
    sendFacts(0, 10);
    String topic = Topics.COSTS.name(prefix);
    producer.send(new ProducerRecord<>(topic, 0, new byte[] {1}, bytes("rubbish"))).get();
    producer.send(new ProducerRecord<>(topic, 0, null, new byte[0])).get();
    producer.send(new ProducerRecord<>(topic, 0, bytes("k"), null)).get();
    sendFacts(10, 20);

    awaitCount("usage_costs", 20);
    awaitCount("dead_letters", 3);
    assertThat(tsv("SELECT topic, reason, value, message != '' FROM dead_letters ORDER BY offset"))
        .containsExactly(
            topic + "\tunreadable\trubbish\t1",
            topic + "\tunreadable\t\t1",
            topic + "\tunreadable\t\t1");
    assertThat(counters(sink, "costs").deadLettered().sum()).isEqualTo(3);
    assertBalanced(sink, "costs", 20);
  }

  @Test
  void givenADeadLetterThatWasSentAgain_whenStored_thenItSaysWhen() throws Exception {
    sink();
    send(Topics.DEAD_LETTERS, "k", deadLetter(7));
    send(Topics.DEAD_LETTERS, "k", deadLetter(8));
    send(Topics.REPLAYS, "k", replay(7, Facts.NOON));
    send(Topics.REPLAYS, "k", replay(7, Facts.NOON));
    send(Topics.REPLAYS, "of no letter", replay(9, Facts.NOON));
    send(Topics.REPLAYS, "of no time", replay(10, Instant.EPOCH));

    awaitCount("replays", 2);
    awaitCount("dead_letters", 3);
    assertThat(
            tsv(
                "SELECT topic, offset, reason, value, replayed_at FROM dead_letters WHERE topic ="
                    + " 't.usage' ORDER BY offset"))
        .containsExactly(
            "t.usage\t7\twrong_key\tv\t2026-11-20 12:00:00.000000",
            "t.usage\t8\twrong_key\tv\t\\N");
    assertThat(
            tsv(
                "SELECT topic, partition, offset, reason, dead_letter_partition,"
                    + " dead_letter_offset, key_corrected, replayed_at, replayed_by, why FROM"
                    + " replays ORDER BY offset LIMIT 1"))
        .containsExactly(
            "t.usage\t2\t7\twrong_key\t3\t70\ttrue\t2026-11-20 12:00:00.000000\tada\tkeys"
                + " mended");
    assertThat(tsv("SELECT message FROM dead_letters WHERE topic != 't.usage'"))
        .containsExactly("replayedAt must be between 2000 and 2100, was 0 microseconds since 1970");
  }

  @Test
  void givenATransactionThatWasAborted_whenRead_thenNothingOfItIsStored() throws Exception {
    sink();
    try (KafkaProducer<byte[], byte[]> transactional = producer(name)) {
      transactional.initTransactions();
      transactional.beginTransaction();
      transactional.send(record(Facts.fact("aborted", Facts.NOON, 1))).get();
      transactional.abortTransaction();
      transactional.beginTransaction();
      transactional.send(record(Facts.fact("committed", Facts.NOON, 2))).get();
      transactional.commitTransaction();
    }

    awaitCount("usage_costs", 1);
    assertThat(tsv("SELECT event_id FROM usage_costs")).containsExactly("committed");
  }

  @Test
  void givenClickHouseKilledAmidTheLoad_whenItReturns_thenEverythingIsStoredOnce()
      throws Exception {
    SinkRuntime sink = sink();
    sendFacts(0, 1_000);
    awaitCount("usage_costs", 1_000);

    clickHouse.kill();
    try {
      sendFacts(1_000, 3_000);
      await()
          .atMost(Duration.ofSeconds(10))
          .until(
              () -> failing(sink).stream().anyMatch(status -> status.what().equals("ClickHouse")));
    } finally {
      clickHouse.start();
    }
    await().atMost(Duration.ofSeconds(10)).until(() -> failing(sink).isEmpty());

    awaitCount("usage_costs", 3_000);
    assertThat(tsv("SELECT count(), uniqExact(event_key) FROM usage_costs_store"))
        .containsExactly("3000\t3000");
    assertBalanced(sink, "costs", 3_000);
  }

  @Test
  void givenAnswersThatAreLostAfterTheInsert_whenRepeated_thenEveryEventIsStoredOnce()
      throws Exception {
    try (ClickHouseProxy proxy = new ClickHouseProxy(clickHouse.url(), "usage_costs_store")) {
      SinkRuntime sink = sink(proxy.url());
      for (int i = 0; i < 3; i++) {
        proxy.loseAnswer();
      }
      sendFacts(0, 1_000);

      assertBalanced(sink, "costs", 1_000);
      assertThat(proxy.struck()).isEqualTo(3);
      assertThat(sink.retries().get("costs").sum()).isEqualTo(3);
      assertThat(tsv("SELECT count(), uniqExact(event_key) FROM usage_costs_store"))
          .containsExactly("1000\t1000");
      sink.close();
    }
  }

  @Test
  void givenClickHouseThatIsReadOnlyForAWhile_whenItTakesRowsAgain_thenEveryEventIsStoredOnce()
      throws Exception {
    try (ClickHouseProxy proxy = new ClickHouseProxy(clickHouse.url(), "usage_costs_store")) {
      SinkRuntime sink = sink(proxy.url());
      for (int i = 0; i < 20; i++) {
        proxy.refuse(242, "Table is in readonly mode (TABLE_IS_READ_ONLY)");
      }
      sendFacts(0, 1_000);

      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  failing(sink).stream()
                      .anyMatch(
                          status ->
                              status.what().equals("inserting costs")
                                  && status.reason().contains("TABLE_IS_READ_ONLY")));
      assertBalanced(sink, "costs", 1_000);
      assertThat(failing(sink)).isEmpty();
      assertThat(tsv("SELECT count(), uniqExact(event_key) FROM usage_costs_store"))
          .containsExactly("1000\t1000");
      sink.close();
    }
  }

  @Test
  void givenATableWithTooManyParts_whenTheyAreMerged_thenEveryEventIsStoredOnce() throws Exception {
    SinkRuntime sink = sink();
    sendFacts(0, 100);
    assertBalanced(sink, "costs", 100);
    command("ALTER TABLE " + name + ".usage_costs_store MODIFY SETTING parts_to_throw_insert = 1");
    sendFacts(100, 1_000);
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                failing(sink).stream()
                    .anyMatch(status -> status.reason().contains("TOO_MANY_PARTS")));
    command("ALTER TABLE " + name + ".usage_costs_store RESET SETTING parts_to_throw_insert");

    assertBalanced(sink, "costs", 1_000);
    await().atMost(PATIENCE).until(() -> failing(sink).isEmpty());
    assertThat(tsv("SELECT count(), uniqExact(event_key) FROM usage_costs_store"))
        .containsExactly("1000\t1000");
  }

  @Test
  void givenAStalledWriter_whenItsInsertComesAfterThatOfItsSuccessor_thenItChangesNothing()
      throws Exception {
    CountDownLatch released = new CountDownLatch(1);
    try (ClickHouseProxy proxy = new ClickHouseProxy(clickHouse.url(), "usage_costs_store")) {
      SinkRuntime stalled = sink(proxy.url());
      for (int partition = 0; partition < 2; partition++) {
        proxy.holdUntil(released);
      }
      sendFacts(0, 500);
      await().atMost(PATIENCE).until(() -> proxy.struck() == 2);
      // Gives up waiting for its inserts, as a group gives up on a member that is silent.
      stalled.close();
      SinkRuntime successor = sink();
      assertBalanced(successor, "costs", 500);
      assertThat(counters(successor, "costs").replayed().sum()).isPositive();

      released.countDown();
      await().atMost(PATIENCE).until(() -> proxy.passed() == 2);

      assertThat(tsv("SELECT count(), uniqExact(event_key) FROM usage_costs_store"))
          .containsExactly("500\t500");
    }
  }

  @Test
  void givenAnInsertThatHangs_whenMoreComes_thenNotReadyAndBoundedAndAllIsStoredOnceAfterwards()
      throws Exception {
    CountDownLatch released = new CountDownLatch(1);
    try (ClickHouseProxy proxy = new ClickHouseProxy(clickHouse.url(), "usage_costs_store")) {
      SinkRuntime sink = sink(proxy.url());
      for (int partition = 0; partition < 2; partition++) {
        proxy.holdUntil(released);
      }
      sendFacts(0, 40_000);
      await().atMost(PATIENCE).until(() -> proxy.struck() == 2);

      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(SinkHealth.problems(sink).toString()).contains("costs=inserting for"));
      released.countDown();

      assertBalanced(sink, "costs", 40_000);
      await().atMost(PATIENCE).until(() -> SinkHealth.problems(sink).isEmpty());
      assertThat(tsv("SELECT count(), uniqExact(event_key) FROM usage_costs_store"))
          .containsExactly("40000\t40000");
      sink.close();
    }
  }

  @Test
  void givenAFewEvents_whenSentOneByOne_thenEachCanBeQueriedWithinTwoSeconds() throws Exception {
    sink();
    send(Facts.fact("warm", Facts.NOON, 1));
    awaitCount("usage_costs", 1);

    for (int i = 0; i < 10; i++) {
      send(Facts.fact("quick-" + i, Facts.NOON, 1));
      int expected = i + 2;
      await()
          .atMost(Duration.ofSeconds(2))
          .pollInterval(Duration.ofMillis(50))
          .until(() -> tsv("SELECT count() FROM usage_costs").get(0).equals("" + expected));
    }
  }

  @Test
  void givenThePackagedProgram_whenKilledAmidTheLoad_thenEveryEventIsStoredOnce(@TempDir Path logs)
      throws Exception {
    int port = freePort();
    Process program = program(port, logs);
    try {
      await().atMost(PATIENCE).until(() -> status(port, "/q/health/ready") == 200);
      for (int round = 0; round < 2; round++) {
        sendFacts(round * 3_000, round * 3_000 + 3_000);
        int atLeast = round * 3_000 + 1;
        await()
            .atMost(PATIENCE)
            .pollInterval(Duration.ofMillis(10))
            .until(
                () -> Integer.parseInt(tsv("SELECT count() FROM usage_costs").get(0)) >= atLeast);
        program.destroyForcibly().waitFor();
        program = program(port, logs);
      }
      sendFacts(6_000, 7_000);

      awaitCount("usage_costs", 7_000);
      assertThat(tsv("SELECT count(), sum(cost) FROM usage_costs_store"))
          .containsExactly("7000\t" + sumOfCosts(7_000));
      await().atMost(PATIENCE).until(() -> status(port, "/q/health/ready") == 200);
      assertThat(get(port, "/q/metrics").body())
          .contains("outlay_sink_rows_inserted_total{topic=\"" + prefix + "costs\"")
          .contains("outlay_sink_lag{topic=\"" + prefix + "costs\"")
          .contains("outlay_sink_works{what=\"ClickHouse\"")
          .contains("outlay_audit_balanced{equation=\"facts\"} 1")
          .contains("outlay_audit_last_run_seconds ");

      // These facts were written by this test: no ledger knows them.
      HttpResponse<String> audit = get(port, "/v1/audit?wait=30");
      assertThat(audit.statusCode()).as(audit.body()).isEqualTo(200);
      assertThat(audit.headers().firstValue("Content-Type").orElseThrow())
          .contains("application/json");
      assertThat(audit.body())
          .startsWith("{\"status\":\"differs\",\"scope\":\"all\"")
          .contains(
              "{\"what\":\"facts\",\"left\":\"0\",\"right\":\"7000\",\"difference\":\"7000\",\"status\":\"differs\"}");
      assertThat(get(port, "/q/metrics").body())
          .contains("outlay_audit_balanced{equation=\"facts\"} 0")
          .contains("outlay_audit_balanced{equation=\"usage\"} 1");
      assertThat(get(port, "/v1/audit?wait=-1").statusCode()).isEqualTo(400);

      program.destroy();
      assertThat(program.waitFor(10, TimeUnit.SECONDS)).as("ends when asked to").isTrue();
    } finally {
      program.destroyForcibly();
    }
  }

  private Process program(int port, Path logs) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-jar",
            Path.of("target/quarkus-app/quarkus-run.jar").toString());
    builder.environment().putAll(environment(clickHouse.url()));
    builder.environment().put("OUTLAY_SINK_PORT", Integer.toString(port));
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(logs.resolve("program.log").toFile()));
    return builder.start();
  }

  private static int status(int port, String path) throws InterruptedException {
    try {
      return get(port, path).statusCode();
    } catch (IOException e) {
      return 0; // not listening yet
    }
  }

  private static HttpResponse<String> get(int port, String path)
      throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
            HttpResponse.BodyHandlers.ofString());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private Map<String, String> environment(URI clickHouseUrl) {
    return Map.of(
        "OUTLAY_KAFKA_BOOTSTRAPSERVERS",
        kafka.bootstrapServers(),
        "OUTLAY_KAFKA_TOPICPREFIX",
        prefix,
        "OUTLAY_KAFKA_PARTITIONS",
        "2",
        "OUTLAY_REGISTRY_URL",
        registry.url().toString(),
        "OUTLAY_CLICKHOUSE_URL",
        clickHouseUrl.toString(),
        "OUTLAY_CLICKHOUSE_DATABASE",
        name);
  }

  private SinkRuntime sink() {
    return sink(clickHouse.url());
  }

  private SinkRuntime sink(URI clickHouseUrl) {
    OutlayConfig config = ConfigChecks.load(null, environment(clickHouseUrl));
    List<String> fatal = new ArrayList<>();
    SinkRuntime runtime = new SinkRuntime(config, worker -> nanos -> {}, started -> {}, fatal::add);
    running.add(runtime);
    runtime.start();
    await().atMost(PATIENCE).until(() -> runtime.waitingFor().isEmpty());
    assertThat(fatal).isEmpty();
    return runtime;
  }

  private static List<Status> failing(SinkRuntime sink) {
    return sink.statuses().stream().filter(status -> !status.isWorking()).toList();
  }

  private TopicCounters counters(SinkRuntime sink, String topic) {
    return sink.workers().stream()
        .map(SinkWorker::counters)
        .filter(counters -> counters.containsKey(prefix + topic))
        .findFirst()
        .orElseThrow()
        .get(prefix + topic);
  }

  private void assertBalanced(SinkRuntime sink, String topic, long rows) {
    TopicCounters counters = counters(sink, topic);
    await().atMost(PATIENCE).until(() -> counters.inserted().sum() == rows);
    assertThat(counters.read().sum())
        .isEqualTo(
            counters.inserted().sum() + counters.skipped().sum() + counters.deadLettered().sum());
  }

  private Map<TopicPartition, OffsetAndMetadata> committed() {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      return admin
          .listConsumerGroupOffsets(prefix + "sink.costs")
          .partitionsToOffsetAndMetadata()
          .get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private void sendFacts(int from, int to) throws Exception {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (int i = from; i < to; i++) {
      sent.add(producer.send(record(Facts.fact("id-" + i, Facts.NOON, 1_000_000_000_001L * i))));
    }
    producer.flush();
    for (Future<RecordMetadata> acknowledgement : sent) {
      acknowledgement.get();
    }
  }

  private static String sumOfCosts(int events) {
    return BigDecimal.valueOf(1_000_000_000_001L, Money.SCALE)
        .multiply(BigDecimal.valueOf(events * (events - 1L) / 2))
        .stripTrailingZeros()
        .toPlainString();
  }

  private void send(CostRecord fact) throws Exception {
    producer.send(record(fact)).get();
  }

  private ProducerRecord<byte[], byte[]> record(CostRecord fact) {
    return new ProducerRecord<>(Topics.COSTS.name(prefix), Facts.key(fact), costs.encode(fact));
  }

  private <V extends SpecificRecord> void send(Topic<V> topic, String key, @Nullable V value)
      throws Exception {
    producer
        .send(
            new ProducerRecord<>(
                topic.name(prefix), bytes(key), value == null ? null : codec(topic).encode(value)))
        .get();
  }

  private <V extends SpecificRecord> AvroCodec<V> codec(Topic<V> topic) {
    @SuppressWarnings("unchecked") // put there under the topic that it is for
    AvroCodec<V> codec =
        (AvroCodec<V>) codecs.computeIfAbsent(topic, t -> AvroCodec.of(topic, prefix, schemas));
    return codec;
  }

  private static KafkaProducer<byte[], byte[]> producer(@Nullable String transactionalId) {
    Map<String, Object> properties = new HashMap<>();
    properties.put("bootstrap.servers", kafka.bootstrapServers());
    properties.put("acks", "all");
    if (transactionalId != null) {
      properties.put("transactional.id", transactionalId);
    }
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private void awaitCount(String table, long expected) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .ignoreExceptions()
        .untilAsserted(
            () ->
                assertThat(tsv("SELECT count() FROM " + table))
                    .containsExactly(Long.toString(expected)));
  }

  private List<String> tsv(String sql) throws Exception {
    String qualified = sql.replaceAll("\\b(FROM) ", "$1 " + name + ".");
    try (QueryResponse response = client.query(qualified + " FORMAT TabSeparated").get()) {
      return new String(response.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .toList();
    }
  }

  private static void command(String sql) throws Exception {
    client.query(sql).get().close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Incident incident(IncidentStatus status) {
    return Incident.newBuilder()
        .setIncidentId("i-1")
        .setDedupKey("d-1")
        .setStatus(status)
        .setSeverity(IncidentSeverity.CRITICAL)
        .setRule("daily")
        .setRuleType("spend-ratio")
        .setThreshold("1.2")
        .setScope(Map.of("team", "search"))
        .setWindowStartMicros(1)
        .setWindowEndMicros(2)
        .setTimezone("UTC")
        .setActualUsd(new BigDecimal("150.500000000000"))
        .setExpectedUsd(new BigDecimal("100.000000000000"))
        .setStartedAtMicros(3)
        .setDetectedAtMicros(4)
        .setUpdatedAtMicros(5)
        .setResolvedAtMicros(status == IncidentStatus.RESOLVED ? 6L : null)
        .setStates(1)
        .setImpactUsd(new BigDecimal("50.500000000000"))
        .setConfidence(new BigDecimal("0.4300"))
        .setNotes(List.of("a note"))
        .setCauses(
            List.of(
                IncidentCause.newBuilder()
                    .setDimension("customer")
                    .setValue("acme")
                    .setDeltaUsd(new BigDecimal("30.000000000000"))
                    .setShare(new BigDecimal("0.5941"))
                    .build()))
        .setDrivers(
            IncidentDrivers.newBuilder()
                .setVolumeUsd(new BigDecimal("1.500000000000"))
                .setUnitPriceUsd(new BigDecimal("48.000000000000"))
                .setMixUsd(new BigDecimal("1.000000000000"))
                .build())
        .setChildren(
            List.of(
                IncidentChild.newBuilder()
                    .setScope(Map.of("model", "gpt"))
                    .setImpactUsd(new BigDecimal("20.000000000000"))
                    .build()))
        .setAcknowledgedBy("mira")
        .setAcknowledgedAtMicros(8L)
        .setResolution("by-hand")
        .setResolvedBy("mira")
        .setReopened(2)
        .setNotifications(
            List.of(
                Notification.newBuilder()
                    .setReceiver("oncall")
                    .setMessageId("m-1")
                    .setState(1)
                    .setBody("{}")
                    .setContentType("application/json")
                    .setAttempts(2)
                    .setDeliveredAtMicros(7L)
                    .build()))
        .build();
  }

  private static DeadLetter deadLetter(long offset) {
    return DeadLetter.newBuilder()
        .setReason(DeadLetterReason.WRONG_KEY)
        .setMessage("m")
        .setTopic("t.usage")
        .setPartition(2)
        .setOffset(offset)
        .setTimestampMillis(1)
        .setValue(ByteBuffer.wrap(bytes("v")))
        .setFailedAtMicros(1)
        .build();
  }

  private static Replay replay(long offset, Instant at) {
    return Replay.newBuilder()
        .setTopic("t.usage")
        .setPartition(2)
        .setOffset(offset)
        .setReason(DeadLetterReason.WRONG_KEY)
        .setDeadLetterPartition(3)
        .setDeadLetterOffset(offset * 10)
        .setKeyCorrected(true)
        .setReplayedAtMicros(at.getEpochSecond() * 1_000_000)
        .setReplayedBy("ada")
        .setWhy("keys mended")
        .build();
  }

  private static LedgerEntry ledgerEntry(long revision, long firstSkipped) {
    return LedgerEntry.newBuilder()
        .setPartition(3)
        .setNextOffset(20)
        .setRecords(11)
        .setSkippedOffsets(9)
        .setFirstSkippedOffset(firstSkipped)
        .setPriced(1)
        .setUnpriced(2)
        .setFree(3)
        .setDuplicates(4)
        .setReplays(5)
        .setDeadLetters(Map.of("too_late", 1L))
        .setCost(new BigDecimal("99999999999.000000000001"))
        .setListCost(new BigDecimal("2.500000000000"))
        .setAvoidedCost(new BigDecimal("-1.500000000000"))
        .setRevision(revision)
        .setTimeMicros(9)
        .build();
  }

  private static BudgetState budget() {
    return BudgetState.newBuilder()
        .setName("b-1")
        .setScope(Map.of("team", "search"))
        .setPeriod("month")
        .setPeriodStartMicros(1)
        .setPeriodEndMicros(2)
        .setLimitUsd(new BigDecimal("1000.000000000000"))
        .setActualUsd(new BigDecimal("860.000000000000"))
        .setLevel(BudgetLevel.DEGRADE)
        .setUpdatedAtMicros(3)
        .setTimezone("Europe/Berlin")
        .setForecastUsd(new BigDecimal("1200.500000000000"))
        .setForecastLevel(BudgetLevel.EXHAUSTED)
        .setHard(true)
        .setAsOfMicros(4L)
        .setRevision(7)
        .build();
  }
}
