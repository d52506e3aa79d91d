package io.outlay.client;

import java.nio.charset.StandardCharsets;

/** A valid event, ready to be sent. */
public final class Event {
  private final String id;
  private final String type;
  private final byte[] json;

  Event(String id, String type, byte[] json) {
    this.id = id;
    this.type = type;
    this.json = json;
  }

  public String id() {
    return id;
  }

  /** The CloudEvents type, such as {@code io.outlay.llm.usage}. */
  public String type() {
    return type;
  }

  /** The CloudEvent in JSON. */
  public String json() {
    return new String(json, StandardCharsets.UTF_8);
  }

  byte[] bytes() {
    return json;
  }

  @Override
  public String toString() {
    return json();
  }
}
