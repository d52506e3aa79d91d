package io.outlay.detector.delivery;

import java.util.function.Consumer;

/** Lets tests elsewhere take a queue's steps one by one, without its thread. */
public final class Stepping {
  private Stepping() {}

  /** Says where messages of other receivers go. */
  public static void handTo(ReceiverQueue queue, Consumer<Message> others) {
    queue.handTo(others);
  }

  /** Handles the message whose time has come; false if there is none. */
  public static boolean step(ReceiverQueue queue) throws InterruptedException {
    return queue.step();
  }
}
