package io.outlay.embedded.cli;

import io.outlay.embedded.parts.EmbeddedStack;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks ClickHouse. */
@Command(name = "sql", description = "Run a query against ClickHouse.")
final class SqlCommand implements Callable<Integer> {
  private final Session.Factory sessions;

  @Mixin private StackOptions options;

  @Parameters(
      paramLabel = "QUERY",
      description = "In ClickHouse's SQL, or - to read it from the standard input.")
  private String query;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "PrettyCompactMonoBlock",
      description =
          "Any of ClickHouse's formats, such as CSVWithNames, JSONEachRow, Vertical"
              + " (${DEFAULT-VALUE}).")
  private String format;

  SqlCommand(Session.Factory sessions) {
    this.sessions = sessions;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Session session = sessions.open(options);
    EmbeddedStack stack = session.existing();
    ClickHouseQuery clickhouse =
        ClickHouseQuery.of(stack.endpoints().clickhouse(), stack.config().clickhouse());
    return clickhouse.run(query.equals("-") ? standardInput() : query, format, session.output())
        ? 0
        : 1;
  }

  private static String standardInput() throws IOException {
    return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
  }
}
