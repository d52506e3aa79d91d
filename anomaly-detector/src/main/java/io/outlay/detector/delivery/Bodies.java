package io.outlay.detector.delivery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;

/** JSON bodies that stay within bounds. */
final class Bodies {
  /** Media type. */
  static final String JSON = "application/json";

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final int MOST_DETAILS = 25;

  private Bodies() {}

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /**
   * A body below {@link Format#MAX_BODY}: with as many details as there is room for.
   *
   * @param make from the most causes, children and the like that it may list
   * @throws IllegalArgumentException if it is too large without any
   */
  static String fitting(IntFunction<ObjectNode> make) {
    for (int details = MOST_DETAILS; ; details /= 2) {
      String body = write(make.apply(details));
      if (body.getBytes(StandardCharsets.UTF_8).length < Format.MAX_BODY) {
        return body;
      }
      if (details == 0) {
        throw new IllegalArgumentException("the alert is too large to be told");
      }
    }
  }

  /** At most so many characters; what is cut ends in an ellipsis, and no character is halved. */
  static String cut(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    int end = most - 1;
    return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "…";
  }

  static String write(ObjectNode node) {
    try {
      return MAPPER.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of nodes can always be written", e);
    }
  }
}
