package io.outlay.embedded.parts;

import io.outlay.embedded.stack.UsageException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the build left what the stack is made of.
 *
 * @param root of the project, absolute
 */
public record Installation(Path root) {
  /** System property by which the launcher names the project's root. */
  public static final String ROOT_PROPERTY = "launcher.root";

  /** Normalizes the root. */
  public Installation {
    root = root.toAbsolutePath().normalize();
  }

  /**
   * The installation that the launcher named.
   *
   * @throws UsageException if this was not started by the launcher
   */
  public static Installation ofLauncher() {
    String root = System.getProperty(ROOT_PROPERTY);
    if (root == null) {
      throw new UsageException("start this with ./outlay: -D" + ROOT_PROPERTY + " is not set");
    }
    return new Installation(Path.of(root));
  }

  /** Where data goes unless said otherwise. */
  public Path defaultData() {
    return root.resolve(".outlay");
  }

  /** Our classes, the broker's, and what they need. */
  public String classPath() {
    return target().resolve("outlay-embedded.jar") + ":" + target().resolve("lib") + "/*";
  }

  /** What {@link #classPath()} is made of: a jar and a directory of jars. */
  public List<Path> classPathEntries() {
    return List.of(target().resolve("outlay-embedded.jar"), target().resolve("lib"));
  }

  /** Where parts leave their classes for the next start. */
  public Path archives() {
    return target().resolve("cds");
  }

  /** The schema registry's program; its name carries its version. */
  public Path registryJar() {
    Path directory = target().resolve("registry");
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(directory, "*-runner.jar")) {
      for (Path jar : jars) {
        return jar;
      }
    } catch (IOException e) {
      return directory;
    }
    return directory;
  }

  /** The ClickHouse endpoint's program. */
  public Path clickhouse() {
    return root.resolve("deploy/embedded/clickhouse/start.cjs");
  }

  /** One of our programs. */
  public Path program(String module) {
    return root.resolve(module).resolve("target/quarkus-app/quarkus-run.jar");
  }

  /**
   * Checks that everything has been built.
   *
   * @throws UsageException naming what is missing
   */
  public void requireBuilt() {
    List<Path> needed =
        new ArrayList<>(
            List.of(
                target().resolve("outlay-embedded.jar"),
                target().resolve("lib"),
                target().resolve("registry/lib"),
                clickhouse().resolveSibling("node_modules"),
                clickhouse()));
    PartCatalog.PROGRAMS.forEach(module -> needed.add(program(module)));
    List<String> missing =
        needed.stream()
            .filter(file -> !Files.exists(file))
            .map(file -> root.relativize(file).toString())
            .toList();
    if (!missing.isEmpty()) {
      throw new UsageException(
          "not built: " + String.join(", ", missing) + "; run: mvn -DskipTests package");
    }
  }

  private Path target() {
    return root.resolve("deploy/embedded/target");
  }
}
