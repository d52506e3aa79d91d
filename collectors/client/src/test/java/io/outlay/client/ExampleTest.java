package io.outlay.client;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class ExampleTest {
  @TempDir Path out;

  @Test
  void theExampleInTheJavadocCompiles() throws Exception {
    // Given
    String source = Files.readString(Path.of("src/main/java/io/outlay/client/OutlayClient.java"));
    int from = source.indexOf("<pre>{@code") + "<pre>{@code".length();
    String example =
        source
            .substring(from, source.indexOf("}</pre>", from))
            .lines()
            .map(line -> line.replaceFirst("^ \\* ?", ""))
            .collect(Collectors.joining("\n"));
    assertThat(example).contains("class Example");

    // When
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    boolean compiled =
        compiler
            .getTask(
                null,
                null,
                found,
                List.of("-d", out.toString(), "-proc:none"),
                null,
                List.of(
                    new SimpleJavaFileObject(
                        URI.create("string:///Example.java"), JavaFileObject.Kind.SOURCE) {
                      @Override
                      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return example;
                      }
                    }))
            .call();

    // Then
    assertThat(found.getDiagnostics()).extracting(Diagnostic::toString).isEmpty();
    assertThat(compiled).isTrue();
  }
}
