package io.outlay.price;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import io.outlay.price.PriceReading.Omission;
import io.outlay.schema.Meter;
import io.outlay.schema.Price;
import io.outlay.schema.PriceKind;
import io.outlay.schema.Rate;
import io.outlay.schema.RateCard;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads prices of models from CSV (RFC 4180, UTF-8, comma). The first line names the columns, in
 * any order: {@code provider} and {@code model} are required, an empty or absent {@code
 * above_input_tokens} is 0, an empty or absent {@code effective_from} means since always. Rates are
 * decimal numbers in USD, or in {@code currency}, per million tokens, per thousand requests,
 * searches and pages, per image, per million characters, per hour of audio or video; an empty one
 * is unknown, 0 is free. A row is one card of a price: rows that differ in {@code
 * above_input_tokens} or {@code service_tier} only are one price.
 *
 * <p>{@code cache_read_audio} cannot be expressed, because usage counts audio from a cache as
 * {@code cache_read}: it is left out and listed, with a word where {@code cache_read}, or else
 * {@code input}, is too cheap for it.
 */
public final class PriceCsv {
  private static final String CACHED_AUDIO = "cache_read_audio";
  private static final Map<String, Meter> RATES = new LinkedHashMap<>();
  private static final Set<String> OTHERS =
      Set.of(
          "provider",
          "model",
          "effective_from",
          "effective_to",
          "above_input_tokens",
          "service_tier",
          "region",
          "team",
          "customer",
          "currency",
          CACHED_AUDIO);

  static {
    RATES.put("input", Meter.INPUT_TOKENS);
    RATES.put("cache_read", Meter.CACHE_READ_TOKENS);
    RATES.put("cache_write_5m", Meter.CACHE_WRITE_5M_TOKENS);
    RATES.put("cache_write_1h", Meter.CACHE_WRITE_1H_TOKENS);
    RATES.put("output", Meter.OUTPUT_TOKENS);
    RATES.put("reasoning", Meter.REASONING_TOKENS);
    RATES.put("input_audio", Meter.INPUT_AUDIO_TOKENS);
    RATES.put("output_audio", Meter.OUTPUT_AUDIO_TOKENS);
    RATES.put("input_image", Meter.INPUT_IMAGE_TOKENS);
    RATES.put("output_image", Meter.OUTPUT_IMAGE_TOKENS);
    RATES.put("per_1k_requests", Meter.REQUESTS);
    RATES.put("per_1k_web_searches", Meter.WEB_SEARCHES);
    RATES.put("per_image", Meter.IMAGES);
    RATES.put("per_1m_characters", Meter.CHARACTERS);
    RATES.put("per_media_hour", Meter.MEDIA_HOURS);
    RATES.put("per_1k_pages", Meter.PAGES);
  }

  private record Row(int line, Map<String, String> cells) {
    String get(String column) {
      return cells.getOrDefault(column, "");
    }
  }

  private record Key(PriceSubject subject, @Nullable Long fromMicros) {}

  private final String origin;
  private final Faults faults = new Faults();
  private final List<Omission> leftOut = new ArrayList<>();
  private final Map<Key, Validity.Entry> entries = new LinkedHashMap<>();

  private PriceCsv(String origin) {
    this.origin = origin;
  }

  /**
   * Reads a file whole.
   *
   * @param origin where the figures come from, kept with each price
   * @throws PriceFileException with all faults and their lines
   */
  public static PriceReading read(Reader reader, String origin) {
    return new PriceCsv(origin).rows(reader);
  }

  private PriceReading rows(Reader reader) {
    CsvMapper mapper =
        CsvMapper.builder()
            .enable(CsvParser.Feature.TRIM_SPACES)
            .enable(CsvParser.Feature.SKIP_EMPTY_LINES)
            .build();
    try (JsonParser parser = mapper.reader().createParser(reader)) {
      List<String> header = null;
      while (parser.nextToken() == JsonToken.START_ARRAY) {
        List<String> cells = new ArrayList<>();
        int line = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          line = line == 0 ? parser.currentTokenLocation().getLineNr() : line;
          cells.add(parser.getText());
        }
        if (cells.isEmpty()) {
          continue;
        }
        if (header == null) {
          header = header(cells);
          faults.throwIfAny();
        } else {
          row(line, header, cells);
        }
      }
      if (header == null) {
        throw new PriceFileException(1, "the file is empty");
      }
    } catch (JacksonException e) {
      throw new PriceFileException(
          e.getLocation() == null ? 0 : e.getLocation().getLineNr(),
          "is not CSV: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new PriceFileException(0, "cannot be read: " + e.getMessage());
    }
    for (Validity.Entry entry : entries.values()) {
      Set<String> tiers = new TreeSet<>(List.of(""));
      entry.price().getCards().forEach(card -> tiers.add(card.getServiceTier()));
      for (RateCard card : entry.price().getCards()) {
        if (card.getAboveInputTokens() == 0) {
          tiers.remove(card.getServiceTier());
        }
      }
      for (String tier : tiers) {
        faults.add(
            entry.line(),
            "above_input_tokens must be 0 in one row of each service_tier, there is none of "
                + (tier.isEmpty() ? "standard" : tier));
      }
      Cards.order(entry.price());
    }
    List<Price> prices = Validity.settle(List.copyOf(entries.values()), faults);
    faults.throwIfAny();
    return new PriceReading(prices, leftOut, List.of());
  }

  private List<String> header(List<String> cells) {
    List<String> names = new ArrayList<>(cells);
    // Spreadsheets begin their files with a byte order mark.
    names.set(0, names.get(0).replace("\uFEFF", ""));
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!RATES.containsKey(name) && !OTHERS.contains(name)) {
        Set<String> known = new TreeSet<>(RATES.keySet());
        known.addAll(OTHERS);
        faults.add(1, "unknown column " + name + ", known are " + String.join(", ", known));
      } else if (!seen.add(name)) {
        faults.add(1, "column " + name + " stands twice");
      }
    }
    for (String required : List.of("provider", "model")) {
      if (!seen.contains(required)) {
        faults.add(1, "column " + required + " is required");
      }
    }
    return names;
  }

  private void row(int line, List<String> header, List<String> cells) {
    faults.tried(() -> taken(line, header, cells));
  }

  private boolean taken(int line, List<String> header, List<String> cells) {
    if (cells.size() != header.size()) {
      throw new PriceFileException(
          line, "must have " + header.size() + " cells, had " + cells.size());
    }
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < cells.size(); i++) {
      values.put(header.get(i), cells.get(i));
    }
    Row row = new Row(line, values);
    int before = faults.count();
    Price price = price(row);
    Long above = faults.tried(() -> above(row));
    List<Rate> rates = new ArrayList<>();
    RATES.forEach(
        (column, meter) -> {
          if (!row.get(column).isEmpty()) {
            faults.tried(
                () -> rates.add(new Rate(meter, PriceFile.pico(column, row.get(column), line))));
          }
        });
    if (rates.isEmpty() && faults.count() == before) {
      throw new PriceFileException(line, "a rate is required");
    }
    if (faults.count() > before || above == null) {
      return false;
    }
    card(row, price, Cards.allDay(tier(row), above, rates));
    return true;
  }

  private static String tier(Row row) {
    String tier = row.get("service_tier");
    return tier.equals("standard") || tier.equals("default") ? "" : tier;
  }

  private Price price(Row row) {
    Price price = PriceFile.blank(PriceKind.MODEL);
    price.setOrigin(origin);
    price.setProvider(required(row, "provider"));
    price.setName(required(row, "model"));
    price.setRegion(name(row, "region"));
    price.setTeam(name(row, "team"));
    price.setCustomer(name(row, "customer"));
    name(row, "service_tier");
    String currency = row.get("currency");
    if (!currency.isEmpty()) {
      price.setCurrency(currency);
      if (!PriceFile.isCurrency(currency)) {
        faults.add(row.line, "currency must be an ISO 4217 code such as USD, was " + currency);
      }
    }
    price.setValidFromMicros(faults.tried(() -> micros(row, "effective_from")));
    price.setValidToMicros(faults.tried(() -> micros(row, "effective_to")));
    return price;
  }

  private void card(Row row, Price price, RateCard card) {
    Key key = new Key(PriceSubject.of(price), price.getValidFromMicros());
    Validity.Entry entry = entries.computeIfAbsent(key, k -> new Validity.Entry(price, row.line));
    Price whole = entry.price();
    if (!Objects.equals(whole.getValidToMicros(), price.getValidToMicros())
        || !whole.getCurrency().equals(price.getCurrency())) {
      throw new PriceFileException(
          row.line,
          "effective_to and currency must be those of line " + entry.line() + ", the same price");
    }
    for (RateCard other : whole.getCards()) {
      if (other.getAboveInputTokens() == card.getAboveInputTokens()
          && other.getServiceTier().equals(card.getServiceTier())) {
        throw new PriceFileException(
            row.line,
            "a second row for "
                + key.subject
                + (key.fromMicros == null ? "" : " from " + Validity.text(key.fromMicros))
                + " above "
                + card.getAboveInputTokens()
                + " inputTokens");
      }
    }
    whole.getCards().add(card);
    cachedAudio(row, key, card);
  }

  private void cachedAudio(Row row, Key key, RateCard card) {
    String value = row.get(CACHED_AUDIO);
    if (value.isEmpty()) {
      return;
    }
    long pico = PriceFile.pico(CACHED_AUDIO, value, row.line);
    Long instead = rate(card, Meter.CACHE_READ_TOKENS);
    instead = instead == null ? rate(card, Meter.INPUT_TOKENS) : instead;
    boolean cheaper = instead != null && instead < pico;
    leftOut.add(
        new Omission(
            "line " + row.line + " " + key.subject,
            CACHED_AUDIO,
            value,
            "usage does not tell it apart: cache_read takes its place"
                + (cheaper ? ", which is too cheap for it" : "")));
  }

  private static @Nullable Long rate(RateCard card, Meter meter) {
    for (Rate rate : card.getRates()) {
      if (rate.getMeter() == meter) {
        return rate.getAmountPico();
      }
    }
    return null;
  }

  private static long above(Row row) {
    String text = row.get("above_input_tokens");
    try {
      long tokens = text.isEmpty() ? 0 : Long.parseLong(text);
      if (tokens >= 0) {
        return tokens;
      }
    } catch (NumberFormatException e) {
      // told below, like a negative number
    }
    throw new PriceFileException(
        row.line, "above_input_tokens must be a whole number >= 0, was " + text);
  }

  private static @Nullable Long micros(Row row, String column) {
    String text = row.get(column);
    return text.isEmpty() ? null : Validity.micros(column, text, row.line);
  }

  private String required(Row row, String column) {
    if (row.get(column).isEmpty()) {
      faults.add(row.line, column + " is required");
    } else if (column.equals("model") && row.get(column).endsWith("*")) {
      faults.add(row.line, "model must not end in *, was " + row.get(column));
    }
    return name(row, column);
  }

  private String name(Row row, String column) {
    String name = faults.tried(() -> PriceFile.checkedName(column, row.get(column), row.line));
    return name == null ? "" : name;
  }
}
