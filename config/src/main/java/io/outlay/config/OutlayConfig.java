package io.outlay.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;

/**
 * Everything that can be configured. In the file the keys stand as they are here, without the
 * prefix; in the environment {@code kafka.bootstrapServers} is {@code
 * OUTLAY_KAFKA_BOOTSTRAPSERVERS}. All programs read the same file and each takes its part, so that
 * a mistyped key is found by whichever starts first.
 */
@ConfigMapping(prefix = "outlay", namingStrategy = ConfigMapping.NamingStrategy.VERBATIM)
public interface OutlayConfig {
  /** Time zone of hours and days, an IANA name or an offset such as {@code +02:00}. */
  @WithDefault("UTC")
  @WithConverter(ZoneConverter.class)
  ZoneId timezone();

  /** Address that the programs listen on. */
  @WithDefault("127.0.0.1")
  String host();

  Kafka kafka();

  Registry registry();

  ClickHouse clickhouse();

  Collectors collectors();

  Streams streams();

  Sink sink();

  Detector detector();

  /** Who may publish. Without any, requests are taken from this machine only. */
  List<ApiKey> apiKeys();

  /** Whom usage belongs to whose source cannot name a team; the first entry that fits holds. */
  List<Attribution> attribution();

  Pullers pullers();

  /** Where alerts go. */
  List<Receiver> receivers();

  /** What is watched. */
  List<Rule> rules();

  /** How to reach Kafka. */
  interface Kafka {
    @WithDefault("127.0.0.1:9092")
    String bootstrapServers();

    /** Prefix of all topics. */
    @WithDefault("outlay.")
    String topicPrefix();

    /** Partitions of topics that carry traffic, when they are created. */
    @WithDefault("4")
    int partitions();
  }

  /** How to reach the schema registry. */
  interface Registry {
    /** Address of its Confluent-compatible API. */
    @WithDefault("http://127.0.0.1:8081/apis/ccompat/v7")
    URI url();
  }

  /** How to reach ClickHouse. */
  interface ClickHouse {
    @WithDefault("http://127.0.0.1:8123")
    URI url();

    @WithDefault("default")
    String user();

    Optional<String> password();

    @WithDefault("outlay")
    String database();
  }

  /** The ingest edge. */
  interface Collectors {
    @WithDefault("8080")
    int port();

    /** Largest request body, in bytes after decompression. */
    @WithDefault("16777216")
    int maxBodyBytes();

    /** Most events of one request. */
    @WithDefault("10000")
    int maxEvents();

    /** Largest line of NDJSON, in bytes; such a body may have any number of them. */
    @WithDefault("1048576")
    int maxLineBytes();

    /** Port of OTLP over gRPC. */
    @WithDefault("4317")
    int grpcPort();

    /**
     * Services, by {@code service.name}, whose OpenTelemetry metrics are counted instead of their
     * spans and logs, so that no call is counted twice. Each may end in {@code *}.
     */
    Optional<List<String>> otlpMetricsOf();

    /** Whether other machines may publish without a key; only where something else keeps them. */
    @WithDefault("false")
    boolean allowAnonymous();

    /** Where pullers remember what they saw. */
    @WithDefault(".outlay/collectors")
    Path stateDir();

    /** How long the broker may take to acknowledge before the request is answered 503. */
    @WithDefault("10s")
    @WithConverter(DurationConverter.class)
    Duration acknowledgeWithin();

    /** How far in the future an event may lie, for clocks that run ahead. */
    @WithDefault("5m")
    @WithConverter(DurationConverter.class)
    Duration maxFuture();
  }

  /** Who may publish. */
  interface ApiKey {
    /** For people and metrics. */
    String name();

    /** The secret, 16 to 256 visible ASCII characters. */
    String key();

    /** Team that everything published with it belongs to; absent if events may name any. */
    Optional<String> team();

    /** Events that may come in a second on average; absent for no limit. */
    Optional<Integer> eventsPerSecond();
  }

  /**
   * Whom usage belongs to: exactly one of {@code service}, {@code key} and {@code namespace} says
   * what it is found by. Each may end in {@code *}.
   */
  interface Attribution {
    /** {@code service.name} of OpenTelemetry. */
    Optional<String> service();

    /** Alias of a virtual key of an LLM gateway. */
    Optional<String> key();

    /** Kubernetes namespace of a workload. */
    Optional<String> namespace();

    String team();

    Optional<String> project();

    Optional<String> feature();

    Optional<String> environment();
  }

  /** What the collectors fetch by themselves. */
  interface Pullers {
    /** Exporters of GPU metrics. */
    List<GpuTarget> gpus();

    /** Listings of what is stored. */
    List<InventoryTarget> inventories();
  }

  /** A dcgm-exporter. */
  interface GpuTarget {
    /** Names the target in ids, so it must stay. */
    String name();

    /** Address of its Prometheus text. */
    URI url();

    /** How often it is read; each reading stands for so much time. */
    @WithDefault("15s")
    @WithConverter(DurationConverter.class)
    Duration interval();

    @WithDefault("5s")
    @WithConverter(DurationConverter.class)
    Duration timeout();

    /** Team of what no attribution names. */
    @WithDefault("unattributed")
    String team();

    /** {@code on_demand}, {@code spot} or {@code reserved}. */
    @WithDefault("on_demand")
    String purchaseOption();

    Optional<String> cloud();

    Optional<String> region();

    Optional<String> environment();
  }

  /** A listing of datasets, tiers and bytes, as CSV or JSON. */
  interface InventoryTarget {
    /** Names the target in ids, so it must stay. */
    String name();

    /** Address of the listing: http, https or file. */
    URI url();

    /** How often it is read; each reading stands for so much time. */
    @WithDefault("1h")
    @WithConverter(DurationConverter.class)
    Duration interval();

    @WithDefault("30s")
    @WithConverter(DurationConverter.class)
    Duration timeout();

    /** Store of rows that name none. */
    Optional<String> store();

    /** Team of rows that name none. */
    @WithDefault("unattributed")
    String team();

    Optional<String> region();

    Optional<String> environment();
  }

  /** The topology. */
  interface Streams {
    @WithDefault("8083")
    int port();

    /** Stream threads of this instance. */
    @WithDefault("2")
    int threads();

    /** How often results are committed and become visible. */
    @WithDefault("200ms")
    @WithConverter(DurationConverter.class)
    Duration commitInterval();

    /** For how long an event's id is remembered. */
    @WithDefault("24h")
    @WithConverter(DurationConverter.class)
    Duration dedupeHorizon();

    /** How late an event may be and still be counted; older ones become dead letters. */
    @WithDefault("35d")
    @WithConverter(DurationConverter.class)
    Duration retention();

    /**
     * Dimensions that sums are kept by, beside those that rules judge by: each entry one, or
     * several joined with {@code +}, such as {@code customer} and {@code region+team}.
     */
    Optional<List<String>> cuts();

    /** Where local state lives. */
    @WithDefault(".outlay/streams")
    Path stateDir();
  }

  /** Kafka to ClickHouse. */
  interface Sink {
    @WithDefault("8084")
    int port();

    /** Most rows of one insert. */
    @WithDefault("50000")
    int batchRows();

    /** How long rows wait for company before they are inserted. */
    @WithDefault("300ms")
    @WithConverter(DurationConverter.class)
    Duration linger();

    Audit audit();
  }

  /** Whether the books balance, checked by itself. */
  interface Audit {
    /** How often the recent books are checked; once a day all of them are. 0s for never. */
    @WithDefault("5m")
    @WithConverter(DurationConverter.class)
    Duration every();
  }

  /** Rules, incidents and their delivery. */
  interface Detector {
    @WithDefault("8082")
    int port();

    /** How often the rules are judged while spend changes. */
    @WithDefault("500ms")
    @WithConverter(DurationConverter.class)
    Duration evaluateEvery();

    /** Spend of a window that ended longer ago than this is history and pages nobody. */
    @WithDefault("1h")
    @WithConverter(DurationConverter.class)
    Duration maxAge();
  }

  /** Where alerts are sent. */
  interface Receiver {
    String name();

    /** {@code webhook}. */
    String type();

    URI url();

    /**
     * Signing secret as Standard Webhooks write it: {@code whsec_} and base64 of 24 to 64 bytes.
     */
    String secret();
  }

  /** What is watched, and who is told. */
  interface Rule {
    String name();

    /** {@code spend-ratio}. */
    String type();

    /** Fires above this multiple of the baseline. */
    @WithDefault("1.2")
    BigDecimal threshold();

    /** Length of the judged window: {@code 1d}. */
    @WithDefault("1d")
    @WithConverter(DurationConverter.class)
    Duration window();

    /** Length of the trailing baseline, whole days. */
    @WithDefault("7d")
    @WithConverter(DurationConverter.class)
    Duration baseline();

    /** Dimensions, each judged for itself: {@code team}, {@code model}, {@code feature}. */
    @WithDefault("team,model,feature")
    List<String> by();

    /** Spend above the baseline, in USD, below which nobody is told. */
    @WithDefault("1")
    BigDecimal minImpactUsd();

    /** Days of history that a scope must have before it is judged. */
    @WithDefault("3")
    int minHistoryDays();

    /** Names of receivers. */
    List<String> receivers();
  }
}
