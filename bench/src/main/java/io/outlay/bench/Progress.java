package io.outlay.bench;

import java.io.PrintWriter;

/** Says what is being measured: on one changing line for a terminal, else by a line a step. */
public final class Progress {
  private final PrintWriter out;
  private final boolean terminal;

  /**
   * @param terminal whether lines can be written over
   */
  public Progress(PrintWriter out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** A step that is worth a line of its own. */
  public void step(String what) {
    if (terminal) {
      detail(what);
    } else {
      out.println(what);
      out.flush();
    }
  }

  /** Something that only somebody who is looking wants to know. */
  public void detail(String what) {
    if (terminal) {
      out.print("\r\u001b[K" + what);
      out.flush();
    }
  }

  /** Clears the changing line. */
  public void done() {
    detail("");
  }
}
