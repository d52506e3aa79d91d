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
import java.util.Map;
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

  /** When more spend than usual is meant to be: alerts are one step less severe. */
  List<Planned> planned();

  /** What may be spent in a calendar period, and who is told on the way there. */
  List<Budget> budgets();

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

    /** How far in the future an event may lie, for clocks that run ahead; at most a day. */
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

    /**
     * How often results are committed and become visible; the first after a pause at once, under
     * load a third as often.
     */
    @WithDefault("200ms")
    @WithConverter(DurationConverter.class)
    Duration commitInterval();

    /**
     * For how long an event's id is remembered at least: the retention or longer, so that a copy is
     * either known or too late.
     */
    @WithDefault("${outlay.streams.retention:35d}")
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

    /** {@code webhook}, {@code slack}, {@code pagerduty} or {@code alertmanager}. */
    String type();

    /** Address that is posted to; {@code pagerduty} has one of its own. */
    Optional<URI> url();

    /**
     * Signing secrets as Standard Webhooks write them, {@code whsec_} and base64 of 24 to 64 bytes:
     * one, or while it is being replaced several, each of which signs.
     */
    Optional<List<String>> secret();

    /** Integration key of a {@code pagerduty} service: 32 letters and digits. */
    Optional<String> routingKey();

    /** Age at which a message is given up. */
    @WithDefault("1h")
    @WithConverter(DurationConverter.class)
    Duration expiry();

    /** Receiver that is told instead while this one cannot be reached. */
    Optional<String> fallback();

    /** Failed attempts of a message before the fallback is told; it is told at once if given up. */
    @WithDefault("3")
    int fallbackAfter();

    /**
     * Whether a receiver that fails gets only the newest state of an incident once it works again.
     * Absent: not for {@code webhook}, but for all other types.
     */
    Optional<Boolean> collapse();

    /** Whether its address may be a loopback, private or link-local one. */
    @WithDefault("false")
    boolean allowPrivate();
  }

  /**
   * What is watched, and who is told. Which keys a type takes, and their defaults, {@link RuleType}
   * says.
   */
  interface Rule {
    String name();

    /** One of {@link RuleType#NAMES}. */
    String type();

    /** What it fires beyond: a multiple, a rate or a share, as the type has it. */
    Optional<BigDecimal> threshold();

    /** Length of the judged window: {@code 15m}, {@code 1h}, {@code 1d}, {@code 7d}, … */
    @WithConverter(DurationConverter.class)
    Optional<Duration> window();

    /** Length of the trailing baseline, whole windows. */
    @WithConverter(DurationConverter.class)
    Optional<Duration> baseline();

    /**
     * Dimensions, each judged for itself; several joined by {@code +} are judged together: {@code
     * team}, {@code customer}, {@code tags.tier}, {@code team+environment}, …
     */
    @WithDefault("team,model,feature")
    List<String> by();

    /** What must be at stake, in USD; below, nobody is told. */
    Optional<BigDecimal> minImpactUsd();

    /** Days of history that a scope must have before it is judged. */
    Optional<Integer> minHistoryDays();

    /** Requests, lookups or scores that a window must have before a ratio of them is judged. */
    Optional<Long> minCount();

    /** Spend that is the limit of a window, in USD. */
    Optional<BigDecimal> limitUsd();

    /**
     * How a baseline is made: {@code average} of the trailing windows, or {@code robust}: the
     * median of the same weekday, with flagged days left out.
     */
    Optional<String> method();

    /** Median absolute deviations beyond which the robust method fires, beside the threshold. */
    Optional<BigDecimal> deviations();

    /** Multiple of the spend four weeks ago beyond which slow growth fires; absent for never. */
    Optional<BigDecimal> drift();

    /** Spend of a window, in USD, from which a scope without history fires; absent for never. */
    Optional<BigDecimal> newScopeUsd();

    /** Whether a short history is judged with a wider threshold instead of not at all. */
    Optional<Boolean> learn();

    /** Severity at which it opens: {@code info}, {@code warning} or {@code critical}. */
    Optional<String> severity();

    /** What it is {@code critical} beyond, as the threshold is written. */
    Optional<BigDecimal> critical();

    /** Names of receivers. */
    List<String> receivers();
  }

  /** A stretch of time in which more spend than usual is meant to be. */
  interface Planned {
    /** For people. */
    String name();

    /** Start, inclusive: an instant, or a date in the time zone. */
    String from();

    /** End, exclusive. */
    String to();

    /** Scope it is for, by dimension; all where there is none. */
    Map<String, String> scope();
  }

  /** What a scope may spend in a calendar period. */
  interface Budget {
    /** Names it in addresses and in the topic of states. */
    String name();

    /** Scope it is for, by dimension; everything where there is none. */
    Map<String, String> scope();

    /** {@code day}, {@code week}, {@code month} or {@code quarter}. */
    String period();

    /** Time zone of the period; the stack's where there is none. */
    @WithConverter(ZoneConverter.class)
    Optional<ZoneId> timezone();

    /** What may be spent in a period, in USD. */
    BigDecimal limitUsd();

    /** Shares of the limit at which somebody is told, ascending. */
    @WithDefault("0.7,0.85,0.9,0.95,1.0")
    List<BigDecimal> thresholds();

    /** Whether gateways are to refuse requests once it is exhausted. */
    @WithDefault("false")
    boolean hard();

    /** Whether it is told too when the forecast reaches a threshold. */
    @WithDefault("true")
    boolean forecast();

    /** Names of receivers; nobody is told where there are none. */
    Optional<List<String>> receivers();
  }
}
