package io.outlay.bench;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs benchmarks and shows their figures. Exits with 0, 1 (it failed) or 2 (used wrongly). */
@Command(
    name = "./outlay bench",
    description = "Measures. Other work on the machine shows in the figures.%n",
    sortOptions = false)
final class BenchCommand implements Callable<Integer> {
  private static final String ALL = "all";

  private final List<Benchmark> benchmarks;
  private final boolean terminal;

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      defaultValue = ALL,
      description = "what to measure; all if left out, --list says what there is")
  private String name = ALL;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "write the figures to a file as JSON too")
  private @Nullable Path json;

  @Option(names = "--quick", description = "rough figures in some twenty seconds for each name")
  private boolean quick;

  @Option(names = "--list", description = "list the names and do nothing else")
  private boolean list;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "show this")
  @SuppressWarnings("UnusedVariable") // picocli sets it and acts on it
  private boolean help;

  private BenchCommand(List<Benchmark> benchmarks, boolean terminal) {
    this.benchmarks = List.copyOf(benchmarks);
    this.terminal = terminal;
  }

  /**
   * The command, ready to execute.
   *
   * @param benchmarks in the order in which {@code all} runs them
   * @param terminal whether somebody is looking
   */
  static CommandLine commandLine(List<Benchmark> benchmarks, boolean terminal) {
    CommandLine command = new CommandLine(new BenchCommand(benchmarks, terminal));
    command.setParameterExceptionHandler(BenchCommand::wrongUse);
    command.setExecutionExceptionHandler(BenchCommand::failure);
    return command;
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (list) {
      int width = benchmarks.stream().mapToInt(each -> each.name().length()).max().orElse(0);
      benchmarks.forEach(
          each ->
              out.println(
                  each.name()
                      + " ".repeat(width - each.name().length())
                      + "  "
                      + each.description()));
      out.flush();
      return ExitCode.OK;
    }
    List<Benchmark> chosen =
        benchmarks.stream().filter(each -> name.equals(ALL) || name.equals(each.name())).toList();
    if (chosen.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "no such benchmark: " + name + "; there are " + names());
    }
    if (json != null) {
      // Known before minutes have gone by.
      Path folder = json.toAbsolutePath().getParent();
      if (Files.isDirectory(json) || folder == null || !Files.isDirectory(folder)) {
        throw new ParameterException(
            spec.commandLine(), "--json: cannot write to " + json + ", no such folder or no file");
      }
    }
    Report report = new Report();
    Progress progress = new Progress(spec.commandLine().getErr(), terminal);
    for (Benchmark each : chosen) {
      report.add(each.name(), each.run(quick, progress));
    }
    progress.done();
    report.table().forEach(out::println);
    out.flush();
    if (json != null) {
      report.write(json, Report.Machine.own());
    }
    return ExitCode.OK;
  }

  private String names() {
    return benchmarks.stream().map(Benchmark::name).collect(Collectors.joining(", ")) + ", " + ALL;
  }

  private static int wrongUse(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    command.getErr().println("outlay: " + e.getMessage());
    command.getErr().println("Usage: " + command.getHelp().synopsis(0).strip());
    command.getErr().flush();
    return ExitCode.USAGE;
  }

  private static int failure(Exception e, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    if (e instanceof BenchmarkFailedException || e instanceof UncheckedIOException) {
      command.getErr().println("outlay: " + e.getMessage());
      command.getErr().flush();
      return ExitCode.SOFTWARE;
    }
    throw e;
  }
}
