package io.outlay.collectors.attribution;

/**
 * What a configuration says of names.
 *
 * @param text the name; a {@code *} at its end stands for any rest
 */
public record NamePattern(String text) {
  private static final String ANY = "*";

  /** Whether a name is meant. */
  public boolean fits(String name) {
    return text.endsWith(ANY)
        ? name.startsWith(text.substring(0, text.length() - ANY.length()))
        : name.equals(text);
  }
}
