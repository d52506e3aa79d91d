package io.outlay.embedded.stack;

/** Is told what happens while something takes its time. Called from several threads. */
@FunctionalInterface
public interface Progress {
  /**
   * @param line what just happened, or what is being waited for
   */
  void line(String line);
}
