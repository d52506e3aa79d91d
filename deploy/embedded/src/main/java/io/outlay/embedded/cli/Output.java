package io.outlay.embedded.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** Where commands write: UTF-8 whatever the locale, and every line at once. */
public final class Output {
  /** System property by which the launcher says that somebody is looking. */
  public static final String TERMINAL_PROPERTY = "launcher.terminal";

  private final OutputStream raw;
  private final PrintWriter out;
  private final PrintWriter err;

  /**
   * @param out for results
   * @param err for what went wrong
   */
  public Output(OutputStream out, OutputStream err) {
    this.raw = out;
    this.out = new PrintWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), true);
    this.err = new PrintWriter(new OutputStreamWriter(err, StandardCharsets.UTF_8), true);
  }

  /** The output of this process. */
  public static Output ofProcess() {
    return new Output(
        new FileOutputStream(FileDescriptor.out), new FileOutputStream(FileDescriptor.err));
  }

  /** For results and progress. */
  public PrintWriter out() {
    return out;
  }

  /** For what went wrong. */
  public PrintWriter err() {
    return err;
  }

  /** For results that are bytes already; nothing must be waiting in {@link #out()}. */
  public OutputStream raw() {
    return raw;
  }

  /** Whether results go to a terminal. */
  public boolean isTerminal() {
    return Boolean.getBoolean(TERMINAL_PROPERTY);
  }

  /** Prints one line. */
  public void line(String line) {
    out.println(line);
  }
}
