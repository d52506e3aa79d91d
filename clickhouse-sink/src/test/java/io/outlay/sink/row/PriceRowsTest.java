package io.outlay.sink.row;

import io.outlay.price.PriceFile;
import io.outlay.schema.Price;
import io.outlay.serde.AvroCodec;
import io.outlay.sink.testing.RegistryInMemory;
import io.outlay.topic.Topics;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class PriceRowsTest {
  private static final String FILE =
      """
      format: outlay-prices/1
      models:
        - {provider: lab, model: owl, match: prefix, aliases: [eule], region: eu, team: search, customer: acme,
           from: 2026-01-01, rates: {input: 2}, tiers: {batch: {multiplier: 0.5}}, regions: {"eu*": 1.1},
           daily: [{from: "16:30", to: "00:30", rates: {input: 1}}]}
      discounts:
        - {provider: lab, team: shop, percent: 12.5}
      """;

  private final AvroCodec<Price> codec =
      AvroCodec.of(Topics.PRICES, "outlay.", new RegistryInMemory());
  private final PriceRows encoder = new PriceRows(codec);
  private final List<Price> prices = PriceFile.read(new StringReader(FILE), "contract");

  @Test
  void givenAPriceWithEveryRule_whenEncoded_thenTheRowHasItInTheOrderOfTheColumns() {
    Reader row = encode(price("owl"));

    assertThat(encoder.columns()).hasSize(23).doesNotHaveDuplicates();
    assertThat(List.of(row.text(), row.int32(), row.text(), row.text(), row.text(), row.text()))
        .containsExactly(price("owl").getId(), 1, "model", "lab", "owl", "");
    assertThat(List.of(row.text(), row.size(), row.text())).containsExactly("prefix", 1, "eule");
    assertThat(List.of(row.text(), row.text(), row.text())).containsExactly("eu", "search", "acme");
    assertThat(List.of(row.int8(), row.int64())).containsExactly(0, 1_767_225_600_000_000L);
    assertThat(row.int8()).as("valid_to is null").isEqualTo(1);
    assertThat(row.size()).isEqualTo(2);
    for (long amount : new long[] {2_000_000_000_000L, 1_000_000_000_000L}) {
      assertThat(List.of(row.int64(), row.text(), row.text(), row.int64()))
          .containsExactly(0L, "", "input_tokens", amount);
    }
    assertThat(row.size()).isEqualTo(2);
    assertThat(List.of(row.int16(), row.int16(), row.int16(), row.int16()))
        .containsExactly(0, 1440, 990, 30);
    assertThat(List.of(row.size(), row.text(), row.int64())).containsExactly(1, "batch", 500_000L);
    assertThat(List.of(row.size(), row.text(), row.int64())).containsExactly(1, "eu*", 1_100_000L);
    assertThat(row.int32()).as("discount").isZero();
    assertThat(List.of(row.text(), row.text(), row.text())).containsExactly("USD", "contract", "");
    assertThat(List.of(row.int8(), row.int64())).containsExactly(0, 7L);
    assertThat(row.isAtEnd()).isTrue();
  }

  @Test
  void givenADiscount_whenEncoded_thenItIsAFractionInMillionths() {
    Reader row = encode(price(""));

    row.text();
    row.int32();
    assertThat(row.text()).isEqualTo("discount");
    row.skipTexts(4); // provider, name, purchase option, match
    assertThat(row.size()).as("aliases").isZero();
    row.skipTexts(3); // region, team, customer
    assertThat(List.of(row.int8(), row.int8())).as("validity").containsExactly(1, 1);
    assertThat(List.of(row.size(), row.size(), row.size(), row.size()))
        .as("rates, their minutes, factors")
        .containsExactly(0, 0, 0, 0);
    assertThat(row.int32()).isEqualTo(125_000);
  }

  @Test
  void givenATombstone_whenEncoded_thenTheRowIsOfTheKeyAndDeleted() {
    Rows rows = new Rows();

    assertThat(encoder.encode(record("lab/owl", null), rows)).isTrue();

    Reader row = reader(rows);
    assertThat(row.text()).isEqualTo("lab/owl");
    row.int32();
    assertThat(row.text()).as("kind").isEmpty();
    row.skipTexts(4); // provider, name, purchase option, match
    assertThat(row.size()).as("aliases").isZero();
    row.skipTexts(3); // region, team, customer
    assertThat(List.of(row.int8(), row.int8())).as("validity").containsExactly(1, 1);
    assertThat(List.of(row.size(), row.size(), row.size(), row.size())).containsExactly(0, 0, 0, 0);
    row.int32();
    row.skipTexts(3); // currency, origin, date
    assertThat(row.int8()).as("deleted").isEqualTo(1);
  }

  @Test
  void givenARecordWithoutAKey_whenEncoded_thenItIsRefused() {
    assertThatThrownBy(() -> encoder.encode(record(null, price("owl")), new Rows()))
        .isInstanceOf(InvalidRowException.class)
        .hasMessageContaining("no key");
  }

  private Price price(String name) {
    return prices.stream().filter(p -> p.getName().equals(name)).findFirst().orElseThrow();
  }

  private Reader encode(Price price) {
    Rows rows = new Rows();
    assertThat(encoder.encode(record(price.getId(), price), rows)).isTrue();
    return reader(rows);
  }

  private ConsumerRecord<byte[], byte[]> record(String key, Price value) {
    return new ConsumerRecord<>(
        "outlay.prices",
        0,
        7,
        key == null ? null : key.getBytes(StandardCharsets.UTF_8),
        value == null ? null : codec.encode(value));
  }

  private static Reader reader(Rows rows) {
    assertThat(rows.count()).isEqualTo(1);
    List<RowWriter> writers = new ArrayList<>(rows.partitions().values());
    return new Reader(ByteBuffer.wrap(writers.get(0).toByteArray()).order(ByteOrder.LITTLE_ENDIAN));
  }

  /** RowBinary, as far as it is used here: no size above 127. */
  private record Reader(ByteBuffer bytes) {
    int int8() {
      return bytes.get();
    }

    int int16() {
      return bytes.getShort();
    }

    int int32() {
      return bytes.getInt();
    }

    long int64() {
      return bytes.getLong();
    }

    int size() {
      int size = bytes.get();
      assertThat(size).isNotNegative();
      return size;
    }

    String text() {
      byte[] text = new byte[size()];
      bytes.get(text);
      return new String(text, StandardCharsets.UTF_8);
    }

    void skipTexts(int count) {
      for (int i = 0; i < count; i++) {
        text();
      }
    }

    boolean isAtEnd() {
      return !bytes.hasRemaining();
    }
  }
}
