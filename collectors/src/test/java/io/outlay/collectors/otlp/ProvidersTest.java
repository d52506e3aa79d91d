package io.outlay.collectors.otlp;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class ProvidersTest {
  @ParameterizedTest
  @CsvSource({
    "openai, openai",
    "OpenAI, openai",
    "openai.chat, openai",
    "azure.ai.openai, openai",
    "az.ai.openai, openai",
    "azure_openai, openai",
    "azure-openai.responses, openai",
    "azure.ai.inference, azure.ai.inference",
    "anthropic, anthropic",
    "anthropic.messages, anthropic",
    "gcp.gemini, google",
    "gcp.vertex_ai, google",
    "gcp.gen_ai, google",
    "vertex_ai, google",
    "google.generative-ai, google",
    "google, google",
    "aws.bedrock, aws",
    "AWS, aws",
    "amazon-bedrock, aws",
    "mistral_ai, mistral",
    "mistral.chat, mistral",
    "x_ai, x-ai",
    "xai.chat, x-ai",
    "deepseek, deepseek",
    "cohere, cohere",
    "voyage, voyageai",
    "Groq, groq",
    "ibm.watsonx.ai, ibm.watsonx.ai"
  })
  void namesAreThoseOfThePriceBook(String name, String expected) {
    assertThat(Providers.of(name)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "gpt-4o-mini, openai",
    "claude-sonnet-4-5, anthropic",
    "gemini-2.5-pro, google",
    "my-llama, unknown"
  })
  void someModelsTellTheirMaker(String model, String expected) {
    assertThat(Providers.ofModel(model)).isEqualTo(expected);
  }
}
