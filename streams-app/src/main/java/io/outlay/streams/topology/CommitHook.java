package io.outlay.streams.topology;

import java.util.Map;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.internals.InternalProcessorContext;
import org.apache.kafka.streams.processor.internals.ProcessorNode;
import org.apache.kafka.streams.processor.internals.ProcessorRecordContext;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.internals.CacheFlushListener;
import org.apache.kafka.streams.state.internals.CachedStateStore;
import org.jspecify.annotations.Nullable;

/**
 * Runs a processor's action before each commit of its task, within the transaction that commits:
 * what it forwards and stores is atomic with the offsets. It is how Kafka Streams' own record
 * caches are flushed, and what lets a processor keep sums in memory between commits without a
 * changelog: if the transaction fails, memory is lost and the records are read again.
 *
 * <p>Kafka Streams offers no public way to be called at that point, so this class implements the
 * internal interface of its caches. It is the only one in the project that touches internals; it
 * holds nothing itself.
 */
final class CommitHook implements StateStore, CachedStateStore<Object, Object> {
  private final String name;
  private boolean open;
  private @Nullable Runnable action;
  private @Nullable InternalProcessorContext<?, ?> context;
  private @Nullable ProcessorNode<?, ?, ?, ?> node;

  private CommitHook(String name) {
    this.name = name;
  }

  /** A builder for a hook of that name. */
  static StoreBuilder<CommitHook> builder(String name) {
    return new Builder(name);
  }

  /** Has an action run before each commit; called once, from {@code Processor.init}. */
  void beforeCommit(ProcessorContext<?, ?> processorContext, Runnable run) {
    this.context = (InternalProcessorContext<?, ?>) processorContext;
    this.node = context.currentNode();
    this.action = run;
  }

  @Override
  public void flushCache() {
    InternalProcessorContext<?, ?> current = context;
    Runnable run = action;
    if (current == null || run == null) {
      return;
    }
    ProcessorNode<?, ?, ?, ?> previousNode = current.currentNode();
    ProcessorRecordContext previousRecord = current.recordContext();
    current.setCurrentNode(node);
    current.setRecordContext(
        new ProcessorRecordContext(
            current.currentSystemTimeMs(),
            -1,
            current.taskId().partition(),
            name,
            new RecordHeaders()));
    try {
      run.run();
    } finally {
      current.setCurrentNode(previousNode);
      current.setRecordContext(previousRecord);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void init(StateStoreContext stateStoreContext, StateStore root) {
    stateStoreContext.register(root, (key, value) -> {});
    open = true;
  }

  @Override
  public void close() {
    open = false;
    action = null;
  }

  @Override
  public boolean persistent() {
    return false;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public boolean setFlushListener(
      CacheFlushListener<Object, Object> listener, boolean sendOldValues) {
    return false;
  }

  @Override
  public void clearCache() {
    // holds nothing
  }

  private record Builder(String name) implements StoreBuilder<CommitHook> {
    @Override
    public CommitHook build() {
      return new CommitHook(name);
    }

    @Override
    public StoreBuilder<CommitHook> withCachingEnabled() {
      return this;
    }

    @Override
    public StoreBuilder<CommitHook> withCachingDisabled() {
      return this;
    }

    @Override
    public StoreBuilder<CommitHook> withLoggingEnabled(Map<String, String> config) {
      throw new UnsupportedOperationException("a commit hook holds nothing to log");
    }

    @Override
    public StoreBuilder<CommitHook> withLoggingDisabled() {
      return this;
    }

    @Override
    public Map<String, String> logConfig() {
      return Map.of();
    }

    @Override
    public boolean loggingEnabled() {
      return false;
    }
  }
}
