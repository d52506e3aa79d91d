package io.outlay.embedded.kafka;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.ResponseHeader;
import org.apache.kafka.common.requests.TransactionResult;
import org.apache.kafka.common.requests.WriteTxnMarkersRequest;
import org.apache.kafka.common.requests.WriteTxnMarkersRequest.TxnMarkerEntry;
import org.apache.kafka.common.requests.WriteTxnMarkersResponse;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;
import org.apache.kafka.coordinator.transaction.generated.TransactionLogValue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends, after a crash of the only broker, transactions whose end not every partition was told.
 *
 * <p>A coordinator that comes back with a transaction that was about to end tells its partitions so
 * by a marker each. If it looks for the leader of a partition in the moment in which the broker has
 * announced itself but leads nothing yet, it finds none, takes the partition for a deleted one and
 * the transaction for ended: Kafka 4.3 does so. Readers of what is committed then wait at that
 * partition for ever, the topology's own start among them. How the transaction was to end is in the
 * coordinator's log; the markers that are missing are written as it says. A transaction about which
 * the log says nothing is left alone.
 */
final class MissingMarkers {
  private static final Logger LOG = LoggerFactory.getLogger(MissingMarkers.class);
  private static final byte PREPARE_COMMIT = 2;
  private static final byte PREPARE_ABORT = 3;
  private static final Duration POLL = Duration.ofMillis(500);
  private static final int TIMEOUT_MILLIS = 10_000;
  private static final int TRIES = 120;
  private static final long RETRY_MILLIS = 500;

  private final String host;
  private final int port;

  MissingMarkers(String host, int port) {
    this.host = host;
    this.port = port;
  }

  /** A transaction that a partition takes for running. */
  private record Open(TopicPartition partition, long producerId, int epoch, long startOffset) {}

  /** How a transaction was to end. */
  private record Decision(
      int epoch,
      TransactionResult result,
      Set<TopicPartition> partitions,
      int coordinatorEpoch,
      short version) {}

  /** Waits for the broker and writes what is missing; says so, and gives up if it cannot. */
  void writeOnceUp() {
    for (int i = 0; i < TRIES; i++) {
      try {
        if (isListening() && write()) {
          return;
        }
        Thread.sleep(RETRY_MILLIS);
      } catch (ExecutionException | IOException | RuntimeException e) {
        LOG.debug("not looked at yet", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
    LOG.error("cannot tell whether transactions have ended everywhere; restart the broker");
  }

  /** Asked before a client is made, which would say at each try that nobody is there. */
  private boolean isListening() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), TIMEOUT_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private String address() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  /**
   * Looks once.
   *
   * @return whether nothing is left to be looked at
   */
  private boolean write() throws ExecutionException, IOException, InterruptedException {
    try (Admin admin =
        Admin.create(
            Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                address(),
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                TIMEOUT_MILLIS,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                TIMEOUT_MILLIS / 2,
                AdminClientConfig.ENABLE_METRICS_PUSH_CONFIG,
                false))) {
      Set<Open> open = open(admin);
      if (open.isEmpty()) {
        return true;
      }
      Set<Open> unknown = new HashSet<>(open);
      boolean pending = !withoutRunning(admin, unknown);
      // The markers of a transaction come before its coordinator says that it is over: what is
      // still open after that, and is the same, was forgotten.
      unknown.retainAll(open(admin));
      if (!unknown.isEmpty()) {
        end(unknown);
      }
      return !pending;
    }
  }

  private static Set<Open> open(Admin admin) throws ExecutionException, InterruptedException {
    Set<String> topics = admin.listTopics(new ListTopicsOptions().listInternal(true)).names().get();
    Set<TopicPartition> partitions =
        admin.describeTopics(topics).allTopicNames().get().values().stream()
            .flatMap(
                topic ->
                    topic.partitions().stream()
                        .map(each -> new TopicPartition(topic.name(), each.partition())))
            .collect(Collectors.toSet());
    Set<Open> open = new HashSet<>();
    admin
        .describeProducers(partitions)
        .all()
        .get()
        .forEach(
            (partition, state) -> {
              for (ProducerState producer : state.activeProducers()) {
                producer
                    .currentTransactionStartOffset()
                    .ifPresent(
                        start ->
                            open.add(
                                new Open(
                                    partition,
                                    producer.producerId(),
                                    producer.producerEpoch(),
                                    start)));
              }
            });
    return open;
  }

  /**
   * Takes those away that their coordinator knows of.
   *
   * @return whether none of them is about to end, so that nothing has to be looked at again
   */
  private static boolean withoutRunning(Admin admin, Set<Open> open)
      throws ExecutionException, InterruptedException {
    Set<Long> producers = open.stream().map(Open::producerId).collect(Collectors.toSet());
    List<String> ids =
        admin.listTransactions().all().get().stream()
            .filter(listed -> producers.contains(listed.producerId()))
            .map(TransactionListing::transactionalId)
            .toList();
    boolean none = true;
    for (TransactionDescription each : admin.describeTransactions(ids).all().get().values()) {
      TransactionState state = each.state();
      boolean ending =
          state == TransactionState.PREPARE_COMMIT || state == TransactionState.PREPARE_ABORT;
      if (ending || state == TransactionState.ONGOING) {
        boolean found =
            open.removeIf(
                one ->
                    one.producerId() == each.producerId()
                        && each.topicPartitions().contains(one.partition()));
        none &= !(found && ending);
      }
    }
    return none;
  }

  private void end(Set<Open> open) throws IOException {
    Map<Long, List<Decision>> decisions =
        decisions(open.stream().map(Open::producerId).collect(Collectors.toSet()));
    for (Open one : open) {
      Optional<Decision> found =
          decisions.getOrDefault(one.producerId(), List.of()).stream()
              .filter(
                  each ->
                      // The end of a transaction raises the producer's epoch, or does not: that is
                      // the transaction's version.
                      (each.epoch() == one.epoch() || each.epoch() == one.epoch() + 1)
                          && each.partitions().contains(one.partition()))
              .reduce((earlier, later) -> later);
      if (found.isEmpty()) {
        LOG.error(
            "{}: the transaction of producer {} (epoch {}) from offset {} is in no coordinator's log and keeps readers waiting",
            one.partition(),
            one.producerId(),
            one.epoch(),
            one.startOffset());
        continue;
      }
      send(one, found.get());
      LOG.warn(
          "{}: the transaction of producer {} (epoch {}) from offset {} had not been told that it ended: {}",
          one.partition(),
          one.producerId(),
          one.epoch(),
          one.startOffset(),
          found.get().result());
    }
  }

  /** What the coordinators' log says of some producers, in its order. */
  private Map<Long, List<Decision>> decisions(Set<Long> producers) {
    Map<Long, List<Decision>> decisions = new HashMap<>();
    try (KafkaConsumer<ByteBuffer, ByteBuffer> consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                address(),
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false),
            new ByteBufferDeserializer(),
            new ByteBufferDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topic.TRANSACTION_STATE_TOPIC_NAME).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        for (ConsumerRecord<ByteBuffer, ByteBuffer> record : consumer.poll(POLL)) {
          decision(record, producers, decisions);
        }
      }
    }
    return decisions;
  }

  private static void decision(
      ConsumerRecord<ByteBuffer, ByteBuffer> record,
      Set<Long> producers,
      Map<Long, List<Decision>> to) {
    if (record.value() == null) {
      return;
    }
    ByteBuffer bytes = record.value().duplicate();
    short version = bytes.getShort();
    TransactionLogValue value = new TransactionLogValue(new ByteBufferAccessor(bytes), version);
    byte status = value.transactionStatus();
    if (!producers.contains(value.producerId())
        || (status != PREPARE_COMMIT && status != PREPARE_ABORT)) {
      return;
    }
    Set<TopicPartition> partitions = new HashSet<>();
    value
        .transactionPartitions()
        .forEach(
            topic ->
                topic
                    .partitionIds()
                    .forEach(id -> partitions.add(new TopicPartition(topic.topic(), id))));
    to.computeIfAbsent(value.producerId(), id -> new ArrayList<>())
        .add(
            new Decision(
                value.producerEpoch(),
                status == PREPARE_COMMIT ? TransactionResult.COMMIT : TransactionResult.ABORT,
                partitions,
                record.leaderEpoch().orElse(0),
                value.clientTransactionVersion()));
  }

  /** Sends a marker as a coordinator does; no client of Kafka's offers it. */
  private void send(Open open, Decision decision) throws IOException {
    short version = ApiKeys.WRITE_TXN_MARKERS.latestVersion();
    WriteTxnMarkersRequest request =
        new WriteTxnMarkersRequest.Builder(
                List.of(
                    new TxnMarkerEntry(
                        open.producerId(),
                        (short) decision.epoch(),
                        decision.coordinatorEpoch(),
                        decision.result(),
                        List.of(open.partition()),
                        decision.version())))
            .build(version);
    ByteBuffer bytes =
        request.serializeWithHeader(
            new RequestHeader(ApiKeys.WRITE_TXN_MARKERS, version, "outlay-missing-markers", 1));
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      ByteBuffer framed = ByteBuffer.allocate(Integer.BYTES + bytes.remaining());
      framed.putInt(bytes.remaining()).put(bytes);
      socket.getOutputStream().write(framed.array());
      DataInputStream in = new DataInputStream(socket.getInputStream());
      byte[] answer = new byte[in.readInt()];
      in.readFully(answer);
      ByteBuffer answered = ByteBuffer.wrap(answer);
      ResponseHeader.parse(answered, ApiKeys.WRITE_TXN_MARKERS.responseHeaderVersion(version));
      Errors error =
          WriteTxnMarkersResponse.parse(new ByteBufferAccessor(answered), version)
              .errorsByProducerId()
              .get(open.producerId())
              .get(open.partition());
      if (error != Errors.NONE) {
        throw new IOException(open.partition() + " does not take a marker: " + error);
      }
    }
  }
}
