package io.outlay.streams.http;

/** A parameter of a request is wrong. */
class WrongRequestException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param parameter its name
   * @param error what must hold and what was there
   */
  WrongRequestException(String parameter, String error) {
    super(parameter + ": " + error);
  }
}
