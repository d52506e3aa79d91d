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
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * The configuration file as a source: the file that the property {@value #PROPERTY} names, with
 * every key under the prefix of {@link OutlayConfig}. The environment and system properties rank
 * above it, the programs' own defaults below.
 */
public final class OutlayFile implements ConfigSourceFactory {
  /** Names the file; not under the prefix, so that it is no key of the mapping. */
  public static final String PROPERTY = "config.file";

  private static final int ORDINAL = 275;

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

  static ConfigSource source(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the configuration file " + file, e);
    }
    Map<String, String> prefixed = new HashMap<>();
    new YamlConfigSource(file.toString(), text)
        .getProperties()
        .forEach((key, value) -> prefixed.put("outlay." + key, value));
    return new PropertiesConfigSource(prefixed, file.toString(), ORDINAL);
  }
}
