package io.outlay.price;

import com.fasterxml.jackson.databind.JsonNode;
import io.outlay.money.Money;
import io.outlay.price.LiteLlmPrices.Located;
import io.outlay.price.PriceReading.Omission;
import io.outlay.schema.Meter;
import io.outlay.schema.Multiplier;
import io.outlay.schema.Price;
import io.outlay.schema.Rate;
import io.outlay.schema.RateCard;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One model of LiteLLM's list: its keys become rates, factors, omissions and refusals. */
final class LiteLlmEntry {
  private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);
  private static final BigDecimal THOUSAND = BigDecimal.valueOf(1_000);
  private static final BigDecimal SECONDS_PER_HOUR = BigDecimal.valueOf(3_600);

  private static final Pattern ABOVE = Pattern.compile("_above_(\\d{1,9})(k?)_tokens");
  private static final Pattern TIER =
      Pattern.compile("(.+)_(flex|priority|batches|ultrafast|fast)");
  private static final Pattern HOURS = Pattern.compile("(\\d{2}):(\\d{2})-(\\d{2}):(\\d{2})");
  private static final Pattern BESIDE_THE_CALL =
      Pattern.compile(
          "(code_interpreter|file_search|vector_store|computer_use|google_maps|annotation_cost).*"
              + "|.*_(dbu|db)_cost_.*");
  private static final Pattern VARIANT =
      Pattern.compile(
          "(?:input|output)_cost_per_(image|second|video_per_second|audio_per_second)_(.+)");
  private static final Set<String> MEDIA_MODES =
      Set.of("audio_transcription", "audio_speech", "video_generation", "realtime");
  private static final Set<String> IMAGE_MODES = Set.of("image_generation", "image_edit");

  /** Regions of Google Cloud; the global endpoint is none of them. */
  private static final List<String> VERTEX_REGIONS =
      List.of(
          "africa-*",
          "asia*",
          "australia-*",
          "eu*",
          "me-*",
          "northamerica-*",
          "southamerica-*",
          "us*");

  private record Unit(Meter meter, BigDecimal times) {}

  private static final Map<String, Unit> UNITS =
      Map.ofEntries(
          Map.entry("input_cost_per_token", new Unit(Meter.INPUT_TOKENS, MILLION)),
          Map.entry("output_cost_per_token", new Unit(Meter.OUTPUT_TOKENS, MILLION)),
          Map.entry("cache_read_input_token_cost", new Unit(Meter.CACHE_READ_TOKENS, MILLION)),
          Map.entry("input_cost_per_token_cache_hit", new Unit(Meter.CACHE_READ_TOKENS, MILLION)),
          Map.entry(
              "cache_creation_input_token_cost", new Unit(Meter.CACHE_WRITE_5M_TOKENS, MILLION)),
          Map.entry(
              "cache_creation_input_token_cost_above_1hr",
              new Unit(Meter.CACHE_WRITE_1H_TOKENS, MILLION)),
          Map.entry("output_cost_per_reasoning_token", new Unit(Meter.REASONING_TOKENS, MILLION)),
          Map.entry("input_cost_per_audio_token", new Unit(Meter.INPUT_AUDIO_TOKENS, MILLION)),
          Map.entry("output_cost_per_audio_token", new Unit(Meter.OUTPUT_AUDIO_TOKENS, MILLION)),
          Map.entry("input_cost_per_image_token", new Unit(Meter.INPUT_IMAGE_TOKENS, MILLION)),
          Map.entry("output_cost_per_image_token", new Unit(Meter.OUTPUT_IMAGE_TOKENS, MILLION)),
          Map.entry("input_cost_per_query", new Unit(Meter.REQUESTS, THOUSAND)),
          Map.entry("output_cost_per_query", new Unit(Meter.REQUESTS, THOUSAND)),
          Map.entry("input_cost_per_request", new Unit(Meter.REQUESTS, THOUSAND)),
          Map.entry("output_cost_per_request", new Unit(Meter.REQUESTS, THOUSAND)),
          Map.entry("cost_per_query", new Unit(Meter.REQUESTS, THOUSAND)),
          Map.entry("ocr_cost_per_page", new Unit(Meter.PAGES, THOUSAND)));

  /** Told otherwise than by tokens; a rate only where no tokens tell the same. */
  private static final Map<String, Unit> MEDIA =
      Map.ofEntries(
          Map.entry("output_cost_per_image", new Unit(Meter.IMAGES, BigDecimal.ONE)),
          Map.entry("input_cost_per_image", new Unit(Meter.IMAGES, BigDecimal.ONE)),
          Map.entry("input_cost_per_character", new Unit(Meter.CHARACTERS, MILLION)),
          Map.entry("output_cost_per_character", new Unit(Meter.CHARACTERS, MILLION)),
          Map.entry("input_cost_per_second", new Unit(Meter.MEDIA_HOURS, SECONDS_PER_HOUR)),
          Map.entry("output_cost_per_second", new Unit(Meter.MEDIA_HOURS, SECONDS_PER_HOUR)),
          Map.entry(
              "input_cost_per_audio_per_second", new Unit(Meter.MEDIA_HOURS, SECONDS_PER_HOUR)),
          Map.entry(
              "input_cost_per_video_per_second", new Unit(Meter.MEDIA_HOURS, SECONDS_PER_HOUR)),
          Map.entry(
              "output_cost_per_audio_per_second", new Unit(Meter.MEDIA_HOURS, SECONDS_PER_HOUR)),
          Map.entry(
              "output_cost_per_video_per_second", new Unit(Meter.MEDIA_HOURS, SECONDS_PER_HOUR)));

  /** What is billed in place of a kind of tokens that usage does not tell apart. */
  private static final Map<String, List<Meter>> STAND_INS =
      Map.of(
          "cache_read_input_audio_token_cost",
          List.of(Meter.CACHE_READ_TOKENS, Meter.INPUT_TOKENS),
          "cache_read_input_image_token_cost",
          List.of(Meter.CACHE_READ_TOKENS, Meter.INPUT_TOKENS),
          "cache_creation_input_audio_token_cost",
          List.of(Meter.CACHE_WRITE_5M_TOKENS, Meter.INPUT_TOKENS),
          "input_cost_per_video_token",
          List.of(Meter.INPUT_TOKENS),
          "output_cost_per_video_token",
          List.of(Meter.OUTPUT_TOKENS));

  /** The rate that holds for a meter without a rate of its own. */
  private static final Map<Meter, Meter> FOLLOWS =
      new EnumMap<>(
          Map.of(
              Meter.CACHE_READ_TOKENS, Meter.INPUT_TOKENS,
              Meter.CACHE_WRITE_5M_TOKENS, Meter.INPUT_TOKENS,
              Meter.INPUT_AUDIO_TOKENS, Meter.INPUT_TOKENS,
              Meter.INPUT_IMAGE_TOKENS, Meter.INPUT_TOKENS,
              Meter.REASONING_TOKENS, Meter.OUTPUT_TOKENS,
              Meter.OUTPUT_AUDIO_TOKENS, Meter.OUTPUT_TOKENS,
              Meter.OUTPUT_IMAGE_TOKENS, Meter.OUTPUT_TOKENS));

  private final String model;
  private final String mode;
  private final Faults faults;
  private final List<Omission> leftOut = new ArrayList<>();
  private final List<Omission> refusals = new ArrayList<>();

  /** Stated amounts by tier and threshold. */
  private final Map<String, TreeMap<Long, Map<Meter, Long>>> stated = new TreeMap<>();

  private final Map<String, Long> regions = new TreeMap<>();
  private final Map<String, Long> tierFactors = new TreeMap<>();
  private final List<RateCard> offPeak = new ArrayList<>();
  private @Nullable Located offPeakNode;

  LiteLlmEntry(String model, String mode, Faults faults) {
    this.model = model;
    this.mode = mode;
    this.faults = faults;
  }

  List<Omission> leftOut() {
    return leftOut;
  }

  List<Omission> refusals() {
    return refusals;
  }

  void read(Map<String, Located> rates) {
    Map<String, Located> later = new LinkedHashMap<>();
    rates.forEach(
        (key, at) -> {
          if (!structured(key, at) && !counted("", key, at)) {
            later.put(key, at);
          }
        });
    // These depend on which tokens have rates.
    later.forEach(this::media);
    later.keySet().removeIf(key -> isMedia(key));
    later.forEach(this::other);
    if (refusals.isEmpty() && base().isEmpty()) {
      refuse(
          "", "", rates.isEmpty() ? "states no price" : "states no standard rate that is counted");
    }
  }

  private static boolean isMedia(String key) {
    return MEDIA.containsKey(stem(key));
  }

  /** Keys whose value is more than an amount. */
  private boolean structured(String key, Located at) {
    switch (key) {
      case "search_context_cost_per_query" -> searches(key, at);
      case "tiered_pricing" -> tiered(key, at);
      case "off_peak_pricing" -> offPeakNode = at;
      case "provider_specific_entry" -> providerSpecific(key, at);
      case "regional_endpoint_uplift_multiplier" -> {
        for (String region : VERTEX_REGIONS) {
          factor(key, at, regions, region);
        }
      }
      default -> {
        String prefix = "regional_processing_uplift_multiplier_";
        if (!key.startsWith(prefix)) {
          return false;
        }
        factor(key, at, regions, key.substring(prefix.length()));
      }
    }
    return true;
  }

  /** An amount for something that usage counts. */
  private boolean counted(String offset, String key, Located at) {
    Unit unit = UNITS.get(stem(key));
    if (unit == null) {
      return false;
    }
    Long pico = pico(offset + key, at, unit.times);
    if (pico != null) {
      Map<Meter, Long> card = card(tier(key), above(key));
      if (unit.meter == Meter.REQUESTS) {
        card.merge(unit.meter, pico, Long::sum);
      } else if (card.containsKey(unit.meter) && !Objects.equals(card.get(unit.meter), pico)) {
        omit(key, text(at), "is told twice, the higher one holds");
        card.merge(unit.meter, pico, Math::max);
      } else {
        card.put(unit.meter, pico);
      }
    }
    return true;
  }

  private void media(String key, Located at) {
    Unit unit = MEDIA.get(stem(key));
    if (unit == null) {
      return;
    }
    Long pico = pico(key, at, unit.times);
    if (pico == null) {
      return;
    }
    Map<Meter, Long> base = base();
    boolean input = key.startsWith("input");
    Meter tokens = input ? Meter.INPUT_TOKENS : Meter.OUTPUT_TOKENS;
    boolean tokensTellIt =
        unit.meter == Meter.IMAGES
            ? (input && isCharged(base, tokens)) || base.containsKey(imageTokens(input))
            : isCharged(base, tokens) || isCharged(base, audioTokens(input));
    if (tokensTellIt) {
      omit(key, text(at), "the tokens have rates: this tells the same in another unit");
    } else if (unit.meter == Meter.MEDIA_HOURS && !MEDIA_MODES.contains(mode)) {
      leaveOutOrRefuse(key, at, pico, "is for the time of a machine, which calls do not count");
    } else if (unit.meter == Meter.IMAGES && input && !IMAGE_MODES.contains(mode)) {
      leaveOutOrRefuse(key, at, pico, "is for images of the prompt, which only tokens count");
    } else {
      Map<Meter, Long> card = card(tier(key), above(key));
      Long former = card.get(unit.meter);
      if (former == null || former == 0) {
        card.put(unit.meter, pico);
      } else if (pico != 0 && !former.equals(pico)) {
        refuse(key, text(at), "differs from another rate for the same unit");
      }
    }
  }

  private static Meter imageTokens(boolean input) {
    return input ? Meter.INPUT_IMAGE_TOKENS : Meter.OUTPUT_IMAGE_TOKENS;
  }

  private static Meter audioTokens(boolean input) {
    return input ? Meter.INPUT_AUDIO_TOKENS : Meter.OUTPUT_AUDIO_TOKENS;
  }

  private static boolean isCharged(Map<Meter, Long> card, Meter meter) {
    Long rate = card.get(meter);
    return rate != null && rate > 0;
  }

  /** What usage does not count: left out if nothing becomes too cheap by it. */
  private void other(String key, Located at) {
    if (BESIDE_THE_CALL.matcher(key).matches()) {
      omit(key, text(at), "is charged beside the call: publish it as direct cost");
      return;
    }
    List<Meter> standIns = STAND_INS.get(stem(key));
    if (standIns != null) {
      Long pico = pico(key, at, MILLION);
      if (pico != null) {
        // A threshold or tier of it is compared with the rate there.
        instead(key, at, pico, standIns, filled(tier(key), above(key)));
      }
      return;
    }
    Matcher variant = VARIANT.matcher(key);
    if (variant.matches()) {
      boolean images = variant.group(1).equals("image");
      Long pico = pico(key, at, images ? BigDecimal.ONE : SECONDS_PER_HOUR);
      if (pico != null) {
        boolean input = key.startsWith("input");
        if (isCharged(base(), input ? Meter.INPUT_TOKENS : Meter.OUTPUT_TOKENS)) {
          omit(key, text(at), "the tokens have rates: this tells the same in another unit");
        } else {
          instead(key, at, pico, List.of(images ? Meter.IMAGES : Meter.MEDIA_HOURS), base());
        }
      }
      return;
    }
    Long pico = at.value().isNumber() || at.value().isTextual() ? pico(key, at, MILLION) : null;
    if (pico != null || at.value().isContainerNode()) {
      leaveOutOrRefuse(key, at, pico == null ? 1 : pico, "is for something that is not counted");
    }
  }

  private void instead(
      String key, Located at, long pico, List<Meter> standIns, Map<Meter, Long> card) {
    for (Meter meter : standIns) {
      Long rate = card.get(meter);
      if (rate != null) {
        if (rate >= pico) {
          omit(key, text(at), "usage does not tell it apart: " + name(meter) + " takes its place");
        } else {
          refuse(
              key,
              text(at),
              "usage does not tell it apart, and " + name(meter) + " would be too cheap for it");
        }
        return;
      }
    }
    if (pico == 0) {
      omit(key, text(at), "is not counted, and free");
    } else {
      // Without a rate to take its place such usage stays unpriced, which is not too cheap.
      omit(key, text(at), "usage does not tell it apart, and no rate takes its place");
    }
  }

  private static String name(Meter meter) {
    return Objects.requireNonNull(Section.MODELS.rateKey(meter));
  }

  private void leaveOutOrRefuse(String key, Located at, long pico, String reason) {
    if (pico == 0) {
      omit(key, text(at), "is not counted, and free");
    } else {
      refuse(key, text(at), reason);
    }
  }

  private void searches(String key, Located at) {
    Set<Long> amounts = new TreeSet<>();
    if (!at.value().isObject()) {
      faults.add(at.line(), model + ": " + key + " must be an object, was " + text(at));
      return;
    }
    at.value()
        .properties()
        .forEach(
            size -> {
              Long pico =
                  pico(
                      key + "." + size.getKey(), new Located(size.getValue(), at.line()), THOUSAND);
              if (pico != null) {
                amounts.add(pico);
              }
            });
    if (amounts.size() == 1) {
      card("", 0).put(Meter.WEB_SEARCHES, amounts.iterator().next());
    } else if (amounts.size() > 1) {
      omit(key, text(at), "depends on the size of the search: usage with searches stays unpriced");
    }
  }

  private void tiered(String key, Located at) {
    if (!at.value().isArray()) {
      faults.add(at.line(), model + ": " + key + " must be a list, was " + text(at));
      return;
    }
    for (JsonNode part : at.value()) {
      JsonNode range = part.get("range");
      if (range == null || !range.isArray() || range.isEmpty() || !range.get(0).isNumber()) {
        refuse(key, part.toString(), "has no range of input tokens");
        continue;
      }
      BigDecimal low = range.get(0).decimalValue();
      if (low.signum() < 0 || low.stripTrailingZeros().scale() > 0 || low.precision() > 18) {
        faults.add(
            at.line(), model + ": " + key + " range must be whole numbers >= 0, was " + range);
        continue;
      }
      String suffix = low.signum() == 0 ? "" : "_above_" + low.toBigInteger() + "_tokens";
      part.properties()
          .forEach(
              field -> {
                String name = field.getKey();
                Located value = new Located(field.getValue(), at.line());
                if (name.equals("range") || value.value().isNull()) {
                  return;
                }
                if (UNITS.containsKey(name)) {
                  counted(key + ".", name + suffix, value);
                } else {
                  refuse(key + "." + name, text(value), "is not known in a range of tokens");
                }
              });
    }
  }

  private void providerSpecific(String key, Located at) {
    at.value()
        .properties()
        .forEach(
            field -> {
              Located value = new Located(field.getValue(), at.line());
              String name = key + "." + field.getKey();
              if (!value.value().isNumber()) {
                omit(name, text(value), "is no factor");
              } else if (Set.of("fast", "flex", "priority", "ultrafast").contains(field.getKey())) {
                factor(name, value, tierFactors, field.getKey());
              } else {
                factor(name, value, regions, field.getKey());
              }
            });
  }

  private void factor(String key, Located at, Map<String, Long> factors, String name) {
    BigDecimal factor = number(key, at);
    if (factor == null) {
      return;
    }
    if (factor.signum() <= 0 || factor.compareTo(THOUSAND) > 0) {
      faults.add(at.line(), model + ": " + key + " must be > 0 and <= 1000, was " + text(at));
    } else if (factor.stripTrailingZeros().scale() > 6) {
      refuse(key, text(at), "has more than 6 decimals");
    } else {
      factors.put(name, factor.movePointRight(6).longValueExact());
    }
  }

  /** Gives a price its cards and factors. */
  void giveTo(Price price) {
    Set<Long> thresholds = new TreeSet<>();
    stated.values().forEach(cards -> thresholds.addAll(cards.keySet()));
    thresholds.add(0L);
    List<RateCard> cards = new ArrayList<>();
    for (String tier : stated.keySet()) {
      for (long threshold : thresholds) {
        Map<Meter, Long> amounts = filled(tier, threshold);
        cards.add(Cards.allDay(tier, threshold, rates(amounts)));
        if (tier.isEmpty()) {
          offPeak(threshold, amounts);
        }
      }
    }
    cards.addAll(offPeak);
    price.setCards(cards);
    List<Multiplier> tiers = new ArrayList<>();
    tierFactors.forEach(
        (tier, factor) -> {
          if (stated.containsKey(tier)) {
            omit("provider_specific_entry." + tier, "", "the tier has rates of its own");
          } else {
            tiers.add(new Multiplier(tier, factor));
          }
        });
    price.setTierMultipliers(tiers);
    List<Multiplier> factors = new ArrayList<>();
    regions.forEach((region, factor) -> factors.add(new Multiplier(region, factor)));
    price.setRegionMultipliers(factors);
  }

  /**
   * The rates of a time of day that is cheaper; without them usage would be dearer, not cheaper.
   */
  private void offPeak(long threshold, Map<Meter, Long> standard) {
    Located at = offPeakNode;
    if (at == null || at.value().isEmpty()) {
      return;
    }
    Matcher hours = HOURS.matcher(at.value().path("hours_utc").asText());
    if (!hours.matches()) {
      if (threshold == 0) {
        omit("off_peak_pricing", text(at), "names no single time of day in hours_utc");
      }
      return;
    }
    int from = Integer.parseInt(hours.group(1)) * 60 + Integer.parseInt(hours.group(2));
    int to = Integer.parseInt(hours.group(3)) * 60 + Integer.parseInt(hours.group(4));
    to = to == 0 ? Cards.DAY : to;
    if (from >= Cards.DAY || to > Cards.DAY || from == to || (from == 0 && to == Cards.DAY)) {
      if (threshold == 0) {
        omit("off_peak_pricing", text(at), "is no part of a day");
      }
      return;
    }
    Map<Meter, Long> own = new EnumMap<>(Meter.class);
    at.value()
        .properties()
        .forEach(
            field -> {
              Unit unit = UNITS.get(field.getKey());
              if (unit != null) {
                Long pico =
                    pico(
                        "off_peak_pricing." + field.getKey(),
                        new Located(field.getValue(), at.line()),
                        unit.times);
                if (pico != null) {
                  own.put(unit.meter, pico);
                }
              } else if (!field.getKey().equals("hours_utc") && threshold == 0) {
                omit(
                    "off_peak_pricing." + field.getKey(),
                    field.getValue().toString(),
                    "is no rate");
              }
            });
    Map<Meter, Long> amounts = new EnumMap<>(Meter.class);
    amounts.putAll(standard);
    overlay(amounts, own);
    offPeak.add(new RateCard(threshold, "", from, to, rates(amounts)));
  }

  private static List<Rate> rates(Map<Meter, Long> amounts) {
    List<Rate> rates = new ArrayList<>();
    amounts.forEach((meter, pico) -> rates.add(new Rate(meter, pico)));
    return Cards.sorted(rates);
  }

  /** The rates of a tier above a threshold, with those that it does not state itself. */
  private Map<Meter, Long> filled(String tier, long threshold) {
    Map<Meter, Long> amounts = new EnumMap<>(Meter.class);
    amounts.putAll(base());
    if (!tier.isEmpty()) {
      overlay(amounts, stated(tier, 0));
    }
    TreeMap<Long, Map<Meter, Long>> standard = stated.getOrDefault("", new TreeMap<>());
    TreeMap<Long, Map<Meter, Long>> own = stated.getOrDefault(tier, new TreeMap<>());
    Set<Long> thresholds = new TreeSet<>(standard.keySet());
    thresholds.addAll(own.keySet());
    for (long at : thresholds) {
      if (at > 0 && at <= threshold) {
        overlay(amounts, standard.getOrDefault(at, Map.of()));
        if (!tier.isEmpty()) {
          overlay(amounts, own.getOrDefault(at, Map.of()));
        }
      }
    }
    return amounts;
  }

  /** Puts rates over others. A rate that equals the one it follows goes on following it. */
  private static void overlay(Map<Meter, Long> amounts, Map<Meter, Long> over) {
    FOLLOWS.forEach(
        (meter, followed) -> {
          if (over.containsKey(followed)
              && !over.containsKey(meter)
              && Objects.equals(amounts.get(meter), amounts.get(followed))) {
            amounts.remove(meter);
          }
        });
    amounts.putAll(over);
  }

  private Map<Meter, Long> base() {
    return stated("", 0);
  }

  private Map<Meter, Long> stated(String tier, long threshold) {
    return stated.getOrDefault(tier, new TreeMap<>()).getOrDefault(threshold, Map.of());
  }

  private Map<Meter, Long> card(String tier, long threshold) {
    return stated
        .computeIfAbsent(tier, t -> new TreeMap<>())
        .computeIfAbsent(threshold, t -> new EnumMap<>(Meter.class));
  }

  /** The amount in pico-USD for the units of a meter, or null if it cannot be taken. */
  private @Nullable Long pico(String key, Located at, BigDecimal times) {
    BigDecimal usd = number(key, at);
    if (usd == null) {
      return null;
    }
    BigDecimal amount = usd.multiply(times);
    if (usd.signum() < 0) {
      faults.add(at.line(), model + ": " + key + " must be >= 0, was " + text(at));
      return null;
    }
    if (amount.compareTo(MILLION) >= 0) {
      faults.add(
          at.line(), model + ": " + key + " must be below " + limit(times) + ", was " + text(at));
      return null;
    }
    // Compared before it is rescaled: that would write out every zero of 1e-100000000.
    if (amount.signum() > 0 && amount.compareTo(BigDecimal.valueOf(5, Money.SCALE + 1)) <= 0) {
      refuse(key, text(at), "is too small to be kept, and must not become free");
      return null;
    }
    if (amount.signum() == 0) {
      return 0L;
    }
    if (amount.stripTrailingZeros().scale() > Money.SCALE) {
      amount = amount.setScale(Money.SCALE, RoundingMode.HALF_EVEN);
      omit(key, text(at), "has more decimals than are kept, rounded to " + amount.toPlainString());
    }
    return Money.ofUsd(amount);
  }

  private static String limit(BigDecimal times) {
    return MILLION.divide(times, 6, RoundingMode.DOWN).stripTrailingZeros().toPlainString();
  }

  private @Nullable BigDecimal number(String key, Located at) {
    JsonNode value = at.value();
    if (value.isNull()) {
      return null;
    }
    if (value.isNumber()) {
      return value.decimalValue();
    }
    if (value.isTextual()) {
      try {
        return new BigDecimal(value.textValue());
      } catch (NumberFormatException e) {
        // told below, like a value of another kind
      }
    }
    faults.add(at.line(), model + ": " + key + " must be a number, was " + text(at));
    return null;
  }

  private static String stem(String key) {
    String plain = ABOVE.matcher(key).replaceAll("");
    Matcher tier = TIER.matcher(plain);
    return tier.matches() ? tier.group(1) : plain;
  }

  private static String tier(String key) {
    Matcher tier = TIER.matcher(ABOVE.matcher(key).replaceAll(""));
    if (!tier.matches()) {
      return "";
    }
    return tier.group(2).equals("batches") ? "batch" : tier.group(2);
  }

  private static long above(String key) {
    Matcher above = ABOVE.matcher(key);
    return above.find()
        ? Long.parseLong(above.group(1)) * (above.group(2).isEmpty() ? 1 : 1_000)
        : 0;
  }

  private void omit(String key, String value, String reason) {
    leftOut.add(new Omission(model, key, value, reason));
  }

  private void refuse(String key, String value, String reason) {
    refusals.add(new Omission(model, key, value, reason));
  }

  private static String text(Located at) {
    return at.value().isTextual() ? at.value().textValue() : at.value().toString();
  }
}
