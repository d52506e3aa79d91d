package io.outlay.collectors.otlp;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a span or record is about. Only calls of a model are usage: spans of agents, workflows,
 * chains, tools, retrievers and guardrails add up the tokens of the calls below them.
 */
final class Operation {
  /** What is not a call of a model. */
  static final String NONE = "";

  static final String RERANK = "rerank";
  private static final String CHAT = "chat";
  private static final String EMBEDDING = "embedding";

  private static final Map<String, String> CALLS =
      Map.ofEntries(
          Map.entry("chat", CHAT),
          Map.entry("text_completion", CHAT),
          Map.entry("generate_content", CHAT),
          Map.entry("completion", CHAT),
          Map.entry("embeddings", EMBEDDING),
          Map.entry("embedding", EMBEDDING),
          Map.entry("rerank", RERANK),
          Map.entry("llm", CHAT),
          Map.entry("reranker", RERANK));

  private static final Set<String> NO_CALLS =
      Set.of(
          "invoke_agent",
          "create_agent",
          "invoke_workflow",
          "execute_tool",
          "retrieval",
          "plan",
          "agent",
          "workflow",
          "chain",
          "task",
          "tool",
          "retriever",
          "guardrail",
          "evaluator",
          "prompt");

  private static final Set<String> KNOWN = Set.copyOf(CALLS.values());

  private Operation() {}

  /** Whether an operation is known to be a call of a model. */
  static boolean isKnown(@Nullable String operation) {
    return operation != null && KNOWN.contains(operation);
  }

  /**
   * The operation of a call, {@link #NONE} of what is no call, null of what does not say. The name
   * of the operation holds before the kind of the span. A name that is neither known as a call nor
   * as something else stays as it is, in lower case.
   */
  static @Nullable String of(Attributes attributes) {
    String name = lower(attributes.text(Keys.OPERATION));
    String kind = lower(attributes.text(Keys.OPENINFERENCE_KIND));
    if (kind.isEmpty()) {
      kind = lower(attributes.text(Keys.OPENLLMETRY_KIND));
    }
    String type = lower(attributes.text(Keys.REQUEST_TYPE));
    for (String said : new String[] {name, kind, type}) {
      if (CALLS.containsKey(said)) {
        return CALLS.get(said);
      }
      if (NO_CALLS.contains(said)) {
        return NONE;
      }
    }
    return name.isEmpty() ? null : name;
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
