package io.outlay.sql;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class MigrationTest {
  private static final Path FOLDER = Path.of("src/main/resources/io/outlay/sql/migrations");

  @Test
  void givenAFileWithCommentsAndStatements_whenParsed_thenStatementsStandApart() {
    Migration migration =
        Migration.parse(
            "V007__add_things.sql",
            "-- Adds; things.\n\nCREATE TABLE {database}.a\n(\n    x String COMMENT 'a;b'\n);\n\n"
                + "-- And a view.\nCREATE VIEW {database}.b AS\nSELECT 1;\n");

    assertThat(migration.version()).isEqualTo(7);
    assertThat(migration.name()).isEqualTo("add_things");
    assertThat(migration.statements())
        .containsExactly(
            "CREATE TABLE {database}.a\n(\n    x String COMMENT 'a;b'\n)",
            "CREATE VIEW {database}.b AS\nSELECT 1");
  }

  @Test
  void givenOtherLineEnds_whenParsed_thenTheChecksumIsTheSame() {
    String text = "SELECT\n1;\n";

    assertThat(Migration.parse("V1__a.sql", text.replace("\n", "\r\n")).checksum())
        .isEqualTo(Migration.parse("V1__a.sql", text).checksum())
        .hasSize(64);
  }

  @Test
  void givenAnUnfinishedStatement_whenParsed_thenTheFileIsNamed() {
    assertThatThrownBy(() -> Migration.parse("V001__a.sql", "SELECT 1;\nSELECT 2\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("V001__a.sql")
        .hasMessageContaining("semicolon");
  }

  @Test
  void givenAnotherName_whenParsed_thenItIsRefused() {
    assertThatThrownBy(() -> Migration.parse("tables.sql", "SELECT 1;"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tables.sql");
  }

  @Test
  void givenThisRelease_thenTheIndexNamesEveryFileInOrder() throws IOException {
    List<String> files;
    try (Stream<Path> found = Files.list(FOLDER)) {
      files =
          found
              .map(file -> file.getFileName().toString())
              .filter(name -> !name.equals("index"))
              .sorted()
              .toList();
    }

    assertThat(Files.readAllLines(FOLDER.resolve("index"))).isEqualTo(files);
    assertThat(Migrations.shipped().stream().map(Migration::version))
        .containsExactlyElementsOf(IntStream.rangeClosed(1, files.size()).boxed().toList());
  }

  @Test
  void givenThisRelease_thenEveryStatementMayBeRepeated() {
    assertThat(Migrations.shipped().stream().flatMap(step -> step.statements().stream()))
        .allSatisfy(
            statement ->
                assertThat(statement)
                    .containsAnyOf("IF NOT EXISTS", "IF EXISTS", "CREATE OR REPLACE"));
  }
}
