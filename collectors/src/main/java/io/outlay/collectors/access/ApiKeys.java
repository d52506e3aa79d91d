package io.outlay.collectors.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tells publishers by their key. Keys are compared by digest, all of them each time, so that the
 * time of an answer says nothing about how much of a guess was right.
 */
public final class ApiKeys {
  private static final String BEARER = "bearer ";

  private final List<Entry> entries;
  private final boolean anonymousFromAnywhere;

  private record Entry(byte[] digest, Publisher publisher) {}

  /**
   * @param keys publishers by their secret; none: requests need no key
   * @param anonymousFromAnywhere whether requests without a key may come from other machines, where
   *     there are no keys
   */
  public ApiKeys(Map<String, Publisher> keys, boolean anonymousFromAnywhere) {
    this.entries =
        keys.entrySet().stream()
            .map(key -> new Entry(digest(key.getKey()), key.getValue()))
            .collect(Collectors.toUnmodifiableList());
    this.anonymousFromAnywhere = anonymousFromAnywhere;
  }

  /**
   * Who sends a request.
   *
   * @param authorization value of that header, such as {@code Bearer KEY}; null if there is none
   * @param apiKey value of the {@code x-api-key} header, null if there is none
   * @param fromThisMachine whether the request comes over the loopback interface
   */
  public Access of(
      @Nullable String authorization, @Nullable String apiKey, boolean fromThisMachine) {
    if (entries.isEmpty()) {
      return fromThisMachine || anonymousFromAnywhere
          ? new Access.Granted(Publisher.ANONYMOUS)
          : new Access.Forbidden(
              "no apiKeys are configured, so that only this machine may publish");
    }
    String key = apiKey;
    if (authorization != null) {
      if (!authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
        return new Access.Unidentified(
            "the Authorization header must be \"Bearer \" and an API key");
      }
      key = authorization.substring(BEARER.length()).strip();
    }
    if (key == null || key.isEmpty()) {
      return new Access.Unidentified(
          "an API key is required: send it as \"Authorization: Bearer KEY\" or \"x-api-key: KEY\"");
    }
    byte[] given = digest(key);
    Publisher found = null;
    for (Entry entry : entries) {
      if (MessageDigest.isEqual(entry.digest(), given)) {
        found = entry.publisher();
      }
    }
    return found == null
        ? new Access.Unidentified("the API key is not known (it is not shown)")
        : new Access.Granted(found);
  }

  private static byte[] digest(String key) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
