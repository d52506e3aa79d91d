package io.outlay.streams.replay;

/** A replay could not begin, or not be brought to its end. What it had sent by then stays sent. */
public class ReplayException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Kind kind;

  /** What stands in the way. */
  public enum Kind {
    /** Another replay is running, or has begun since and this one had to give way. */
    CONFLICT,
    /** Kafka or the registry is away, or this program stops. */
    UNAVAILABLE
  }

  public ReplayException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public ReplayException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** What stands in the way. */
  public Kind kind() {
    return kind;
  }
}
