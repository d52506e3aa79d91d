package io.outlay.collectors.provider;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class GistTest {
  @Test
  void givenTheSameNameInTwoBodies_thenNoneIsRemembered() throws IOException {
    String name = "x".repeat(500);

    assertThat(firstName(name)).isEqualTo(name).isNotSameAs(firstName(name));
  }

  @Test
  void givenEndlessName_thenNotRead() {
    assertThatThrownBy(() -> firstName("x".repeat(1_100)))
        .isInstanceOf(StreamConstraintsException.class)
        .hasMessageContaining("1024");
  }

  private static String firstName(String name) throws IOException {
    byte[] body = ("{\"" + name + "\":1}").getBytes(StandardCharsets.UTF_8);
    try (JsonParser json = Gist.parser(new ByteArrayInputStream(body))) {
      json.nextToken();
      return json.nextFieldName();
    }
  }
}
