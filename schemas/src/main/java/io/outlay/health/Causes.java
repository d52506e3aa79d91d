package io.outlay.health;

/** Why something failed, in one line: clients like Kafka's keep the reason in a cause. */
public final class Causes {
  private Causes() {}

  /** The messages of an exception and its causes, outermost first, without repetitions. */
  public static String of(Throwable thrown) {
    StringBuilder text = new StringBuilder();
    String nameless = "";
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      String message = cause.getMessage();
      boolean wraps = cause.getCause() != null;
      if (message == null || message.isBlank()) {
        // The last word needs a name: that of the first of those around it which say nothing.
        nameless = nameless.isEmpty() ? cause.getClass().getSimpleName() : nameless;
        message = wraps ? "" : nameless;
      } else if (wraps && message.equals(cause.getCause().toString())) {
        message = "";
      }
      if (!message.isEmpty() && text.indexOf(message) < 0) {
        text.append(text.isEmpty() ? "" : ": ").append(message.strip());
      }
    }
    return text.toString();
  }
}
