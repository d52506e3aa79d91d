package io.outlay.streams.rating;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The ways to read the name of a model: under other names of its provider, without the prefix of a
 * gateway, without the date of a snapshot. A reading says nothing by itself; it counts only where
 * the price book knows its name. The tables are data: a new spelling is a new row.
 */
final class ModelNames {
  /**
   * How else price books may name a provider, and whose list prices hold there for models that it
   * has no price of its own for, both in order.
   */
  private static final Map<String, Provider> PROVIDERS = new HashMap<>();

  private record Provider(List<String> otherNames, List<String> standIns) {}

  static {
    // Models of others cost at Azure and at Vertex AI what their makers ask.
    known("aws", List.of("bedrock", "bedrock_converse"), List.of());
    known("bedrock", List.of("aws", "bedrock_converse"), List.of());
    known("bedrock_converse", List.of("aws", "bedrock"), List.of());
    known("aws_bedrock", List.of("aws", "bedrock", "bedrock_converse"), List.of());
    known("aws.bedrock", List.of("aws", "bedrock", "bedrock_converse"), List.of());
    known("amazon", List.of("aws", "bedrock", "bedrock_converse"), List.of());
    known("amazon-bedrock", List.of("aws", "bedrock", "bedrock_converse"), List.of());
    known("amazon_bedrock", List.of("aws", "bedrock", "bedrock_converse"), List.of());
    known("azure", List.of(), List.of("openai"));
    known("azure_openai", List.of("azure"), List.of("openai"));
    known("azure.ai.openai", List.of("azure"), List.of("openai"));
    known("az.ai.openai", List.of("azure"), List.of("openai"));
    known("azure_ai", List.of("azure"), List.of("openai", "mistral", "cohere"));
    known(
        "azure.ai.inference", List.of("azure_ai", "azure"), List.of("openai", "mistral", "cohere"));
    known("az.ai.inference", List.of("azure_ai", "azure"), List.of("openai", "mistral", "cohere"));
    known("google", List.of("gemini", "vertex_ai"), List.of());
    known("gemini", List.of("google", "vertex_ai"), List.of());
    known("google_ai_studio", List.of("google", "gemini", "vertex_ai"), List.of());
    known("google_genai", List.of("google", "gemini", "vertex_ai"), List.of());
    known("gcp.gemini", List.of("google", "gemini", "vertex_ai"), List.of());
    known("gcp.gen_ai", List.of("google", "gemini", "vertex_ai"), List.of());
    known("vertex_ai", List.of("google", "gemini"), List.of("anthropic", "mistral"));
    known(
        "vertex_ai_beta",
        List.of("vertex_ai", "google", "gemini"),
        List.of("anthropic", "mistral"));
    known("vertexai", List.of("vertex_ai", "google", "gemini"), List.of("anthropic", "mistral"));
    known(
        "google-vertex", List.of("vertex_ai", "google", "gemini"), List.of("anthropic", "mistral"));
    known(
        "google_vertexai",
        List.of("vertex_ai", "google", "gemini"),
        List.of("anthropic", "mistral"));
    known(
        "gcp.vertex_ai", List.of("vertex_ai", "google", "gemini"), List.of("anthropic", "mistral"));
    known("x-ai", List.of("xai", "grok"), List.of());
    known("xai", List.of("x-ai", "grok"), List.of());
    known("grok", List.of("x-ai", "xai"), List.of());
    known("mistral", List.of("mistralai", "mistral_ai"), List.of());
    known("mistralai", List.of("mistral", "mistral_ai"), List.of());
    known("mistral_ai", List.of("mistral", "mistralai"), List.of());
    known("voyageai", List.of("voyage"), List.of());
    known("voyage", List.of("voyageai"), List.of());
    known("cohere", List.of("cohere_chat"), List.of());
    known("cohere_chat", List.of("cohere"), List.of());
  }

  /** What a name may begin with before a slash, and the provider that it means. */
  private static final Map<String, String> GATEWAY_PREFIXES =
      Map.ofEntries(
          Map.entry("openai", "openai"),
          Map.entry("anthropic", "anthropic"),
          Map.entry("azure", "azure"),
          Map.entry("azure_ai", "azure_ai"),
          Map.entry("bedrock", "bedrock"),
          Map.entry("bedrock_converse", "bedrock_converse"),
          Map.entry("vertex_ai", "vertex_ai"),
          Map.entry("gemini", "gemini"),
          Map.entry("google", "google"),
          Map.entry("mistral", "mistral"),
          Map.entry("mistralai", "mistralai"),
          Map.entry("cohere", "cohere"),
          Map.entry("deepseek", "deepseek"),
          Map.entry("xai", "xai"),
          Map.entry("x-ai", "x-ai"),
          Map.entry("voyage", "voyage"),
          Map.entry("voyageai", "voyageai"));

  private static final Provider UNKNOWN = new Provider(List.of(), List.of());

  private static final Set<String> BEDROCK =
      Set.of(
          "aws",
          "bedrock",
          "bedrock_converse",
          "aws_bedrock",
          "aws.bedrock",
          "amazon",
          "amazon-bedrock",
          "amazon_bedrock");

  /**
   * A rewriting of a name: what it looks like, what becomes of it, and what to call that.
   *
   * @param mark what every such name has in it; spares most others the pattern
   */
  private record Rule(String mark, Pattern pattern, String replacement, String how) {
    static Rule of(String mark, String pattern, String replacement, String how) {
      return new Rule(mark, Pattern.compile(pattern), replacement, how);
    }

    /** What becomes of a reading, or null if it does not look like that. */
    @Nullable Reading apply(Reading reading) {
      if (!reading.name.contains(mark)) {
        return null;
      }
      Matcher matcher = pattern.matcher(reading.name);
      return matcher.matches()
          ? new Reading(reading.provider, matcher.replaceAll(replacement), and(reading.how, how))
          : null;
    }
  }

  private static final String DATE = "20\\d\\d-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\\d|3[01])";

  /** Where a resource name hides the model, for all providers. */
  private static final List<Rule> PATHS =
      List.of(
          Rule.of("models/", "^models/(.+)$", "$1", "without models/"),
          Rule.of("publishers/", "^publishers/[^/]+/models/(.+)$", "$1", "without its publisher"),
          Rule.of(
              "projects/",
              "^projects/.+/publishers/[^/]+/models/(.+)$",
              "$1",
              "without its project"));

  /** How Bedrock names a model by region. Each applies to what those before it have made. */
  private static final List<Rule> BEDROCK_PATHS =
      List.of(
          Rule.of("arn:aws", "^arn:aws[^/]*/(.+)$", "$1", "without its ARN"),
          Rule.of("/", "^(?:converse|invoke)/(.+)$", "$1", "without the call"),
          Rule.of("/", "^[a-z]{2}(?:-[a-z]+)+-\\d/(.+)$", "$1", "without the region of the call"));

  /** Names that the book may have for a model of Bedrock; all are tried. */
  private static final List<Rule> BEDROCK_NAMES =
      List.of(
          Rule.of(
              ".",
              "^(?:us|us-gov|eu|apac|ap|jp|au|ca)\\.(.+\\..+)$",
              "regional.$1",
              "by its regional price"),
          Rule.of(
              ".", "^(?:us|us-gov|eu|apac|ap|jp|au|ca)\\.(.+\\..+)$", "$1", "without its region"),
          Rule.of(".", "^((?:anthropic|amazon)\\..+)$", "regional.$1", "by its regional price"));

  /** Dates and marks that name a snapshot of a model; all are tried, on every name so far. */
  private static final List<Rule> SNAPSHOTS =
      List.of(
          Rule.of("20", "^(.+)[-@]" + DATE + "$", "$1", "as a snapshot"),
          Rule.of("@", "^(.+)@(?:default|latest)$", "$1", "as the latest"),
          Rule.of("-latest", "^(.+)-latest$", "$1", "as the latest"),
          Rule.of("20", "^(.+)-" + DATE + "(-v\\d+(?::\\d+)?)$", "$1$2", "as a snapshot"),
          Rule.of("20", "^(.+)-" + DATE + "(-v\\d+)$", "$1$2:0", "as a snapshot"),
          Rule.of("-v", "^(.+-v\\d+)$", "$1:0", "by its version"),
          Rule.of("gemini-", "^(gemini-.+)-00\\d$", "$1", "as a stable version"),
          Rule.of("20", "^(.+)[-@]" + DATE + "$", "$1-latest", "as a snapshot of the latest"),
          Rule.of(
              "claude-", "^(claude-(?:opus|sonnet)-4)[-@]" + DATE + "$", "$1-0", "as a snapshot"));

  /** Most names that stripping gateways may make of one, that in lower case among them. */
  private static final int MAX_ROOTS = 8;

  private ModelNames() {}

  /**
   * A provider and a name to look for.
   *
   * @param how how it came about, for people; empty for the usage's own words
   * @param standIn whether the provider is another one, whose list prices stand in
   */
  record Reading(String provider, String name, String how, boolean standIn) {
    Reading(String provider, String name, String how) {
      this(provider, name, how, false);
    }
  }

  /** All readings of a name, the usage's own words first, each provider and name once. */
  static List<Reading> readings(String provider, String name) {
    Readings readings = new Readings();
    List<Reading> roots = new ArrayList<>();
    roots.add(new Reading(provider, name, ""));
    String lowerProvider = provider.toLowerCase(Locale.ROOT);
    String lowerName = name.toLowerCase(Locale.ROOT);
    if (!lowerProvider.equals(provider) || !lowerName.equals(name)) {
      roots.add(new Reading(lowerProvider, lowerName, "in lower case"));
    }
    for (int i = 0; i < roots.size(); i++) {
      // A gateway may stand before a gateway, but strangers choose names: not without end.
      Reading root = roots.get(i);
      int slash = root.name.indexOf('/');
      String meant = slash > 0 ? GATEWAY_PREFIXES.get(root.name.substring(0, slash)) : null;
      if (meant != null && roots.size() < MAX_ROOTS && slash + 1 < root.name.length()) {
        String prefix = root.name.substring(0, slash + 1);
        roots.add(
            new Reading(meant, root.name.substring(slash + 1), and(root.how, "without " + prefix)));
      }
    }
    for (Reading root : roots) {
      readings.add(root, names(root));
    }
    return readings.found;
  }

  /** The names that one root may have in a book, from its own to the freest. */
  private static List<Reading> names(Reading root) {
    List<Reading> names = new ArrayList<>();
    names.add(path(root));
    if (!names.get(0).equals(root)) {
      names.add(0, root);
    }
    if (BEDROCK.contains(root.provider)) {
      rewrite(names, BEDROCK_NAMES);
    }
    rewrite(names, SNAPSHOTS);
    return names;
  }

  private static Reading path(Reading root) {
    Reading reading = root;
    for (Rule rule : BEDROCK.contains(root.provider) ? BEDROCK_PATHS : PATHS) {
      Reading rewritten = rule.apply(reading);
      reading = rewritten == null ? reading : rewritten;
    }
    return reading;
  }

  private static void rewrite(List<Reading> names, List<Rule> rules) {
    int before = names.size();
    for (Rule rule : rules) {
      for (int i = 0; i < before; i++) {
        Reading rewritten = rule.apply(names.get(i));
        if (rewritten != null) {
          names.add(rewritten);
        }
      }
    }
  }

  private static String and(String how, String next) {
    return how.isEmpty() ? next : how + ", " + next;
  }

  private static void known(String provider, List<String> otherNames, List<String> standIns) {
    PROVIDERS.put(provider, new Provider(otherNames, standIns));
  }

  /** Collects readings, each name under each name of its provider. */
  private static final class Readings {
    private final List<Reading> found = new ArrayList<>();
    private final Set<List<String>> seen = new HashSet<>();

    void add(Reading root, List<Reading> names) {
      Provider known = PROVIDERS.getOrDefault(root.provider, UNKNOWN);
      for (Reading reading : names) {
        add(reading);
        for (String other : known.otherNames) {
          add(new Reading(other, reading.name, and(reading.how, "at " + other)));
        }
        for (String other : known.standIns) {
          add(new Reading(other, reading.name, and(reading.how, "at " + other), true));
        }
      }
    }

    private void add(Reading reading) {
      if (seen.add(List.of(reading.provider, reading.name))) {
        found.add(reading);
      }
    }
  }
}
