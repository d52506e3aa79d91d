package io.outlay.collectors.format;

/** A request is in a format that its endpoint does not understand. */
public class UnsupportedFormatException extends Exception {
  private static final long serialVersionUID = 1L;

  public UnsupportedFormatException(String message) {
    super(message);
  }
}
