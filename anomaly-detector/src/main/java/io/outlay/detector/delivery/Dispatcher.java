package io.outlay.detector.delivery;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** All receivers' queues, by name. */
public final class Dispatcher implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Dispatcher.class.getName());

  private final Map<String, ReceiverQueue> queues;

  public Dispatcher(Map<String, ReceiverQueue> queues) {
    this.queues = Map.copyOf(queues);
  }

  /** Starts all of them. */
  public void start() {
    queues.values().forEach(queue -> queue.handTo(this::enqueue));
    queues.values().forEach(ReceiverQueue::start);
  }

  /** Hands a message to its receiver. One that is not configured any more gets nothing. */
  public void enqueue(Message message) {
    ReceiverQueue queue = queues.get(message.receiver());
    if (queue == null) {
      LOG.log(
          Level.WARNING,
          "{0} stays owed: no receiver is named {1} any more",
          message.id(),
          message.receiver());
      return;
    }
    queue.enqueue(message);
  }

  /** Names of the receivers. */
  public Set<String> receivers() {
    return queues.keySet();
  }

  /** The queue of a receiver, if there is one of that name. */
  public Optional<ReceiverQueue> queue(String receiver) {
    return Optional.ofNullable(queues.get(receiver));
  }

  /** Their queues. */
  public Collection<ReceiverQueue> queues() {
    return queues.values();
  }

  @Override
  public void close() {
    queues.values().parallelStream().forEach(ReceiverQueue::close);
  }
}
