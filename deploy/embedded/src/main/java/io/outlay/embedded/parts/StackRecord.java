package io.outlay.embedded.parts;

import io.outlay.embedded.stack.DataDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.Properties;

/**
 * How the stack was last started, so that later commands find it although they are not told again.
 * Holds no secrets.
 *
 * @param config the configuration file, absolute; empty for the defaults
 */
public record StackRecord(Endpoints endpoints, Optional<Path> config) {
  private static final String FILE = "stack.properties";

  /** Reads the record; empty if the stack was never started, or nobody can read what is there. */
  static Optional<StackRecord> read(DataDirectory data) {
    Path file = data.run().resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Properties values = new Properties();
    try (var in = Files.newBufferedReader(file)) {
      values.load(in);
      return Optional.of(
          new StackRecord(
              new Endpoints(
                  value(values, "kafka"),
                  URI.create(value(values, "registry")),
                  URI.create(value(values, "clickhouse")),
                  value(values, "host"),
                  Integer.parseInt(value(values, "collectors")),
                  Integer.parseInt(value(values, "otlp")),
                  Integer.parseInt(value(values, "detector")),
                  Integer.parseInt(value(values, "streams")),
                  Integer.parseInt(value(values, "sink"))),
              Optional.ofNullable(values.getProperty("config")).map(Path::of)));
    } catch (RuntimeException e) {
      return Optional.empty(); // of another version: as if it were not there
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** Writes the record, whole or not at all. */
  void write(DataDirectory data) {
    Properties values = new Properties();
    values.setProperty("kafka", endpoints.kafka());
    values.setProperty("registry", endpoints.registry().toString());
    values.setProperty("clickhouse", endpoints.clickhouse().toString());
    values.setProperty("host", endpoints.host());
    values.setProperty("collectors", Integer.toString(endpoints.collectorsPort()));
    values.setProperty("otlp", Integer.toString(endpoints.grpcPort()));
    values.setProperty("detector", Integer.toString(endpoints.detectorPort()));
    values.setProperty("streams", Integer.toString(endpoints.streamsPort()));
    values.setProperty("sink", Integer.toString(endpoints.sinkPort()));
    config.ifPresent(path -> values.setProperty("config", path.toString()));
    Path file = data.run().resolve(FILE);
    Path draft = data.run().resolve(FILE + ".new");
    try {
      try (var out = Files.newBufferedWriter(draft)) {
        values.store(out, "How the stack was last started");
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  private static String value(Properties values, String key) {
    String value = values.getProperty(key);
    if (value == null) {
      throw new IllegalArgumentException("no " + key);
    }
    return value;
  }
}
