package io.outlay.collectors.provider;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class ProviderNamesTest {
  @ParameterizedTest
  @CsvSource({
    "azure, openai",
    "Azure_Text, openai",
    "azure_ai, openai",
    "azure.ai.openai, openai",
    "azure.ai.inference, azure.ai.inference",
    "text-completion-openai, openai",
    "vertex_ai-language-models, google",
    "bedrock_converse, aws",
    "anthropic.messages, anthropic",
    "codestral, mistral",
    "together_ai, together_ai"
  })
  void namesAreThoseOfThePriceBook(String name, String expected) {
    assertThat(ProviderNames.of(name)).isEqualTo(expected);
  }
}
