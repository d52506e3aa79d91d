package io.outlay.collectors.access;

/** Whether a request may publish. */
public sealed interface Access {
  /** It may. */
  record Granted(Publisher publisher) implements Access {}

  /** It named no key, or one that does not exist: 401. */
  record Unidentified(String detail) implements Access {}

  /** It may not, whatever it names: 403. */
  record Forbidden(String detail) implements Access {}
}
