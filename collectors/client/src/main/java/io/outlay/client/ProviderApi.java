package io.outlay.client;

/** The provider APIs whose own usage objects the collector understands. */
public enum ProviderApi {
  OPENAI_CHAT("openai.chat"),
  OPENAI_RESPONSES("openai.responses"),
  OPENAI_EMBEDDINGS("openai.embeddings"),
  ANTHROPIC_MESSAGES("anthropic.messages"),
  GEMINI_GENERATE_CONTENT("gemini.generate-content"),
  BEDROCK_CONVERSE("bedrock.converse");

  private final String id;

  ProviderApi(String id) {
    this.id = id;
  }

  /** As the collector names it, such as {@code openai.chat}. */
  public String id() {
    return id;
  }
}
