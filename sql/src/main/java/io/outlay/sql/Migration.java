package io.outlay.sql;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One step of the schema: a file {@code V<version>__<name>.sql}. A statement ends with a semicolon
 * at the end of a line; lines that begin with {@code --} are comments. Every statement must be
 * harmless when run again, so that a step that was interrupted can be repeated and two programs may
 * run it at once.
 *
 * @param version orders the steps, ≥ 1
 * @param name what the step does, from the file name
 * @param checksum SHA-256 of the text, 64 hexadecimal digits, with line ends as {@code \n}
 * @param statements in order, with {@value #DATABASE} where the database's name goes
 */
public record Migration(int version, String name, String checksum, List<String> statements) {
  /** Stands for the name of the database. */
  public static final String DATABASE = "{database}";

  private static final Pattern FILE_NAME = Pattern.compile("V(\\d{1,9})__(\\w+)\\.sql");

  public Migration {
    statements = List.copyOf(statements);
    if (version < 1 || statements.isEmpty()) {
      throw new IllegalArgumentException(
          "a migration has a version >= 1 and a statement, this one is " + version + " " + name);
    }
  }

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException if the name or the text has not the shape of a migration
   */
  public static Migration parse(String fileName, String text) {
    Matcher matcher = FILE_NAME.matcher(fileName);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "a migration is named V<version>__<name>.sql, this one " + fileName);
    }
    String normalized = text.replace("\r\n", "\n");
    return new Migration(
        Integer.parseInt(matcher.group(1)),
        matcher.group(2),
        sha256(normalized),
        split(fileName, normalized));
  }

  private static List<String> split(String fileName, String text) {
    List<String> statements = new ArrayList<>();
    StringBuilder statement = new StringBuilder();
    for (String line : text.split("\n", -1)) {
      if (line.isBlank() || line.startsWith("--")) {
        continue;
      }
      boolean last = line.endsWith(";");
      statement.append(line, 0, last ? line.length() - 1 : line.length()).append('\n');
      if (last) {
        statements.add(statement.toString().strip());
        statement.setLength(0);
      }
    }
    if (!statement.isEmpty()) {
      throw new IllegalArgumentException(
          fileName + ": the last statement does not end with a semicolon");
    }
    return statements;
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
