package io.outlay.sink.row;

import io.outlay.schema.Multiplier;
import io.outlay.schema.Price;
import io.outlay.schema.PriceKind;
import io.outlay.schema.Rate;
import io.outlay.schema.RateCard;
import io.outlay.serde.AvroCodec;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The price book: one row per change of a price. A tombstone is a row that says deleted. */
public final class PriceRows extends AvroRows<Price> {
  private static final List<String> COLUMNS =
      List.of(
          "id",
          "version",
          "kind",
          "provider",
          "name",
          "purchase_option",
          "match",
          "aliases",
          "region",
          "team",
          "customer",
          "valid_from",
          "valid_to",
          "rates",
          "rate_minutes",
          "tier_multipliers",
          "region_multipliers",
          "discount",
          "currency",
          "origin",
          "as_of",
          "deleted",
          "kafka_offset");

  private static final Price NOTHING =
      Price.newBuilder()
          .setId("")
          .setVersion(0)
          .setKind(PriceKind.MODEL)
          .setCards(List.of())
          .setCurrency("")
          .build();

  public PriceRows(AvroCodec<Price> codec) {
    super("prices_store", COLUMNS, codec);
  }

  @Override
  void write(ConsumerRecord<byte[], byte[]> record, Price price, Rows rows) {
    write(record, price, false, rows);
  }

  @Override
  boolean tombstone(ConsumerRecord<byte[], byte[]> record, Rows rows) {
    write(record, NOTHING, true, rows);
    return true;
  }

  private static void write(
      ConsumerRecord<byte[], byte[]> record, Price price, boolean deleted, Rows rows) {
    byte[] id = key(record);
    RowWriter row = rows.begin(UNPARTITIONED);
    row.string(id);
    row.int32(price.getVersion());
    row.string(deleted ? "" : name(price.getKind()));
    row.string(price.getProvider());
    row.string(price.getName());
    row.string(price.getPurchaseOption());
    row.string(name(price.getMatch()));
    row.size(price.getAliases().size());
    price.getAliases().forEach(row::string);
    row.string(price.getRegion());
    row.string(price.getTeam());
    row.string(price.getCustomer());
    nullableTime(row, price.getValidFromMicros());
    nullableTime(row, price.getValidToMicros());
    rates(row, price.getCards());
    factors(row, price.getTierMultipliers());
    factors(row, price.getRegionMultipliers());
    row.int32(price.getDiscountMillionths());
    row.string(price.getCurrency());
    row.string(price.getOrigin());
    row.string(price.getAsOf());
    row.bool(deleted);
    row.int64(record.offset());
    rows.end();
  }

  /** Amounts, and then the times of day in the same order. */
  private static void rates(RowWriter row, List<RateCard> cards) {
    int rates = cards.stream().mapToInt(card -> card.getRates().size()).sum();
    row.size(rates);
    for (RateCard card : cards) {
      for (Rate rate : card.getRates()) {
        row.int64(card.getAboveInputTokens());
        row.string(card.getServiceTier());
        row.string(name(rate.getMeter()));
        row.int64(rate.getAmountPico());
      }
    }
    row.size(rates);
    for (RateCard card : cards) {
      for (int i = 0; i < card.getRates().size(); i++) {
        row.int16(card.getFromMinute());
        row.int16(card.getToMinute());
      }
    }
  }

  private static void factors(RowWriter row, List<Multiplier> multipliers) {
    row.size(multipliers.size());
    for (Multiplier multiplier : multipliers) {
      row.string(multiplier.getName());
      row.int64(multiplier.getMillionths());
    }
  }
}
