package io.outlay.embedded;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The launcher, in a folder of its own where nothing is built and the tools are scripts. */
class LauncherTest {
  private static final String GOOD_JAVA =
      "echo '    java.home = HOME' >&2; echo 'openjdk version \"21.0.2\" 2024-01-16' >&2";

  @TempDir private Path temp;

  private Path tools;
  private Path launcher;

  /**
   * @param status exit code
   */
  private record Result(int status, String out, String err) {}

  @BeforeEach
  void setUp() throws Exception {
    tools = Files.createDirectories(temp.resolve("tools/bin"));
    launcher = temp.resolve("project/outlay");
    Files.createDirectories(launcher.getParent());
    Files.copy(Path.of("../../outlay"), launcher);
    assertThat(launcher.toFile().setExecutable(true)).isTrue();
    for (String tool :
        List.of(
            "sh",
            "sed",
            "head",
            "tail",
            "cat",
            "dirname",
            "readlink",
            "mkdir",
            "rm",
            "touch",
            "sleep",
            "grep",
            "mv",
            "find")) {
      realTool(tool);
    }
    tool("java", GOOD_JAVA.replace("HOME", tools.getParent().toString()));
    tool("javac", "");
    tool("node", "echo v20.1.0");
    tool("npm", "");
    tool("mvn", "case $* in *version*) echo 'Apache Maven 3.9.6 (x)';; *) exit 1;; esac");
  }

  @Test
  void givenNoCommand_whenRun_thenHelpWithoutABuild() throws Exception {
    Result result = run();

    assertThat(result.status()).isZero();
    assertThat(result.out()).contains("./outlay COMMAND").contains("status");
  }

  @Test
  void givenAnUnknownCommand_whenRun_thenTheKnownOnesAreNamed() throws Exception {
    Result result = run("frobnicate");

    assertThat(result.status()).isEqualTo(2);
    assertThat(result.err()).contains("frobnicate").contains("up, down, status");
  }

  @Test
  void givenAnOldJava_whenRun_thenOneLineSaysWhatToDo() throws Exception {
    for (String version : List.of("1.8.0_392", "11.0.22", "16")) {
      tool("java", "echo 'openjdk version \"" + version + "\"' >&2");

      refused(run("up"), version, "JDK 17 or newer");
    }
  }

  @Test
  void givenNoJava_whenRun_thenOneLineSaysWhatToDo() throws Exception {
    Files.delete(tools.resolve("java"));

    refused(run("up"), "no java found", "JDK 17 or newer");
  }

  @Test
  void givenAJavaHomeWithoutJava_whenRun_thenItIsNamed() throws Exception {
    refused(run(Map.of("JAVA_HOME", "/none"), "up"), "/none", "JDK 17 or newer");
  }

  @Test
  void givenNoCompiler_whenABuildIsNeeded_thenOneLineSaysWhatToDo() throws Exception {
    Files.delete(tools.resolve("javac"));

    refused(run("up"), "no compiler", "JDK 17 or newer");
  }

  @Test
  void givenMissingOrOldTools_whenABuildIsNeeded_thenOneLineSaysWhatToDo() throws Exception {
    tool("mvn", "echo 'Apache Maven 3.6.3 (x)'");
    refused(run("up"), "3.6.3", "Maven 3.8 or newer");
    Files.delete(tools.resolve("mvn"));
    refused(run("test"), "no mvn found", "Maven 3.8 or newer");
    Files.delete(tools.resolve("npm"));
    refused(run("up"), "no npm found", "Node.js 18 or newer");
    tool("node", "echo v16.20.0");
    refused(run("up"), "v16.20.0", "Node.js 18 or newer");
    Files.delete(tools.resolve("node"));
    refused(run("demo"), "no node found", "Node.js 18 or newer");
  }

  @Test
  void givenABuildThatFails_whenUp_thenItsErrorsAndItsLogAreNamed() throws Exception {
    tool(
        "mvn",
        "case $* in *version*) echo 'Apache Maven 3.9.6 (x)';;"
            + " *) echo '[ERROR] it does not compile'; exit 1;; esac");

    Result result = run("up");

    assertThat(result.status()).isEqualTo(1);
    assertThat(result.err()).contains("it does not compile").contains("build.log");
    assertThat(launcher.resolveSibling("deploy/embedded/target/build.lock")).doesNotExist();
  }

  @Test
  void givenTests_whenTheyFail_thenTheirClosingLinesAreShownAndTheStatusIsPassedOn()
      throws Exception {
    tool(
        "mvn",
        "case $* in *-version*) echo 'Apache Maven 3.9.6 (x)'; exit;; esac;"
            + " echo '[INFO] Building Outlay :: schemas 0.1.0-SNAPSHOT          [2/10]';"
            + " echo '[INFO] Tests run: 2, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 1 s';"
            + " echo '[INFO] Tests run: 5, Failures: 0, Errors: 0, Skipped: 1';"
            + " echo '[INFO] Building Outlay :: config 0.1.0-SNAPSHOT          [3/10]';"
            + " echo '[ERROR] Tests run: 7, Failures: 2, Errors: 0, Skipped: 0';"
            + " echo '[INFO] BUILD FAILURE'; exit 1");
    for (String tool : List.of("awk", "tee", "mktemp")) {
      realTool(tool);
    }

    Result result = run("test");

    assertThat(result.status()).isEqualTo(1);
    assertThat(result.out().lines().toList())
        .endsWith(
            "Outlay :: schemas                Tests run: 5, Failures: 0, Errors: 0, Skipped: 1",
            "Outlay :: config                 Tests run: 7, Failures: 2, Errors: 0, Skipped: 0",
            "All                              Tests run: 12, Failures: 2, Errors: 0, Skipped: 1",
            "BUILD FAILURE");
  }

  @Test
  void givenALinkToTheLauncher_whenRun_thenItFindsItsOwnFolder() throws Exception {
    Path link = temp.resolve("link");
    Files.createSymbolicLink(link, Path.of("project/outlay"));
    Path project = launcher.getParent();
    Files.createDirectories(project.resolve("deploy/embedded/target/lib"));
    Files.writeString(project.resolve("deploy/embedded/target/outlay-embedded.jar"), "");
    tool(
        "java", "case $* in *-version*) echo 'openjdk version \"17\"' >&2;; *) echo \"$@\";; esac");

    Result result = run(Map.of(), List.of(link.toString(), "status", "--data", "a b"));

    assertThat(result.out())
        .contains("-Dlauncher.root=" + project.toRealPath())
        .contains("io.outlay.embedded.Main status --data a b");
  }

  @Test
  void givenNothingIsBuilt_whenBench_thenItsModuleAloneIsBuiltAndRuns() throws Exception {
    tool(
        "java",
        "case $* in *-version*) "
            + GOOD_JAVA.replace("HOME", tools.getParent().toString())
            + ";; *) echo \"$@\";; esac");
    tool(
        "mvn",
        "case $* in *-version*) echo 'Apache Maven 3.9.6 (x)'; exit;; esac; echo \"$@\" >"
            + temp.resolve("built"));
    Files.delete(tools.resolve("node"));
    Files.delete(tools.resolve("npm"));

    Result result = run("bench", "rating", "--quick");

    assertThat(result.status()).as(result.err()).isZero();
    assertThat(Files.readString(temp.resolve("built"))).contains("-pl bench -am package");
    assertThat(result.out())
        .contains("bench/target/outlay-bench.jar")
        .contains("io.outlay.bench.Main rating --quick")
        .doesNotContain("outlay-embedded");
  }

  @Test
  void givenTheStackRuns_whenTheBenchmarksMustBeBuilt_thenOneLineSaysWhatToDo() throws Exception {
    Path pid = launcher.resolveSibling(".outlay/run/kafka.pid");
    Files.createDirectories(pid.getParent());
    Files.writeString(pid, ProcessHandle.current().pid() + "\n");

    refused(run("bench"), "./outlay down");
  }

  @Test
  void givenWrongOptions_whenFaults_thenOneLineNamesThem() throws Exception {
    refused(run("bench", "faults", "--events", "many"), "--events", "'many'");
    refused(run("bench", "faults", "--faults"), "--faults", "whole number");
    refused(run("bench", "faults", "--faults", "0"), "--faults must be >= 1, was 0");
    refused(run("bench", "faults", "--report", ""), "--report needs a value");
    refused(run("bench", "faults", "--speed", "3"), "--speed");
  }

  @Test
  void givenOptions_whenFaults_thenTheHarnessRunsWithThem() throws Exception {
    Path project = launcher.getParent();
    for (String program :
        List.of("collectors", "streams-app", "clickhouse-sink", "anomaly-detector")) {
      file(project.resolve(program).resolve("target/quarkus-app/quarkus-run.jar"));
    }
    file(project.resolve("deploy/embedded/target/lib/some.jar"));
    file(project.resolve("deploy/embedded/target/registry/some.jar"));
    file(project.resolve("deploy/embedded/clickhouse/node_modules/some.js"));
    file(project.resolve("deploy/embedded/target/outlay-embedded.jar"));
    for (String source : List.of("pom.xml", "schemas/a", "config/a", "sql/a")) {
      file(project.resolve(source));
    }
    file(project.resolve("deploy/embedded/target/build.stamp"));
    tool(
        "java",
        "case $* in *-version*) "
            + GOOD_JAVA.replace("HOME", tools.getParent().toString())
            + ";; *) echo \"$@\";; esac");
    tool(
        "mvn",
        "case $* in *-version*) echo 'Apache Maven 3.9.6 (x)'; exit;; esac; echo \"$@\" >"
            + temp.resolve("built"));
    Files.createDirectories(project.resolve("integration-tests"));

    Result result =
        run(
            "bench",
            "faults",
            "--events",
            "5000",
            "--faults",
            "3",
            "--seed",
            "9",
            "--report",
            "/a b.md");

    assertThat(result.status()).as(result.err()).isZero();
    assertThat(Files.readString(temp.resolve("built")))
        .contains("-pl integration-tests -am -Pfaults package");
    assertThat(result.out())
        .contains("-Dfaults.events=5000 -Dfaults.count=3 -Dfaults.seed=9 -Dfaults.rate=4000")
        .contains("-Dfaults.minutes=1440 -Dfaults.which=.* -Dfaults.disks=true")
        .contains("-Dfaults.report=/a b.md")
        .contains("io.outlay.it.faults.Main");
  }

  private static void file(Path file) throws Exception {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "");
  }

  private static void refused(Result result, String... parts) {
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.err().lines()).hasSize(1);
    assertThat(result.err()).startsWith("outlay: ").contains(parts);
  }

  private Result run(String... args) throws Exception {
    return run(Map.of(), args);
  }

  private Result run(Map<String, String> environment, String... args) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(launcher.toString());
    command.addAll(List.of(args));
    return run(environment, command);
  }

  private Result run(Map<String, String> environment, List<String> command) throws Exception {
    Path err = temp.resolve("err");
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
    Map<String, String> variables = new HashMap<>(environment);
    variables.put("PATH", tools.toString());
    builder.environment().clear();
    builder.environment().putAll(variables);
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return new Result(process.exitValue(), out, Files.readString(err));
  }

  private void tool(String name, String script) throws Exception {
    Path file = tools.resolve(name);
    Files.deleteIfExists(file);
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private void realTool(String name) throws Exception {
    tool(name, "exec " + which(name) + " \"$@\"");
  }

  private static Path which(String tool) {
    for (String directory : System.getenv("PATH").split(":")) {
      Path file = Path.of(directory, tool);
      if (Files.isExecutable(file)) {
        return file;
      }
    }
    throw new AssertionError("no " + tool + " on this machine");
  }
}
