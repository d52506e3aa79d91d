package io.outlay.collectors.access;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class ApiKeysTest {
  private static final Publisher SEARCH = new Publisher("search-svc", "search");
  private static final Publisher ANY = new Publisher("any", null);

  private final ApiKeys keys =
      new ApiKeys(Map.of("secret-of-search", SEARCH, "secret-of-any", ANY), true);

  @ParameterizedTest
  @CsvSource({
    "Bearer secret-of-search, , search-svc",
    "bearer   secret-of-any , , any",
    ", secret-of-any, any",
    "Bearer secret-of-search, secret-of-any, search-svc"
  })
  void givenKey_thenItsPublisher(String authorization, String apiKey, String name) {
    assertThat(keys.of(authorization, apiKey, false))
        .isInstanceOfSatisfying(
            Access.Granted.class, it -> assertThat(it.publisher().name()).isEqualTo(name));
  }

  @ParameterizedTest
  @CsvSource({
    ", , an API key is required",
    "'Bearer ', , an API key is required",
    "'Bearer', , the Authorization header must be",
    "Basic c2VjcmV0, , the Authorization header must be",
    "Bearer secret-of-searc, , the API key is not known",
    "Bearer secret-of-search2, , the API key is not known",
    ", secret, the API key is not known"
  })
  void givenNoneOrAnother_thenUnidentifiedAlsoFromThisMachine(
      String authorization, String apiKey, String detail) {
    assertThat(keys.of(authorization, apiKey, true))
        .isInstanceOfSatisfying(
            Access.Unidentified.class, it -> assertThat(it.detail()).startsWith(detail));
  }

  @Test
  void givenNoKeysConfigured_thenOnlyThisMachineUnlessAllowed() {
    ApiKeys none = new ApiKeys(Map.of(), false);

    assertThat(none.of(null, null, true)).isEqualTo(new Access.Granted(Publisher.ANONYMOUS));
    assertThat(none.of("Bearer x", null, false)).isInstanceOf(Access.Forbidden.class);
    assertThat(new ApiKeys(Map.of(), true).of(null, null, false))
        .isEqualTo(new Access.Granted(Publisher.ANONYMOUS));
  }
}
