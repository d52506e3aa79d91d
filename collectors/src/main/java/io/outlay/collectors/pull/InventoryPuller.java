package io.outlay.collectors.pull;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.outlay.collectors.format.EventFormat;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a listing of what is stored, and finds moves by comparing it with the one before. */
final class InventoryPuller extends Puller<InventoryReading> {
  private static final String MODIFIED = "modified";
  private static final String HELD = "held";
  private static final String BASE = "base";
  private static final String MOVES = "moves";
  private static final String FROM = "from";
  private static final String MOVED = "moved";

  private final InventoryTarget target;

  InventoryPuller(InventoryTarget target, Source source, StateFile file, Delivery delivery) {
    super(target.name(), target.interval(), source, file, delivery);
    this.target = target;
  }

  @Override
  String kind() {
    return "inventory";
  }

  @Override
  EventFormat fresh(
      Content content,
      Slot slot,
      @Nullable InventoryReading before,
      BeforeSending<InventoryReading> beforeSending) {
    return InventoryFormat.fresh(
        target, slot, content.type(), content.modified(), before, beforeSending);
  }

  @Override
  EventFormat formatOf(InventoryReading reading) {
    return InventoryFormat.again(target, reading);
  }

  @Override
  byte[] bodyOf(InventoryReading reading) {
    return new byte[0];
  }

  @Override
  InventoryReading acknowledged(InventoryReading reading) {
    return reading.acknowledged();
  }

  @Override
  void write(InventoryReading reading, JsonGenerator json) throws IOException {
    json.writeStringField(
        MODIFIED, reading.modified() == null ? "" : reading.modified().toString());
    json.writeArrayFieldStart(HELD);
    for (Holding holding : reading.held()) {
      write(holding, json);
    }
    json.writeEndArray();
    json.writeArrayFieldStart(BASE);
    for (Holding holding : reading.base()) {
      write(holding, json);
    }
    json.writeEndArray();
    json.writeArrayFieldStart(MOVES);
    for (TierMove move : reading.moves()) {
      write(move.to(), json);
      json.writeStartObject();
      json.writeStringField(FROM, move.from().label());
      json.writeNumberField(MOVED, move.bytes());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void write(Holding holding, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField(Listing.STORE, holding.store());
    json.writeStringField(Listing.DATASET, holding.dataset());
    json.writeStringField(Listing.TIER, holding.tier().label());
    json.writeNumberField(Listing.BYTES, holding.bytes());
    json.writeStringField(Listing.TEAM, holding.team());
    json.writeStringField(Listing.PROJECT, holding.project());
    json.writeStringField(Listing.ENVIRONMENT, holding.environment());
    json.writeEndObject();
  }

  @Override
  InventoryReading read(Slot slot, boolean sent, JsonParser json) throws IOException {
    Instant modified = instant(text(json, MODIFIED));
    List<Holding> held = holdings(json, HELD);
    List<Holding> base = holdings(json, BASE);
    List<TierMove> moves = new ArrayList<>();
    field(json, MOVES);
    while (json.nextToken() == JsonToken.START_OBJECT) {
      Holding to = holding(json);
      require(json.nextToken() == JsonToken.START_OBJECT);
      moves.add(new TierMove(tier(text(json, FROM)), to, number(json, MOVED)));
      require(json.nextToken() == JsonToken.END_OBJECT);
    }
    return new InventoryReading(slot, sent, modified, held, base, moves);
  }

  private static @Nullable Instant instant(String text) throws IOException {
    try {
      return text.isEmpty() ? null : Instant.parse(text);
    } catch (DateTimeException e) {
      throw new IOException(MODIFIED + " must be a time, was " + text, e);
    }
  }

  private static List<Holding> holdings(JsonParser json, String name) throws IOException {
    field(json, name);
    List<Holding> holdings = new ArrayList<>();
    while (json.nextToken() == JsonToken.START_OBJECT) {
      holdings.add(holding(json));
    }
    return holdings;
  }

  private static Holding holding(JsonParser json) throws IOException {
    Holding holding =
        new Holding(
            text(json, Listing.STORE),
            text(json, Listing.DATASET),
            tier(text(json, Listing.TIER)),
            number(json, Listing.BYTES),
            text(json, Listing.TEAM),
            text(json, Listing.PROJECT),
            text(json, Listing.ENVIRONMENT));
    require(json.nextToken() == JsonToken.END_OBJECT);
    return holding;
  }

  private static Tier tier(String label) throws IOException {
    Tier tier = Tier.of(label);
    if (tier == null) {
      throw new IOException("tier must be one of hot, warm, cold, archive, was " + label);
    }
    return tier;
  }
}
