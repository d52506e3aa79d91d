package io.outlay.streams.app;

import io.outlay.price.PriceFile;
import io.outlay.price.PriceImport;
import io.outlay.price.PricePlan;
import io.outlay.price.PriceReading;
import io.outlay.schema.Price;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.SchemaRegistry;
import io.outlay.topic.Topics;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class PriceBookLoaderTest {
  private static final String TOPIC = "t.prices";
  private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
  private static final Instant NOW = Instant.parse("2026-11-21T00:00:00Z");

  private final Registry registry = new Registry();
  private final AvroCodec<Price> codec = AvroCodec.of(Topics.PRICES, "t.", registry);
  private final Broker broker = new Broker();
  private final List<PriceBookLoader> open = new ArrayList<>();

  @AfterEach
  void close() {
    open.forEach(PriceBookLoader::close);
  }

  @Test
  void givenAnEmptyTopic_whenStarted_thenTheShippedBookIsPublishedOnce() {
    PriceBookLoader first = start(book("owl 1", "eel 2"));

    assertThat(first.prices()).extracting(Price::getName).containsExactly("eel", "owl");
    assertThat(first.prices()).extracting(Price::getVersion).containsOnly(1);

    PriceBookLoader second = start(book("owl 1", "eel 2"));

    assertThat(second.prices()).isEqualTo(first.prices());
    assertThat(broker.log).hasSize(2);
    assertThat(broker.producers).as("who has nothing to write fences nobody").hasSize(1);
  }

  @Test
  void givenANewRelease_whenStarted_thenOnlyShippedPricesFollowItAndImportedOnesStay() {
    start(book("owl 1", "eel 2"));
    broker.commit(price("eel 3", "import"));

    PriceBookLoader loader = start(book("owl 5", "eel 6", "elk 7"));

    assertThat(rate(loader, "owl")).isEqualTo(5);
    assertThat(version(loader, "owl")).isEqualTo(2);
    assertThat(rate(loader, "eel")).isEqualTo(3);
    assertThat(rate(loader, "elk")).isEqualTo(7);
  }

  @Test
  void givenAChange_whenMade_thenItIsOneTransactionAndTheProgramRatesWithIt() {
    PriceBookLoader loader = start(book("owl 1"));

    PricePlan plan = loader.change(importing("owl 2", "elk 3"), false);

    assertThat(plan.added()).hasSize(1);
    assertThat(plan.changed()).hasSize(1);
    assertThat(broker.last().commitCount()).isEqualTo(1);
    assertThat(rate(loader, "owl")).isEqualTo(2);
    assertThat(loader.get().size()).isEqualTo(2);
    assertThat(broker.producers).allMatch(MockProducer::closed);
  }

  @Test
  void givenADryRun_whenPlanned_thenNothingIsWrittenAndNobodyIsFenced() {
    PriceBookLoader loader = start(book("owl 1"));

    PricePlan plan = loader.change(importing("owl 2"), true);

    assertThat(plan.changed()).hasSize(1);
    assertThat(broker.producers).hasSize(1);
    assertThat(rate(loader, "owl")).isEqualTo(1);
  }

  @Test
  void givenNothingToChange_whenChanged_thenNobodyIsFenced() {
    PriceBookLoader loader = start(book("owl 1"));

    assertThat(loader.change(importing("owl 1"), false).isEmpty()).isTrue();

    assertThat(broker.producers).hasSize(1);
  }

  @Test
  void givenAChangeOfAnotherInstance_whenPlanned_thenThePlanKnowsIt() {
    PriceBookLoader loader = start(book("owl 1"));
    PriceBookLoader other = start(book("owl 1"));
    other.change(importing("owl 2"), false);

    PricePlan plan = loader.change(importing("owl 3"), false);

    assertThat(plan.changed())
        .singleElement()
        .satisfies(change -> assertThat(change.before().getVersion()).isEqualTo(2));
    assertThat(version(loader, "owl")).isEqualTo(3);
  }

  @Test
  void givenAChangeOfAnotherInstanceWhileOneIsPlanned_thenItIsPlannedAgainOnWhatIsThereThen() {
    PriceBookLoader loader = start(book("owl 1"));
    PriceBookLoader other = start(book("owl 1"));
    List<Integer> seen = new ArrayList<>();

    loader.change(
        current -> {
          seen.add(current.iterator().next().getVersion());
          PricePlan plan = importing("owl 3").apply(current);
          if (seen.size() == 1) {
            other.change(importing("owl 2"), false);
          }
          return plan;
        },
        false);

    assertThat(seen).containsExactly(1, 2);
    assertThat(version(loader, "owl")).isEqualTo(3);
    assertThat(rate(loader, "owl")).isEqualTo(3);
  }

  @Test
  void givenAnotherInstanceThatTakesTheRightToWrite_whenCommitted_thenTheFormerIsToldAndRecovers() {
    PriceBookLoader loader = start(book("owl 1"));
    PriceBookLoader other = start(book("owl 1"));
    List<Integer> asked = new ArrayList<>();

    assertThatThrownBy(
            () ->
                loader.change(
                    current -> {
                      asked.add(asked.size());
                      PricePlan plan = importing("owl 3").apply(current);
                      if (asked.size() == 2) {
                        other.change(importing("owl 2"), false);
                      }
                      return plan;
                    },
                    false))
        .isInstanceOf(ConcurrentChangeException.class)
        .hasMessage("another import runs, and nothing of this one was written; try again");
    assertThat(broker.log).extracting(ConsumerRecord::offset).containsExactly(0L, 1L);

    loader.change(importing("owl 3"), false);

    assertThat(rate(loader, "owl")).isEqualTo(3);
    assertThat(version(loader, "owl")).isEqualTo(3);
    assertThat(broker.producers).allMatch(MockProducer::closed);
  }

  @Test
  void givenAnEpochThatIsOld_whenCommitted_thenItIsTheSame() {
    PriceBookLoader loader = start(book("owl 1"));
    broker.nextFailure =
        new KafkaException("in an error state", new InvalidProducerEpochException("old"));

    assertThatThrownBy(() -> loader.change(importing("owl 2"), false))
        .isInstanceOf(ConcurrentChangeException.class);
  }

  @Test
  void givenATransactionThatFails_whenChanged_thenItIsAbortedAndReportedAndTheNextOneWorks() {
    PriceBookLoader loader = start(book("owl 1"));
    broker.nextFailure = new TimeoutException("no answer within 15 s");

    assertThatThrownBy(() -> loader.change(importing("owl 2"), false))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("cannot write prices: no answer within 15 s")
        .hasMessageContaining("try again");
    assertThat(broker.last().transactionAborted()).isTrue();
    assertThat(broker.last().closed()).isTrue();
    assertThat(rate(loader, "owl")).isEqualTo(1);

    loader.change(importing("owl 2"), false);

    assertThat(rate(loader, "owl")).isEqualTo(2);
  }

  @Test
  void givenNoBroker_whenChanged_thenTheErrorSaysSoAndNothingStaysOpen() {
    PriceBookLoader loader = start(book("owl 1"));
    broker.nextInitFailure = new TimeoutException("no coordinator");

    assertThatThrownBy(() -> loader.change(importing("owl 2"), false))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no coordinator");
    assertThat(broker.last().closed()).isTrue();

    broker.consumers.get(0).setOffsetsException(new TimeoutException("no leader"));
    assertThatThrownBy(() -> loader.change(importing("owl 2"), true))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("cannot read prices: no leader");
  }

  @Test
  void givenAPriceThatIsUnreadable_whenRead_thenItIsIgnoredAndTheRestHolds() {
    broker.commit("lab/torn", new byte[] {9, 9});
    broker.commit(price("owl 1", "import"));

    PriceBookLoader loader = start(List.of());

    assertThat(loader.prices()).extracting(Price::getName).containsExactly("owl");
  }

  @Test
  void givenATombstone_whenRead_thenThePriceIsGone() {
    Price owl = price("owl 1", "import");
    broker.commit(owl);
    broker.commit(price("elk 1", "import"));
    broker.commit(owl.getId(), null);

    assertThat(start(List.of()).prices()).extracting(Price::getName).containsExactly("elk");
  }

  @Test
  void givenPricesThatContradictEachOther_whenRead_thenTheFormerBookStaysUntilARepair() {
    PriceBookLoader loader = start(book("owl 1"));
    Price twin = price("owl 9", "import");
    twin.setId("lab/owl-again");
    broker.commit(twin);

    PricePlan plan = loader.change(importing("elk 1"), false);

    assertThat(plan.rejected().toString()).as("the topic was read").contains("lab/owl-again");
    assertThat(loader.prices()).extracting(Price::getName).containsExactly("owl");
    assertThat(rate(loader, "owl")).isEqualTo(1);

    broker.commit("lab/owl-again", null);
    loader.change(importing("elk 1"), false);

    assertThat(loader.prices()).extracting(Price::getName).containsExactly("elk", "owl");
  }

  @Test
  void givenAPlanThatWouldContradictTheBook_whenChanged_thenNothingIsWritten() {
    PriceBookLoader loader = start(book("owl 1"));
    Price elk = price("elk 9", "import");
    elk.setAliases(List.of("owl"));

    assertThatThrownBy(() -> loader.change(current -> adding(elk), false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("lab/owl")
        .hasMessageContaining("lab/elk");
    assertThat(broker.log).hasSize(1);
  }

  private PriceBookLoader start(List<Price> shipped) {
    PriceBookLoader loader = new PriceBookLoader(broker.consumer(), broker::producer, codec, TOPIC);
    open.add(loader);
    loader.start(shipped);
    return loader;
  }

  private static List<Price> book(String... prices) {
    List<Price> book = new ArrayList<>();
    for (String price : prices) {
      book.add(price(price, "default"));
    }
    return book;
  }

  /** {@code owl 2} is a model that takes 2 USD for a million input tokens. */
  private static Price price(String text, String origin) {
    String[] words = text.split(" ");
    return PriceFile.read(
            new StringReader(
                """
                format: outlay-prices/1
                models:
                  - {provider: lab, model: %s, rates: {input: %s}}
                """
                    .formatted(words[0], words[1])),
            origin)
        .get(0);
  }

  private static Function<Collection<Price>, PricePlan> importing(String... prices) {
    List<Price> read = new ArrayList<>();
    for (String price : prices) {
      read.add(price(price, "import"));
    }
    return current ->
        PriceImport.plan(current, new PriceReading(read, List.of(), List.of()), null, NOW);
  }

  private static PricePlan adding(Price price) {
    return PriceImport.plan(
        List.of(), new PriceReading(List.of(price), List.of(), List.of()), null, NOW);
  }

  private static Price find(PriceBookLoader loader, String name) {
    return loader.prices().stream()
        .filter(price -> price.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static long rate(PriceBookLoader loader, String name) {
    return find(loader, name).getCards().get(0).getRates().get(0).getAmountPico()
        / 1_000_000_000_000L;
  }

  private static int version(PriceBookLoader loader, String name) {
    return find(loader, name).getVersion();
  }

  /** The topic, whoever reads it, and producers of one transactional id. */
  private final class Broker {
    private final List<ConsumerRecord<byte[], byte[]>> log = new ArrayList<>();
    private final List<MockConsumer<byte[], byte[]>> consumers = new ArrayList<>();
    private final List<MockProducer<byte[], byte[]>> producers = new ArrayList<>();
    private @Nullable RuntimeException nextFailure;
    private @Nullable RuntimeException nextInitFailure;

    MockProducer<byte[], byte[]> last() {
      return producers.get(producers.size() - 1);
    }

    void commit(Price price) {
      commit(price.getId(), codec.encode(price));
    }

    synchronized void commit(String id, byte @Nullable [] value) {
      ConsumerRecord<byte[], byte[]> record =
          new ConsumerRecord<>(TOPIC, 0, log.size(), id.getBytes(StandardCharsets.UTF_8), value);
      log.add(record);
      for (MockConsumer<byte[], byte[]> consumer : consumers) {
        if (!consumer.closed()) {
          consumer.addRecord(record);
          consumer.updateEndOffsets(Map.of(PARTITION, (long) log.size()));
        }
      }
    }

    synchronized MockConsumer<byte[], byte[]> consumer() {
      return new MockConsumer<>("earliest") {
        @Override
        public synchronized void assign(Collection<TopicPartition> partitions) {
          super.assign(partitions);
          updateBeginningOffsets(Map.of(PARTITION, 0L));
          updateEndOffsets(Map.of(PARTITION, (long) log.size()));
          log.forEach(this::addRecord);
          consumers.add(this);
        }

        @Override
        public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
          Thread.yield();
          return super.poll(timeout);
        }
      };
    }

    MockProducer<byte[], byte[]> producer() {
      MockProducer<byte[], byte[]> producer =
          new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer()) {
            @Override
            public void initTransactions() {
              producers.stream()
                  .filter(p -> p != this && !p.closed())
                  .forEach(p -> p.fenceProducer());
              super.initTransactions();
            }

            @Override
            public void commitTransaction() {
              super.commitTransaction();
              for (ProducerRecord<byte[], byte[]> sent : history()) {
                commit(new String(sent.key(), StandardCharsets.UTF_8), sent.value());
              }
            }
          };
      producer.commitTransactionException = nextFailure;
      producer.initTransactionException = nextInitFailure;
      nextFailure = null;
      nextInitFailure = null;
      producers.add(producer);
      return producer;
    }
  }

  private static final class Registry implements SchemaRegistry {
    private final List<Schema> schemas = new ArrayList<>();

    @Override
    public synchronized int register(String subject, Schema schema) {
      schemas.add(schema);
      return schemas.size();
    }

    @Override
    public synchronized Schema byId(int id) {
      return schemas.get(id - 1);
    }
  }
}
