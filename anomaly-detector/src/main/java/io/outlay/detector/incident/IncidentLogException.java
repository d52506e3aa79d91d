package io.outlay.detector.incident;

/** Incidents could not be written; trying again may help. */
public class IncidentLogException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public IncidentLogException(String message, Throwable cause) {
    super(message, cause);
  }
}
