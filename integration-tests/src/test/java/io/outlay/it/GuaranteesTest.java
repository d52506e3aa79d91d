package io.outlay.it;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Holds docs/guarantees.md to its word: each promise names tests, and those exist. */
class GuaranteesTest {
  private static final Pattern NAMED = Pattern.compile("`(\\w+(?:Test|IT))\\.(\\w+)`");
  private static final Pattern ROW = Pattern.compile("\\| (.+) \\| (.+) \\|");
  private static final Set<String> NOT_ENTERED = Set.of("target", "node_modules", ".git", "main");

  @Test
  void everyTestThatIsNamedExists() throws IOException {
    Map<String, String> sources = testSources();
    List<String> missing = new ArrayList<>();
    Matcher named = NAMED.matcher(document());
    int count = 0;
    while (named.find()) {
      count++;
      String source = sources.getOrDefault(named.group(1), "");
      Pattern test =
          Pattern.compile(
              "@(?:Test|ParameterizedTest|Property)\\b(?:(?!\\bvoid\\b)[\\s\\S])*\\bvoid "
                  + named.group(2)
                  + "\\(");
      if (!test.matcher(source).find()) {
        missing.add(named.group());
      }
    }

    assertThat(count).isGreaterThan(50);
    assertThat(missing).as("tests that docs/guarantees.md names and nobody wrote").isEmpty();
  }

  @Test
  void everyPromiseNamesATest() throws IOException {
    List<String> unheld = new ArrayList<>();
    int promises = 0;
    boolean inTable = false;
    for (String line : document().lines().toList()) {
      Matcher row = ROW.matcher(line);
      if (!row.matches()) {
        inTable = inTable && line.startsWith("|");
      } else if (row.group(2).equals("held by")) {
        inTable = true;
      } else if (inTable) {
        promises++;
        if (!NAMED.matcher(row.group(2)).find()) {
          unheld.add(row.group(1));
        }
      }
    }

    assertThat(promises).isGreaterThan(40);
    assertThat(unheld).as("promises of docs/guarantees.md that no test holds").isEmpty();
  }

  private static String document() throws IOException {
    return Files.readString(root().resolve("docs/guarantees.md"));
  }

  /** Sources of test classes by simple name; classes of one name are one text. */
  private static Map<String, String> testSources() throws IOException {
    Map<String, String> sources = new HashMap<>();
    Files.walkFileTree(
        root(),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return NOT_ENTERED.contains(folder.getFileName().toString()) && !folder.equals(root())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            String name = file.getFileName().toString();
            if (name.endsWith("Test.java") || name.endsWith("IT.java")) {
              sources.merge(
                  name.substring(0, name.length() - ".java".length()),
                  Files.readString(file),
                  String::concat);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return sources;
  }

  private static Path root() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.exists(at.resolve("docs/guarantees.md"))) {
        return at;
      }
    }
    throw new IllegalStateException("no docs/guarantees.md above the working directory");
  }
}
