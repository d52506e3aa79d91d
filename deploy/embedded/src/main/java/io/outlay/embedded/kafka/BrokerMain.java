package io.outlay.embedded.kafka;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.Kafka;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;

/**
 * Runs a broker that is its own controller until it is told to end. Arguments: host, port, data
 * directory. The directory is formatted when it is new; what is in it is kept.
 */
public final class BrokerMain {
  private static final String FORMATTED = "meta.properties";

  private BrokerMain() {}

  /**
   * Starts the broker.
   *
   * @throws IllegalStateException if the data directory cannot be formatted
   */
  public static void main(String[] args) throws IOException {
    if (args.length != 3) {
      System.err.println("usage: BrokerMain HOST PORT DIRECTORY");
      System.exit(2);
    }
    Path directory = Path.of(args[2]).toAbsolutePath();
    Files.createDirectories(directory);
    Properties properties =
        BrokerProperties.of(args[0], Integer.parseInt(args[1]), directory.resolve("log"));
    Path file = directory.resolve("server.properties");
    try (var out = Files.newBufferedWriter(file)) {
      properties.store(out, "Written at every start; changes are lost");
    }
    if (!Files.exists(directory.resolve("log").resolve(FORMATTED))) {
      format(file);
    }
    Thread markers =
        new Thread(
            new MissingMarkers(args[0], Integer.parseInt(args[1]))::writeOnceUp, "missing-markers");
    markers.setDaemon(true);
    markers.start();
    Kafka.main(new String[] {file.toString()});
  }

  private static void format(Path file) {
    String cluster = Uuid.randomUuid().toString();
    String[] arguments = {"format", "--config", file.toString(), "--cluster-id", cluster};
    int status = StorageTool.execute(arguments, System.out);
    if (status != 0) {
      throw new IllegalStateException("cannot format the storage of " + file + ": " + status);
    }
  }
}
