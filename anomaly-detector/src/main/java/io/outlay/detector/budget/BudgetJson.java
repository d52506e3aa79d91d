package io.outlay.detector.budget;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.outlay.schema.BudgetLevel;
import io.outlay.schema.BudgetState;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Budgets as JSON over HTTP. Amounts are decimal strings with at least two places. */
final class BudgetJson {
  private static final int MIN_PLACES = 2;
  private static final int SHARE_PLACES = 6;

  private final JsonMapper json =
      JsonMapper.builder().enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN).build();

  /** One budget. */
  BudgetView view(BudgetState state) {
    ObjectNode node = json.createObjectNode();
    node.put("name", state.getName());
    node.put("state", lower(state.getLevel()));
    node.put("action", action(state.getLevel(), state.getHard()));
    node.put("hard", state.getHard());
    ObjectNode scope = node.putObject("scope");
    state.getScope().forEach(scope::put);
    node.put("period", state.getPeriod());
    node.put("periodStart", time(state.getPeriodStartMicros()));
    node.put("periodEnd", time(state.getPeriodEndMicros()));
    node.put("timezone", state.getTimezone());
    BigDecimal limit = state.getLimitUsd();
    BigDecimal actual = state.getActualUsd();
    node.put("limitUsd", usd(limit));
    node.put("actualUsd", usd(actual));
    node.put("remainingUsd", usd(limit.subtract(actual)));
    // Down, so that what is not quite used up is not shown as if it were.
    node.put("usedShare", plain(actual.divide(limit, SHARE_PLACES, RoundingMode.DOWN)));
    BigDecimal forecast = state.getForecastUsd();
    node.put("forecastUsd", forecast == null ? null : usd(forecast));
    node.put("forecastState", forecast == null ? null : lower(state.getForecastLevel()));
    node.put("asOf", time(state.getAsOfMicros()));
    node.put("updatedAt", time(state.getUpdatedAtMicros()));
    node.put("revision", state.getRevision());
    try {
      // The revision counts from 1 again where a name was deleted in between.
      String tag = "\"" + state.getRevision() + "-" + state.getPeriodStartMicros() + "\"";
      return new BudgetView(json.writeValueAsBytes(node), tag);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of nodes can always be written", e);
    }
  }

  /** All budgets, from what each is. */
  static byte[] list(Collection<BudgetView> views) {
    StringBuilder all = new StringBuilder("{\"budgets\":[");
    String comma = "";
    for (BudgetView view : views) {
      all.append(comma).append(new String(view.json(), StandardCharsets.UTF_8));
      comma = ",";
    }
    return all.append("]}").toString().getBytes(StandardCharsets.UTF_8);
  }

  /** What a gateway had better do. */
  static String action(BudgetLevel level, boolean hard) {
    return switch (level) {
      case NORMAL -> "none";
      case WARN -> "warn";
      case DEGRADE -> "degrade";
      case CRITICAL -> "page";
      case LIMIT -> "queue";
      case EXHAUSTED -> hard ? "refuse" : "queue";
    };
  }

  private static String usd(BigDecimal amount) {
    return plain(amount, MIN_PLACES).toPlainString();
  }

  private static BigDecimal plain(BigDecimal value) {
    return plain(value, 0);
  }

  private static BigDecimal plain(BigDecimal value, int minPlaces) {
    BigDecimal stripped = value.stripTrailingZeros();
    return stripped.scale() < minPlaces ? stripped.setScale(minPlaces) : stripped;
  }

  private static @Nullable String time(@Nullable Long micros) {
    return micros == null ? null : Instant.EPOCH.plus(micros, ChronoUnit.MICROS).toString();
  }

  private static String lower(BudgetLevel level) {
    return level.name().toLowerCase(Locale.ROOT);
  }
}
