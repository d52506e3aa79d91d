package io.outlay.collectors.pull;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import io.outlay.collectors.format.Formats;
import io.outlay.collectors.format.UnreadableBodyException;
import io.outlay.usage.UsageRules;
import java.io.CharConversionException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of a listing. CSV has a header; JSON is an array of objects, an object whose
 * {@code datasets} is one, or an object on each line. Columns that mean nothing here are skipped.
 * What breaks off or does not fit its header is no listing at all, because bytes that are not
 * listed would look deleted.
 */
final class Listing {
  static final String STORE = "store";
  static final String DATASET = "dataset";
  static final String TIER = "tier";
  static final String BYTES = "bytes";
  static final String TEAM = "team";
  static final String PROJECT = "project";
  static final String ENVIRONMENT = "environment";

  private static final List<String> REQUIRED = List.of(DATASET, TIER, BYTES);
  private static final Set<String> COLUMNS =
      Set.of(STORE, DATASET, TIER, BYTES, TEAM, PROJECT, ENVIRONMENT);
  private static final String DATASETS = "datasets";

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
  private static final CsvFactory CSV =
      CsvFactory.builder()
          .enable(CsvParser.Feature.SKIP_EMPTY_LINES)
          .enable(CsvParser.Feature.TRIM_SPACES)
          .build();

  private Listing() {}

  /**
   * A row.
   *
   * @param line where it begins, from 1
   */
  record Row(Map<String, String> values, int line) {
    /** The value of a column, without blanks around it; empty if there is none. */
    String value(String column) {
      return values.getOrDefault(column, "").strip();
    }
  }

  /**
   * The rows, in their order.
   *
   * @param mediaType as it is said to be, empty if unknown
   * @param path whose ending says what it is where the media type does not
   * @throws UnreadableBodyException naming the place
   */
  static List<Row> rows(byte[] body, String mediaType, String path)
      throws UnreadableBodyException, IOException {
    try {
      return isJson(body, mediaType, path) ? json(body) : csv(body);
    } catch (JsonProcessingException e) {
      throw unreadable(
          e.getOriginalMessage(), e.getLocation() == null ? 0 : e.getLocation().getLineNr());
    } catch (CharConversionException e) {
      throw unreadable(String.valueOf(e.getMessage()), 0);
    }
  }

  private static boolean isJson(byte[] body, String mediaType, String path) {
    String type = Formats.mediaType(mediaType);
    if (type.endsWith("/json") || type.endsWith("+json") || type.endsWith("ndjson")) {
      return true;
    }
    String name = path.toLowerCase(Locale.ROOT);
    if (type.equals("text/csv") || name.endsWith(".csv")) {
      return false;
    }
    if (name.endsWith("json") || name.endsWith(".jsonl")) {
      return true;
    }
    for (byte b : body) {
      if (b == '{' || b == '[') {
        return true;
      }
      // Blanks and the three bytes of a byte order mark may come before.
      if (b > ' ') {
        return false;
      }
    }
    return false;
  }

  private static List<Row> csv(byte[] body) throws UnreadableBodyException, IOException {
    List<Row> rows = new ArrayList<>();
    try (CsvParser csv = CSV.createParser(body)) {
      List<String> header = cells(csv);
      if (header == null) {
        throw unreadable("is empty", 0);
      }
      List<String> columns =
          header.stream().map(name -> name.strip().toLowerCase(Locale.ROOT)).toList();
      for (String column : REQUIRED) {
        if (!columns.contains(column)) {
          throw unreadable(
              "the header must name " + column + ", was " + shown(String.join(",", columns)), 1);
        }
      }
      Set<String> seen = new HashSet<>();
      for (String column : columns) {
        if (COLUMNS.contains(column) && !seen.add(column)) {
          throw unreadable("the header names " + column + " twice", 1);
        }
      }
      for (List<String> cells = cells(csv); cells != null; cells = cells(csv)) {
        int line = csv.currentTokenLocation().getLineNr();
        if (cells.size() != columns.size()) {
          throw unreadable(
              "a row must have " + columns.size() + " columns, had " + cells.size(), line);
        }
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < cells.size(); i++) {
          values.put(columns.get(i), cells.get(i));
        }
        rows.add(new Row(values, line));
      }
    }
    return rows;
  }

  /** The cells of the next row, null after the last. */
  private static @Nullable List<String> cells(CsvParser csv) throws IOException {
    if (csv.nextToken() == null) {
      return null;
    }
    List<String> cells = new ArrayList<>();
    for (JsonToken token = csv.nextToken();
        token != null && token != JsonToken.END_ARRAY;
        token = csv.nextToken()) {
      cells.add(csv.getText());
    }
    return cells;
  }

  private static List<Row> json(byte[] body) throws UnreadableBodyException, IOException {
    List<Row> rows = new ArrayList<>();
    try (JsonParser json = JSON.createParser(body)) {
      JsonToken first = json.nextToken();
      if (first == null) {
        throw unreadable("is empty", 0);
      }
      if (first == JsonToken.START_ARRAY) {
        array(json, rows);
      } else if (first == JsonToken.START_OBJECT) {
        if (!object(json, rows, true)) {
          while (json.nextToken() == JsonToken.START_OBJECT) {
            object(json, rows, false);
          }
          if (json.currentToken() == null) {
            return rows;
          }
        }
      } else {
        throw unexpected(json, "an array or an object");
      }
      if (json.currentToken() != null && json.nextToken() != null) {
        throw unexpected(json, "its end");
      }
    }
    return rows;
  }

  private static void array(JsonParser json, List<Row> rows)
      throws UnreadableBodyException, IOException {
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() != JsonToken.START_OBJECT) {
        throw unexpected(json, "an object");
      }
      object(json, rows, false);
    }
  }

  /**
   * Reads an object that is a row, or one that holds them all.
   *
   * @return whether it holds them all
   */
  private static boolean object(JsonParser json, List<Row> rows, boolean mayHoldAll)
      throws UnreadableBodyException, IOException {
    int line = json.currentTokenLocation().getLineNr();
    Map<String, String> values = new HashMap<>();
    boolean holdsAll = false;
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      if (mayHoldAll && name.equals(DATASETS) && value == JsonToken.START_ARRAY) {
        holdsAll = true;
        array(json, rows);
      } else if (!COLUMNS.contains(name)) {
        json.skipChildren();
      } else if (value.isStructStart()) {
        throw unexpected(json, name + " as text or number");
      } else if (value != JsonToken.VALUE_NULL) {
        values.put(name, json.getText());
      }
    }
    if (!holdsAll) {
      rows.add(new Row(values, line));
    }
    return holdsAll;
  }

  private static UnreadableBodyException unexpected(JsonParser json, String expected)
      throws IOException {
    JsonToken token = json.currentToken();
    String was = token == null || token.asString() == null ? json.getText() : token.asString();
    return unreadable(
        "must have " + expected + ", had " + shown(String.valueOf(was)),
        json.currentTokenLocation().getLineNr());
  }

  private static UnreadableBodyException unreadable(String message, int line) {
    String place = line > 0 ? "line " + line + ": " : "";
    return new UnreadableBodyException(place + message, line, 0);
  }

  private static String shown(String value) {
    return UsageRules.shown(value);
  }
}
