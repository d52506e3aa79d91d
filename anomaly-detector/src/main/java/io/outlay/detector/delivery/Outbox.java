package io.outlay.detector.delivery;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What one receiver is owed. Only the oldest message of a group is ever due, so that a resolution
 * does not overtake its opening; a message that keeps failing delays no other group. Bounded. For
 * one thread at a time.
 */
final class Outbox {
  private final int capacity;
  private final Map<String, Deque<Item>> groups = new HashMap<>();
  private final PriorityQueue<Item> heads =
      new PriorityQueue<>(
          Comparator.comparing((Item item) -> item.due).thenComparing(item -> item.number));
  private int size;
  private long offered;

  Outbox(int capacity) {
    this.capacity = capacity;
  }

  /** A message and where it stands. */
  static final class Item {
    private final Message message;
    private final long number;
    private Instant due;
    private int attempts;
    private final @Nullable CompletableFuture<Delivery> trial;
    private @Nullable Runnable unrecorded;
    private boolean handedOver;
    private boolean afterSuperseded;

    private Item(
        Message message, long number, Instant due, @Nullable CompletableFuture<Delivery> trial) {
      this.message = message;
      this.number = number;
      this.due = due;
      this.trial = trial;
    }

    /** Who waits for the only attempt; null if the message is owed. */
    @Nullable CompletableFuture<Delivery> trial() {
      return trial;
    }

    /** Whether the message before it in its group was superseded. */
    boolean isAfterSuperseded() {
      return afterSuperseded;
    }

    /** Whether another receiver has been told instead. */
    boolean isHandedOver() {
      return handedOver;
    }

    void handedOver() {
      handedOver = true;
    }

    Message message() {
      return message;
    }

    int attempts() {
      return attempts;
    }

    void attempted() {
      attempts++;
    }

    /** What is yet to be written into the ledger; null while the message is to be sent. */
    @Nullable Runnable unrecorded() {
      return unrecorded;
    }

    void record(Runnable entry) {
      unrecorded = entry;
    }
  }

  int size() {
    return size;
  }

  /** Takes a message; false if there is no room. */
  boolean offer(Message message, Instant now) {
    return offer(message, now, null);
  }

  /**
   * Takes a message; false if there is no room.
   *
   * @param trial null unless there is to be one attempt only
   */
  boolean offer(Message message, Instant now, @Nullable CompletableFuture<Delivery> trial) {
    if (size >= capacity) {
      return false;
    }
    Deque<Item> group = groups.computeIfAbsent(message.group(), name -> new ArrayDeque<>());
    Item item = new Item(message, offered++, now, trial);
    group.addLast(item);
    if (group.size() == 1) {
      heads.add(item);
    }
    size++;
    return true;
  }

  /** The next message whose time has come, if any. It stays until {@link #done}. */
  Optional<Item> due(Instant now) {
    Item head = heads.peek();
    return head == null || head.due.isAfter(now) ? Optional.empty() : Optional.of(head);
  }

  /** The last message of the item's group, if that is another. */
  Optional<Message> newer(Item item) {
    Deque<Item> group = groups.get(item.message.group());
    Item last = group == null ? null : group.peekLast();
    return last == null || last == item ? Optional.empty() : Optional.of(last.message);
  }

  /** Marks the message that follows in the item's group. */
  void superseded(Item item) {
    Deque<Item> group = groups.get(item.message.group());
    if (group != null) {
      group.stream().skip(1).findFirst().ifPresent(next -> next.afterSuperseded = true);
    }
  }

  /** When the next message is due; empty if there is none. */
  Optional<Instant> nextDue() {
    return Optional.ofNullable(heads.peek()).map(item -> item.due);
  }

  /** Puts a message off. */
  void later(Item item, Instant due) {
    heads.remove(item);
    item.due = due;
    heads.add(item);
  }

  /** Forgets a message; the next of its group is due at once. */
  void done(Item item, Instant now) {
    heads.remove(item);
    size--;
    Deque<Item> group = groups.get(item.message.group());
    if (group == null || group.pollFirst() != item) {
      throw new IllegalStateException("not the first of its group: " + item.message.id());
    }
    Item next = group.peekFirst();
    if (next == null) {
      groups.remove(item.message.group());
    } else {
      next.due = now;
      heads.add(next);
    }
  }

  /** Makes everything due at once, such as when all is to be given up. */
  void hurry(Instant now) {
    List<Item> all = new ArrayList<>(heads);
    heads.clear();
    all.forEach(item -> item.due = now);
    heads.addAll(all);
  }
}
