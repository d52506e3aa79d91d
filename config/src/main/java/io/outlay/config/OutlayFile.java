package io.outlay.config;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.source.yaml.YamlConfigSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * The configuration file as a source: the file that the property {@value #PROPERTY} names, with
 * every key under the prefix of {@link OutlayConfig}. The environment and system properties rank
 * above it, the programs' own defaults below.
 */
public final class OutlayFile implements ConfigSourceFactory {
  /** Names the file; not under the prefix, so that it is no key of the mapping. */
  public static final String PROPERTY = "config.file";

  private static final String PREFIX = "outlay.";
  private static final int ORDINAL = 275;
  private static final Set<String> GROUP_LISTS = Set.of("receivers", "rules");

  @Override
  public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
    ConfigValue file = context.getValue(PROPERTY);
    return file == null || file.getValue() == null || file.getValue().isBlank()
        ? List.of()
        : List.of(source(Path.of(file.getValue())));
  }

  @Override
  public OptionalInt getPriority() {
    return OptionalInt.of(ORDINAL);
  }

  /**
   * The keys of a file with their values as they are written, such as {@code rules[0].name}.
   *
   * @throws UncheckedIOException if it cannot be read
   * @throws IllegalArgumentException if it is not YAML, has a key twice, or is no mapping
   */
  public static Map<String, String> keys(Path file) {
    Map<String, String> keys = new HashMap<>();
    source(file)
        .getProperties()
        .forEach((key, value) -> keys.put(key.substring(PREFIX.length()), value));
    return keys;
  }

  /**
   * The keys of a file.
   *
   * @throws UncheckedIOException if it cannot be read
   * @throws IllegalArgumentException if it is not YAML, has a key twice, or is no mapping
   */
  static ConfigSource source(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the configuration file " + file + ": " + e, e);
    }
    Map<?, ?> keys = parse(file, text);
    Map<String, String> prefixed = new HashMap<>();
    new YamlConfigSource(file.toString(), text)
        .getProperties()
        .forEach((key, value) -> prefixed.put(PREFIX + key, value));
    // A list of groups is known to the mapping by its entries only, so an empty one has no key.
    GROUP_LISTS.stream()
        .filter(list -> keys.get(list) instanceof List<?> entries && entries.isEmpty())
        .forEach(list -> prefixed.remove(PREFIX + list));
    return new PropertiesConfigSource(prefixed, file.toString(), ORDINAL);
  }

  /** Finds what the source itself would pass over: a key that stands twice, a file of no keys. */
  private static Map<?, ?> parse(Path file, String text) {
    LoaderOptions strict = new LoaderOptions();
    strict.setAllowDuplicateKeys(false);
    Object root;
    try {
      root = new Yaml(new SafeConstructor(strict)).load(text);
    } catch (MarkedYAMLException e) {
      // The whole message would show the line, which may hold a secret.
      Mark mark = e.getProblemMark();
      String line = mark == null ? "" : "line " + (mark.getLine() + 1) + ": ";
      throw new IllegalArgumentException(
          "the configuration file " + file + " is not YAML: " + line + e.getProblem(), e);
    } catch (YAMLException e) {
      throw new IllegalArgumentException(
          "the configuration file " + file + " is not YAML: " + e.getMessage(), e);
    }
    if (root == null) {
      return Map.of();
    }
    if (root instanceof Map<?, ?> keys) {
      return keys;
    }
    throw new IllegalArgumentException(
        "the configuration file " + file + " must be a mapping of keys to values");
  }
}
