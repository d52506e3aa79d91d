package io.outlay.price;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.outlay.price.PriceReading.Omission;
import io.outlay.schema.Price;
import io.outlay.schema.PriceKind;
import io.outlay.usage.UsageRules;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads LiteLLM's price list, {@code model_prices_and_context_window.json}: an object with an entry
 * for each model. {@code sample_spec} and {@code fallback_generalizations} are no models. Numbers
 * such as {@code 1.5e-07} are read as decimal text, never through a floating-point number.
 *
 * <p>{@code litellm_provider} becomes the provider that usage names: {@code bedrock} and {@code
 * sagemaker} are {@code aws}, {@code vertex_ai-…} and {@code gemini} are {@code google}, {@code
 * azure_ai} is {@code azure}, {@code xai} is {@code x-ai}, {@code voyage} is {@code voyageai}; one
 * that is not known stays as it is. A leading path segment of the key that names the provider
 * ({@code azure/}, {@code vertex_ai/}, …) is no part of the model; the whole key stays an alias. A
 * region after {@code bedrock/} becomes the region of the price. Where two keys then name the same
 * model and say the same, they are one price; where they differ, the key without a prefix is the
 * model and the other keeps its whole key as name.
 *
 * <p>A rate that a service tier or threshold does not state is that of the standard rates, as
 * LiteLLM takes it, unless it equals the rate of the plain tokens of its side there: then it
 * follows them. How each family of keys is read:
 *
 * <ul>
 *   <li>per token, cached, written to a cache (for an hour: {@code _above_1hr}), audio, image and
 *       reasoning tokens; per query, request and page: a rate each, with {@code _above_…_tokens} as
 *       threshold and {@code _flex}, {@code _priority}, {@code _batches}, … as tier. {@code
 *       tiered_pricing} by input tokens: thresholds. {@code off_peak_pricing}: a card of that time
 *       of day;
 *   <li>{@code search_context_cost_per_query}: the rate of web searches if it does not depend on
 *       the size; else left out, so that usage with searches stays unpriced;
 *   <li>per character, second, and image generated: a rate, unless tokens of the same side have
 *       one: those are then another way to tell the same, and left out. Seconds are those of audio
 *       and video; where they are of a machine (other modes), the entry is refused;
 *   <li>cached audio, video tokens, resolutions and qualities of images and video: left out where
 *       the rate that takes their place ({@code cacheRead}, {@code input}, {@code output}, {@code
 *       images}, {@code mediaHour}) is as high or higher, else the entry is refused;
 *   <li>services beside the call (code interpreter, file search, vector stores, maps, page
 *       annotation) and amounts in other units of account: left out; publish them as direct cost;
 *   <li>{@code regional_processing_uplift_multiplier_…}, {@code
 *       regional_endpoint_uplift_multiplier} and {@code provider_specific_entry}: factors of
 *       regions and, for {@code fast}, of a tier;
 *   <li>pixels, citations, credits, and keys about costs that are not known: the entry is refused
 *       unless they are 0, because leaving them out would make it too cheap.
 * </ul>
 */
public final class LiteLlmPrices {
  private static final Set<String> NO_MODELS = Set.of("sample_spec", "fallback_generalizations");
  private static final Pattern PRICE_KEY =
      Pattern.compile(".*(cost|pricing|price|multiplier).*|provider_specific_entry");
  private static final Pattern REGION = Pattern.compile("[a-z]{2}(-gov)?-[a-z]+-\\d");

  private static final Map<String, String> PROVIDERS =
      Map.ofEntries(
          Map.entry("text-completion-openai", "openai"),
          Map.entry("azure_text", "azure"),
          Map.entry("azure_ai", "azure"),
          Map.entry("bedrock", "aws"),
          Map.entry("bedrock_converse", "aws"),
          Map.entry("bedrock_mantle", "aws"),
          Map.entry("sagemaker", "aws"),
          Map.entry("sagemaker_chat", "aws"),
          Map.entry("amazon_nova", "aws"),
          Map.entry("aws_polly", "aws"),
          Map.entry("gemini", "google"),
          Map.entry("palm", "google"),
          Map.entry("vertex_ai", "google"),
          Map.entry("codestral", "mistral"),
          Map.entry("text-completion-codestral", "mistral"),
          Map.entry("xai", "x-ai"),
          Map.entry("voyage", "voyageai"),
          Map.entry("cohere_chat", "cohere"));

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  private final String origin;
  private final Faults faults = new Faults();
  private final List<Omission> leftOut = new ArrayList<>();
  private final List<Omission> refused = new ArrayList<>();

  private LiteLlmPrices(String origin) {
    this.origin = origin;
  }

  /**
   * Reads the list whole. The prices hold since always: the list has no dates.
   *
   * @param origin where the figures come from, kept with each price
   * @throws PriceFileException with all faults and their lines, if it is not such a list or has
   *     rates that are negative, no numbers or 1,000,000 USD and more
   */
  public static PriceReading read(Reader reader, String origin) {
    LiteLlmPrices list = new LiteLlmPrices(origin);
    List<Price> prices = list.prices(list.entries(reader));
    list.faults.throwIfAny();
    return new PriceReading(prices, list.leftOut, list.refused);
  }

  /** A value with the line of its key. */
  record Located(JsonNode value, int line) {}

  /** A price with the key it was read from. */
  private record Named(Price price, String key) {}

  private Map<String, Map<String, Located>> entries(Reader reader) {
    Map<String, Map<String, Located>> entries = new LinkedHashMap<>();
    try (JsonParser parser = JSON.createParser(reader)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new PriceFileException(1, "the list must be a JSON object of models");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String model = parser.currentName();
        int line = parser.currentTokenLocation().getLineNr();
        boolean isModel = !NO_MODELS.contains(model);
        if (parser.nextToken() != JsonToken.START_OBJECT) {
          if (isModel) {
            faults.add(line, model + " must be an object, was " + parser.getText());
          }
          parser.skipChildren();
        } else if (!isModel) {
          parser.skipChildren();
        } else if (entries.put(model, fields(parser)) != null) {
          leftOut.add(new Omission(model, "", "", "stands twice, the last one holds"));
        }
      }
      if (parser.nextToken() != null) {
        faults.add(
            parser.currentTokenLocation().getLineNr(), "nothing may follow the list of models");
      }
    } catch (JacksonException e) {
      throw new PriceFileException(
          e.getLocation() == null ? 0 : e.getLocation().getLineNr(),
          "is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new PriceFileException(0, "cannot be read: " + e.getMessage());
    }
    return entries;
  }

  private static Map<String, Located> fields(JsonParser parser) throws IOException {
    Map<String, Located> fields = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      int line = parser.currentTokenLocation().getLineNr();
      parser.nextToken();
      fields.put(key, new Located(JSON.readTree(parser), line));
    }
    return fields;
  }

  private List<Price> prices(Map<String, Map<String, Located>> entries) {
    Map<PriceSubject, List<Named>> bySubject = new TreeMap<>();
    entries.forEach(
        (key, fields) -> {
          Price price = price(key, fields);
          if (price != null) {
            bySubject
                .computeIfAbsent(PriceSubject.of(price), s -> new ArrayList<>())
                .add(new Named(price, key));
          }
        });
    Map<PriceSubject, Price> taken = new TreeMap<>();
    List<Named> conflicting = new ArrayList<>();
    bySubject.forEach(
        (subject, named) -> {
          named.sort(
              Comparator.comparing((Named n) -> !n.key.equals(subject.name()))
                  .thenComparing(Named::key));
          Price first = named.get(0).price;
          taken.put(subject, first);
          for (Named other : named.subList(1, named.size())) {
            if (PriceImport.sameTerms(first, other.price)) {
              first.getAliases().addAll(other.price.getAliases());
            } else {
              conflicting.add(other);
            }
          }
        });
    conflicting.forEach(other -> underItsKey(other, taken));
    List<Price> prices = new ArrayList<>(taken.values());
    prices.forEach(this::finish);
    prices.sort(Comparator.comparing(Price::getId));
    return prices;
  }

  private void underItsKey(Named other, Map<PriceSubject, Price> taken) {
    String name = other.price.getName();
    other.price.setName(other.key);
    other.price.setAliases(new ArrayList<>());
    if (taken.putIfAbsent(PriceSubject.of(other.price), other.price) == null) {
      leftOut.add(
          new Omission(
              other.key,
              "",
              "",
              "has other rates than another " + name + ", so it keeps its whole key as name"));
    } else {
      refused.add(new Omission(other.key, "", "", "has other rates than another " + name));
    }
  }

  private void finish(Price price) {
    Set<String> aliases = new TreeSet<>();
    for (String alias : price.getAliases()) {
      if (alias.length() <= UsageRules.MAX_DIMENSION_LENGTH) {
        aliases.add(alias);
      } else {
        leftOut.add(
            new Omission(
                price.getName(),
                "alias",
                alias,
                "has more than " + UsageRules.MAX_DIMENSION_LENGTH + " characters"));
      }
    }
    aliases.remove(price.getName());
    price.setAliases(new ArrayList<>(aliases));
    Cards.order(price);
    price.setId(PriceSubject.of(price).id(null));
  }

  private @Nullable Price price(String key, Map<String, Located> fields) {
    Located provider = fields.get("litellm_provider");
    if (provider == null || !provider.value.isTextual() || provider.value.textValue().isBlank()) {
      refused.add(new Omission(key, "", "", "names no litellm_provider"));
      return null;
    }
    Price price = PriceFile.blank(PriceKind.MODEL);
    price.setOrigin(origin);
    name(price, key, provider.value.textValue());
    if (price.getName().isBlank()
        || price.getName().length() > UsageRules.MAX_DIMENSION_LENGTH
        || price.getName().chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
      refused.add(new Omission(key, "", "", "is a name that no usage can have"));
      return null;
    }
    if (price.getName().endsWith("*")) {
      refused.add(new Omission(key, "", "", "is a pattern, not a model"));
      return null;
    }
    Map<String, Located> rates = new LinkedHashMap<>();
    fields.forEach(
        (name, value) -> {
          if (PRICE_KEY.matcher(name).matches()
              && !name.startsWith("supports_")
              && !value.value.isNull()) {
            rates.put(name, value);
          }
        });
    Located mode = fields.get("mode");
    LiteLlmEntry entry =
        new LiteLlmEntry(
            key, mode == null ? "" : mode.value.asText().toLowerCase(Locale.ROOT), faults);
    entry.read(rates);
    if (entry.refusals().isEmpty()) {
      entry.giveTo(price);
    }
    leftOut.addAll(entry.leftOut());
    refused.addAll(entry.refusals());
    return entry.refusals().isEmpty() ? price : null;
  }

  /** Sets provider, name, region and aliases from a key such as {@code bedrock/us-east-1/m}. */
  private static void name(Price price, String key, String litellmProvider) {
    String provider = provider(litellmProvider);
    Set<String> aliases = new LinkedHashSet<>();
    String name = key;
    int slash = key.indexOf('/');
    if (slash > 0) {
      String prefix = key.substring(0, slash);
      if (prefix.equals(litellmProvider) || provider(prefix).equals(provider)) {
        aliases.add(key);
        name = key.substring(slash + 1);
        Matcher region =
            Pattern.compile("(" + REGION + ")/(.+)").matcher(provider.equals("aws") ? name : "");
        if (region.matches()) {
          price.setRegion(region.group(1));
          name = region.group(3);
        }
      }
    }
    price.setProvider(provider);
    price.setName(name);
    price.setAliases(new ArrayList<>(aliases));
  }

  private static String provider(String litellmProvider) {
    String provider = litellmProvider.toLowerCase(Locale.ROOT);
    if (provider.startsWith("vertex_ai-") || provider.startsWith("vertex-ai")) {
      return "google";
    }
    if (provider.startsWith("fireworks_ai")) {
      return "fireworks_ai";
    }
    return PROVIDERS.getOrDefault(provider, provider);
  }
}
