package io.outlay.detector.incident;

import org.jspecify.annotations.Nullable;

/** Incidents could not be written; trying again may help. */
public class IncidentLogException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public IncidentLogException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
