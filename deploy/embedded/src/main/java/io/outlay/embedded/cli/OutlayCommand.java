package io.outlay.embedded.cli;

import io.outlay.embedded.demo.DemoCommand;
import io.outlay.embedded.stack.StackException;
import io.outlay.embedded.stack.UsageException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command that has all others under it. */
@Command(
    name = "./outlay",
    description = "AI usage in, dollars and alerts out: the whole stack on one machine.%n",
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    footer = {
      "  bench   Measure; --list says what there is to be measured.",
      "  test    Run the whole test suite, the same as CI; arguments go to Maven.",
      "",
      "Environment: OUTLAY_DATA (--data), OUTLAY_CONFIG (--config), JAVA_HOME.",
      "Exit codes: 0 done, 1 failed, 2 used or configured wrongly, 3 not (wholly) running."
    })
public final class OutlayCommand implements Runnable {
  @Spec private CommandSpec spec;

  private OutlayCommand() {}

  /**
   * The commands, ready to execute.
   *
   * @param environment variables; {@code OUTLAY_DATA} and {@code OUTLAY_CONFIG} stand in for
   *     options
   */
  public static CommandLine commandLine(Map<String, String> environment, Output output) {
    Session.Factory sessions = new Session.Factory(environment, output);
    CommandLine commands =
        new CommandLine(new OutlayCommand())
            .addSubcommand(new UpCommand(sessions))
            .addSubcommand(new DownCommand(sessions))
            .addSubcommand(new StatusCommand(sessions))
            .addSubcommand(new LogsCommand(sessions))
            .addSubcommand(new SqlCommand(sessions))
            .addSubcommand(new PricesCommand(sessions))
            .addSubcommand(new RepriceCommand(sessions))
            .addSubcommand(new ReplayCommand(sessions))
            .addSubcommand(new AuditCommand(sessions))
            .addSubcommand(new AlertTestCommand(sessions))
            .addSubcommand(new BacktestCommand(sessions))
            .addSubcommand(new DemoCommand(sessions))
            .addSubcommand(new PrepareCommand(sessions))
            .addSubcommand(new CommandLine.HelpCommand());
    commands.setOut(output.out());
    commands.setErr(output.err());
    commands.setUsageHelpAutoWidth(false);
    commands.setParameterExceptionHandler(OutlayCommand::wrongUse);
    commands.setExecutionExceptionHandler(OutlayCommand::failure);
    return commands;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  private static int wrongUse(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    if (command.getParent() == null && e instanceof UnmatchedArgumentException unmatched) {
      command.getErr().println("outlay: no such command: " + unmatched.getUnmatched().get(0));
      command.getErr().println("Commands: " + names(command) + ", bench, test");
    } else {
      command.getErr().println("outlay: " + e.getMessage());
      command.getErr().println("Usage: " + command.getHelp().synopsis(0).strip());
    }
    command.getErr().flush();
    return ExitCode.USAGE;
  }

  private static String names(CommandLine command) {
    return command.getSubcommands().entrySet().stream()
        .filter(entry -> !entry.getValue().getCommandSpec().usageMessage().hidden())
        .map(Map.Entry::getKey)
        .collect(Collectors.joining(", "));
  }

  private static int failure(Exception e, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    if (e instanceof UsageException) {
      e.getMessage().lines().forEach(line -> command.getErr().println("outlay: " + line));
      command.getErr().flush();
      return ExitCode.USAGE;
    }
    if (e instanceof StackException || e instanceof UncheckedIOException) {
      command.getErr().println("outlay: " + e.getMessage());
      command.getErr().flush();
      return ExitCode.SOFTWARE;
    }
    throw e;
  }
}
