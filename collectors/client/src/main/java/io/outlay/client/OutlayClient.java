package io.outlay.client;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Publishes usage events to Outlay's collectors in the background. One client serves all threads of
 * a process.
 *
 * <pre>{@code
 * import io.outlay.client.LlmUsage;
 * import io.outlay.client.OutlayClient;
 * import java.net.URI;
 * import java.nio.file.Path;
 *
 * class Example {
 *   public static void main(String[] args) {
 *     try (OutlayClient outlay =
 *         OutlayClient.builder()
 *             .endpoint(URI.create("http://127.0.0.1:8080"))
 *             .source("checkout")
 *             .defaults(all -> all.team("search").project("shop").environment("prod"))
 *             .spoolDirectory(Path.of("outlay-spool"))
 *             .build()) {
 *       outlay.publish(
 *           LlmUsage.of("openai", "gpt-4o")
 *               .feature("rerank")
 *               .requestId("r-1")
 *               .operation("chat")
 *               .inputTokens(1200)
 *               .cacheReadTokens(800)
 *               .outputTokens(300));
 *     }
 *   }
 * }
 * }</pre>
 *
 * <p>{@link #publish} never throws and never waits. It checks the event as the collector would,
 * writes it as JSON and puts it into a queue that is bounded by events and bytes; with {@link
 * SpoolMode#ALWAYS} it appends it to a file instead. What happens later is told to a {@link
 * ClientListener}, counted in {@link #stats()}, and logged.
 *
 * <p>A daemon thread sends batches, compressed. Timeouts, lost connections and answers 408, 425,
 * 429 and 5xx are tried again, with exponential backoff and full jitter, or when {@code
 * Retry-After} says so (ten minutes at most). A batch that is too large is halved. Events that the
 * collector rejects are reported, not tried again. Answers such as 401 or 404, which somebody has
 * to mend, keep the events and are tried again slowly. Ids are the same in every attempt, so that
 * nothing is counted twice.
 *
 * <p>With a spool directory, events go to disk while the collector is away, and survive the
 * process; the next client with that directory sends them, oldest first. Clients may share a
 * directory: each holds a sub-directory by a file lock, and adopts those whose process is gone.
 * Without one, events wait in memory, and those that find no room are dropped.
 *
 * <p>Copies of an event are recognised by the collector's side for 24 hours. A process killed
 * between an acknowledgement and the next write of the spool's position sends one batch again;
 * start the next client within that time.
 *
 * <p>Close the client before the process ends: its threads are daemons, and what is only in memory
 * ends with them.
 *
 * <p>Elapsed time is taken from {@link System#nanoTime()}; a clock that jumps changes no timeout.
 */
public final class OutlayClient implements AutoCloseable {
  private static final Logger LOG = System.getLogger("io.outlay.client");
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration CLOSE_GRACE = Duration.ofSeconds(1);
  private static final Duration NOTICE_GRACE = Duration.ofMillis(200);

  private final String source;
  private final Defaults defaults;
  private final Ids ids;
  private final InstantSource clock;
  private final LongSupplier ticker;
  private final int maxEventBytes;
  private final @Nullable Spool writeAhead;
  private final Inbox inbox;
  private final Books books = new Books();
  private final Notices notices;
  private final Sender sender;
  private final @Nullable ExecutorService httpThreads;
  private final AtomicBoolean closed = new AtomicBoolean();

  private OutlayClient(Builder builder, URI endpoint, String source) {
    Settings settings = builder.settings();
    this.source = source;
    this.defaults = builder.defaults;
    this.clock = builder.clock;
    this.ticker = builder.ticker;
    this.ids = new Ids(clock);
    // Brackets and a little air: a batch of one event always fits.
    this.maxEventBytes = Math.min(EventWriter.MAX_JSON, settings.maxBatchBytes() - 1_024);
    this.inbox = new Inbox(settings);
    this.notices = new Notices(builder.listener);
    Path directory = builder.spoolDirectory;
    Spool spool =
        directory == null
            ? null
            : Spool.open(
                directory,
                builder.maxSpoolBytes,
                builder.fsync,
                settings.maxBatchEvents(),
                books,
                notices,
                inbox::ring);
    this.writeAhead = settings.spoolMode() == SpoolMode.ALWAYS ? spool : null;
    HttpClient http = builder.httpClient;
    this.httpThreads =
        http == null ? Executors.newCachedThreadPool(daemons("outlay-client-http")) : null;
    this.sender =
        new Sender(
            settings,
            inbox,
            spool,
            books,
            notices,
            new HttpTransport(
                http == null ? httpClient(builder, httpThreads) : http,
                endpoint,
                builder.apiKey,
                builder.gzip,
                settings.requestTimeout()),
            new Backoff(settings.initialBackoff(), settings.maxBackoff(), builder.random),
            ticker,
            clock);
    daemons("outlay-client-sender").newThread(sender).start();
  }

  private static HttpClient httpClient(Builder builder, @Nullable ExecutorService threads) {
    HttpClient.Builder http =
        HttpClient.newBuilder()
            // An upgrade in the clear gains nothing for a few large requests.
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(builder.connectTimeout);
    return (threads == null ? http : http.executor(threads)).build();
  }

  private static ThreadFactory daemons(String name) {
    return task -> {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * Takes an event, with this client's source and defaults where it names none. Never throws, never
   * waits; a null or invalid event is {@code REJECTED} and reported.
   */
  public PublishResult publish(@Nullable EventBuilder<?> event) {
    String id = null;
    try {
      if (event == null) {
        return rejected(null, "$", "must be an event, was null");
      }
      id = event.givenId();
      return take(event.build(defaults, source, ids, clock.instant()));
    } catch (InvalidEventException e) {
      return rejected(id, e.field(), e.error());
    } catch (RuntimeException | Error e) {
      return rejected(id, "$", "could not be read: " + e);
    }
  }

  /** As {@link #publish(EventBuilder)}, for an event that is built; the client adds nothing. */
  public PublishResult publish(@Nullable Event event) {
    return event == null ? rejected(null, "$", "must be an event, was null") : take(event);
  }

  private PublishResult take(Event event) {
    String id = event.id();
    byte[] json = event.bytes();
    if (json.length > maxEventBytes) {
      return rejected(
          id, "$", "must have at most " + maxEventBytes + " bytes of JSON, had " + json.length);
    }
    if (closed.get()) {
      books.published(Books.Place.DROPPED);
      return dropped(id, "the client is closed");
    }
    // Booked before it is there, since the sender may be done with it before we are.
    Books.Place place = Books.Place.QUEUED;
    if (writeAhead != null) {
      books.published(Books.Place.SPOOLED);
      if (writeAhead.append(id, json, ticker.getAsLong())) {
        return new PublishResult(PublishResult.Status.SPOOLED, id, null, null);
      }
      books.move(Books.Place.SPOOLED, place, 1);
    } else {
      books.published(place);
    }
    if (inbox.offer(id, json, ticker.getAsLong())) {
      return new PublishResult(PublishResult.Status.QUEUED, id, null, null);
    }
    books.move(place, Books.Place.DROPPED, 1);
    return dropped(id, closed.get() ? "the client is closed" : "the queue is full");
  }

  private PublishResult rejected(@Nullable String id, String field, String error) {
    books.published(Books.Place.REJECTED);
    notices.rejected(new Rejection(id, field, error, false));
    return new PublishResult(PublishResult.Status.REJECTED, id, field, error);
  }

  private PublishResult dropped(String id, String reason) {
    notices.dropped(id, reason);
    return new PublishResult(PublishResult.Status.DROPPED, id, null, reason);
  }

  /** Counts up to now. */
  public DeliveryReport stats() {
    return books.report();
  }

  /**
   * Sends what waits without lingering. Returns when everything published before the call is
   * delivered or rejected, or is in the spool and the collector is known to be away; at the latest
   * after the timeout. An interrupt ends the wait early and stays set.
   */
  public DeliveryReport flush(Duration timeout) {
    sender.flush(timeout);
    return books.report();
  }

  /**
   * As {@link #close(Duration)} with five seconds; logs what is lost. Ask {@link #stats()} for the
   * numbers.
   */
  @Override
  public void close() {
    DeliveryReport report = close(CLOSE_TIMEOUT);
    if (report.queued() > 0) {
      LOG.log(Level.WARNING, report.queued() + " events were not delivered and are lost");
    }
  }

  /**
   * Takes no more events, delivers what it can until the timeout, and writes the rest into the
   * spool if there is one, for which it takes at most a second more. While the collector is away, a
   * client with a spool does not wait for it. Of the report, {@code spooled} events will be sent by
   * the next client with this spool; {@code queued} events are lost. Closing again does nothing.
   */
  public DeliveryReport close(Duration timeout) {
    if (closed.compareAndSet(false, true)) {
      sender.close(timeout, CLOSE_GRACE);
      notices.close(NOTICE_GRACE);
      if (httpThreads != null) {
        httpThreads.shutdown();
      }
    }
    return books.report();
  }

  /** Makes the sender look at the ticker again. */
  void wake() {
    inbox.ring();
  }

  /** Settings of a client. Only endpoint and source have to be given. */
  public static final class Builder {
    private static final int KIB = 1024;

    private final Defaults defaults = new Defaults();
    private @Nullable URI endpoint;
    private @Nullable String apiKey;
    private @Nullable String source;
    private int maxBatchEvents = 500;
    private int maxBatchBytes = KIB * KIB;
    private Duration linger = Duration.ofSeconds(1);
    private int maxQueueEvents = 50_000;
    private long maxQueueBytes = 32L * KIB * KIB;
    private int maxInFlight = 2;
    private boolean gzip = true;
    private Duration connectTimeout = Duration.ofSeconds(5);
    private Duration requestTimeout = Duration.ofSeconds(30);
    private Duration initialBackoff = Duration.ofMillis(200);
    private Duration maxBackoff = Duration.ofSeconds(30);
    private Duration refusedBackoff = Duration.ofMinutes(1);
    private @Nullable Path spoolDirectory;
    private long maxSpoolBytes = 256L * KIB * KIB;
    private SpoolMode spoolMode = SpoolMode.WHEN_AWAY;
    private boolean fsync;
    private ClientListener listener = new ClientListener() {};
    private @Nullable HttpClient httpClient;
    private InstantSource clock = InstantSource.system();
    private LongSupplier ticker = System::nanoTime;
    private DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();

    private Builder() {}

    /** Where the collectors listen, without {@code /v1/events}, such as {@code https://host}. */
    public Builder endpoint(URI value) {
      endpoint = value;
      return this;
    }

    /** Sent as a bearer token. Not given: none, which collectors accept on loopback only. */
    public Builder apiKey(@Nullable String value) {
      apiKey = value;
      return this;
    }

    /** Names this service, at most 256 characters; together with its id it identifies an event. */
    public Builder source(String value) {
      source = value;
      return this;
    }

    /** Attribution for events that name none. */
    public Builder defaults(Consumer<Defaults> values) {
      values.accept(defaults);
      return this;
    }

    /** Events of one request, 1 to 10,000; 500 if not given. */
    public Builder maxBatchEvents(int value) {
      maxBatchEvents = value;
      return this;
    }

    /**
     * JSON bytes of one request before compression, 4 KiB to 16 MiB; 1 MiB if not given. An event
     * must be 1 KiB smaller, and 1 MiB at most.
     */
    public Builder maxBatchBytes(int value) {
      maxBatchBytes = value;
      return this;
    }

    /** How long an event waits for others; a second if not given. */
    public Builder linger(Duration value) {
      linger = value;
      return this;
    }

    /** Events in memory, those under way included; 50,000 if not given. */
    public Builder maxQueueEvents(int value) {
      maxQueueEvents = value;
      return this;
    }

    /** Bytes in memory, those under way included; 32 MiB if not given. */
    public Builder maxQueueBytes(long value) {
      maxQueueBytes = value;
      return this;
    }

    /** Requests at the same time, 1 to 64; 2 if not given. */
    public Builder maxInFlight(int value) {
      maxInFlight = value;
      return this;
    }

    /** Whether bodies are compressed; they are if not given. */
    public Builder gzip(boolean value) {
      gzip = value;
      return this;
    }

    /** Five seconds if not given. */
    public Builder connectTimeout(Duration value) {
      connectTimeout = value;
      return this;
    }

    /** How long the collector may take to answer; 30 seconds if not given. */
    public Builder requestTimeout(Duration value) {
      requestTimeout = value;
      return this;
    }

    /**
     * Bounds of the random wait after failures: the first is below {@code initial} (200 ms if not
     * given), each doubles that, none is above {@code max} (30 s if not given).
     */
    public Builder backoff(Duration initial, Duration max) {
      initialBackoff = initial;
      maxBackoff = max;
      return this;
    }

    /** Longest wait where the collector refuses the client, as with 401; a minute if not given. */
    public Builder refusedBackoff(Duration value) {
      refusedBackoff = value;
      return this;
    }

    /**
     * Where events go while the collector is away; made if need be, readable for its owner only.
     * Not given: nowhere. It must be on a file system with working locks.
     */
    public Builder spoolDirectory(@Nullable Path value) {
      spoolDirectory = value;
      return this;
    }

    /** Bytes of this client on disk, at least 1 MiB; 256 MiB if not given. */
    public Builder maxSpoolBytes(long value) {
      maxSpoolBytes = value;
      return this;
    }

    /** {@link SpoolMode#WHEN_AWAY} if not given. */
    public Builder spoolMode(SpoolMode value) {
      spoolMode = value;
      return this;
    }

    /**
     * Whether what is appended is flushed to the device before it counts as spooled. Off if not
     * given: the death of the process then loses nothing, a loss of power may lose some seconds.
     */
    public Builder fsync(boolean value) {
      fsync = value;
      return this;
    }

    public Builder listener(ClientListener value) {
      listener = value;
      return this;
    }

    /** For proxies and certificates of your own; {@code connectTimeout} is then its business. */
    public Builder httpClient(@Nullable HttpClient value) {
      httpClient = value;
      return this;
    }

    /** Gives events their time and ids. */
    Builder clock(InstantSource value) {
      clock = value;
      return this;
    }

    /** Nanoseconds from an arbitrary point; measures every wait. */
    Builder ticker(LongSupplier value) {
      ticker = value;
      return this;
    }

    /** From 0 to below 1, for jitter. */
    Builder random(DoubleSupplier value) {
      random = value;
      return this;
    }

    /**
     * Starts the client.
     *
     * @throws IllegalArgumentException if a setting is missing or wrong; names it and the value
     * @throws java.io.UncheckedIOException if the spool directory cannot be used
     */
    public OutlayClient build() {
      URI uri = endpoint;
      if (uri == null) {
        throw new IllegalArgumentException("endpoint is required");
      }
      boolean http = "http".equalsIgnoreCase(uri.getScheme());
      boolean usable =
          (http || "https".equalsIgnoreCase(uri.getScheme()))
              && uri.getHost() != null
              && uri.getRawQuery() == null
              && uri.getRawFragment() == null;
      require(usable, "endpoint", "be such as https://host:8080", uri);
      String name = source;
      if (name == null) {
        throw new IllegalArgumentException("source is required");
      }
      defaults.check(name);
      if (apiKey != null && !apiKey.matches("[!-~]+")) {
        // Without the value: it is a secret.
        throw new IllegalArgumentException("apiKey must be visible ASCII characters");
      }
      require(
          between(maxBatchEvents, 1, 10_000), "maxBatchEvents", "be 1 to 10000", maxBatchEvents);
      require(
          between(maxBatchBytes, 4 * KIB, 16 * KIB * KIB),
          "maxBatchBytes",
          "be 4096 to 16777216",
          maxBatchBytes);
      require(maxQueueEvents >= 1, "maxQueueEvents", "be >= 1", maxQueueEvents);
      require(maxQueueBytes >= 4 * KIB, "maxQueueBytes", "be >= 4096", maxQueueBytes);
      require(between(maxInFlight, 1, 64), "maxInFlight", "be 1 to 64", maxInFlight);
      require(maxSpoolBytes >= KIB * KIB, "maxSpoolBytes", "be >= 1048576", maxSpoolBytes);
      duration("linger", linger, true);
      duration("connectTimeout", connectTimeout, false);
      duration("requestTimeout", requestTimeout, false);
      duration("initial backoff", initialBackoff, false);
      duration("max backoff", maxBackoff, false);
      duration("refusedBackoff", refusedBackoff, false);
      require(
          maxBackoff.compareTo(initialBackoff) >= 0,
          "max backoff",
          "be at least the initial one",
          maxBackoff);
      if (spoolMode == SpoolMode.ALWAYS && spoolDirectory == null) {
        throw new IllegalArgumentException("spoolDirectory is required for spoolMode ALWAYS");
      }
      return new OutlayClient(this, uri, name);
    }

    private Settings settings() {
      return new Settings(
          maxBatchEvents,
          maxBatchBytes,
          linger,
          maxQueueEvents,
          maxQueueBytes,
          maxInFlight,
          requestTimeout,
          initialBackoff,
          maxBackoff,
          refusedBackoff,
          spoolMode);
    }

    private static boolean between(long value, long min, long max) {
      return value >= min && value <= max;
    }

    private static void duration(String name, Duration value, boolean zeroAllowed) {
      boolean valid =
          !value.isNegative()
              && (zeroAllowed || !value.isZero())
              && value.compareTo(Duration.ofDays(1)) <= 0;
      require(valid, name, (zeroAllowed ? "be 0" : "be more than 0") + " to a day", value);
    }

    private static void require(boolean holds, String name, String bound, Object value) {
      if (!holds) {
        throw new IllegalArgumentException(name + " must " + bound + ", was " + value);
      }
    }
  }
}
