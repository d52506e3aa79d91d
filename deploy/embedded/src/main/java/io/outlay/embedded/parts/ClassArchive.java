package io.outlay.embedded.parts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * Classes of a part as the virtual machine laid them out in memory, so that its next start reads
 * them instead of parsing and verifying them again: half the registry's time, a third of the
 * others'. The first start after a build writes the archive when the part ends in an orderly way.
 *
 * @param directory of all archives; need not exist
 * @param part name of the part
 * @param key stands for the virtual machine and the files that the classes come from: an archive
 *     fits no others
 */
record ClassArchive(Path directory, String part, String key) {
  private static final String SUFFIX = ".jsa";

  /**
   * The archive of a part.
   *
   * @param sources jars and directories of jars; one that is missing counts as empty
   */
  static ClassArchive of(Path directory, String part, List<Path> sources) {
    CRC32 checksum = new CRC32();
    update(checksum, System.getProperty("java.home"));
    update(checksum, System.getProperty("java.vm.version"));
    for (Path source : sources) {
      try (Stream<Path> files =
          Files.exists(source)
              ? Files.walk(source, FileVisitOption.FOLLOW_LINKS)
              : Stream.empty()) {
        files
            .filter(file -> file.toString().endsWith(".jar"))
            .sorted()
            .forEach(file -> update(checksum, file));
      } catch (IOException | UncheckedIOException e) {
        update(checksum, "unreadable " + source); // the part will say so better when it starts
      }
    }
    return new ClassArchive(directory, part, HexFormat.of().toHexDigits((int) checksum.getValue()));
  }

  /** What to tell the virtual machine. */
  List<String> options() {
    String option = exists() ? "-XX:SharedArchiveFile=" : "-XX:ArchiveClassesAtExit=";
    // Names each class that cannot be archived, and says that an archive does not fit: it then
    // starts without, as if there were none.
    return List.of(option + file(), "-Xlog:cds=off", "-Xlog:cds+dynamic=off");
  }

  /** Whether it has been written. */
  boolean exists() {
    return Files.exists(file());
  }

  /** Makes room for the archive, and removes those of earlier builds. */
  void prepare() {
    try {
      Files.createDirectories(directory);
      try (DirectoryStream<Path> archives =
          Files.newDirectoryStream(directory, part + "-*" + SUFFIX)) {
        for (Path archive : archives) {
          if (!archive.equals(file())) {
            Files.delete(archive);
          }
        }
      }
    } catch (IOException e) {
      // A folder that cannot be written to costs time at the next start, and nothing else.
      return;
    }
  }

  private Path file() {
    return directory.resolve(part + "-" + key + SUFFIX);
  }

  private static void update(CRC32 checksum, String text) {
    checksum.update(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void update(CRC32 checksum, Path file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      update(checksum, file.toString());
      ByteBuffer numbers = ByteBuffer.allocate(2 * Long.BYTES);
      numbers.putLong(attributes.size()).putLong(attributes.lastModifiedTime().toMillis()).flip();
      checksum.update(numbers);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
