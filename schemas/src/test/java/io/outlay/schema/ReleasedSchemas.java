package io.outlay.schema;

import io.outlay.topic.Topic;
import io.outlay.topic.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaFormatter;
import org.apache.avro.specific.SpecificData;

/**
 * The schemas of the topics as they were released: one folder for each version, one file for each
 * type of value.
 */
public final class ReleasedSchemas {
  static final Path FOLDER = Path.of("src/test/resources/released");
  private static final String SUFFIX = ".avsc";

  private ReleasedSchemas() {}

  /**
   * Adds today's schemas as those of a version. From the folder of this module:
   *
   * <pre>
   * mvn test-compile exec:java -Dexec.classpathScope=test \
   *     -Dexec.mainClass=io.outlay.schema.ReleasedSchemas -Dexec.args=0.2.0
   * </pre>
   *
   * @param args the version
   * @throws FileAlreadyExistsException if the version is there: what was released stays as it is
   */
  public static void main(String[] args) throws IOException {
    if (args.length != 1 || !args[0].matches("\\d+\\.\\d+\\.\\d+")) {
      throw new IllegalArgumentException("wants one argument, the version, such as 0.2.0");
    }
    Files.createDirectories(FOLDER);
    Path folder = Files.createDirectory(FOLDER.resolve(args[0]));
    for (Map.Entry<String, Schema> schema : today().entrySet()) {
      Files.writeString(
          folder.resolve(schema.getKey() + SUFFIX),
          SchemaFormatter.format("json/pretty", schema.getValue()) + "\n");
    }
  }

  /** Today's schemas of the topics, by name of the type. */
  static SortedMap<String, Schema> today() {
    SortedMap<String, Schema> schemas = new TreeMap<>();
    for (Topic<?> topic : Topics.ALL) {
      schemas.put(
          topic.valueType().getSimpleName(), SpecificData.get().getSchema(topic.valueType()));
    }
    return schemas;
  }

  /** The released schemas, by version and then by name of the type. */
  static SortedMap<String, SortedMap<String, Schema>> all() {
    SortedMap<String, SortedMap<String, Schema>> versions = new TreeMap<>();
    for (Path folder : list(FOLDER)) {
      SortedMap<String, Schema> schemas = new TreeMap<>();
      for (Path file : list(folder)) {
        String name = file.getFileName().toString();
        schemas.put(name.substring(0, name.length() - SUFFIX.length()), parse(file));
      }
      versions.put(folder.getFileName().toString(), schemas);
    }
    return versions;
  }

  private static Schema parse(Path file) {
    try {
      return new Schema.Parser().parse(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private static Iterable<Path> list(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder, e);
    }
  }
}
