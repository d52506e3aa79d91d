package io.outlay.detector.incident;

import io.outlay.detector.delivery.DeliveryLedger;
import io.outlay.detector.delivery.Message;
import io.outlay.schema.Incident;
import io.outlay.schema.IncidentStatus;
import io.outlay.schema.Notification;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * All incidents as the log has them: a step is written first and holds only then. Incidents are
 * never changed in place, so that they can be read while others write. Bounded: settled ones are
 * forgotten 35 days after their window, though the log keeps them. Safe for concurrent use.
 */
public final class IncidentBook implements DeliveryLedger {
  private static final Duration KEPT = Duration.ofDays(35);

  private final IncidentLog log;
  private final Map<String, Incident> incidents = new ConcurrentHashMap<>();

  public IncidentBook(IncidentLog log) {
    this.log = log;
  }

  /**
   * Takes what the log has; a later one of the same id replaces a former one.
   *
   * @param incident null if it was deleted
   */
  public void restore(String incidentId, @Nullable Incident incident) {
    if (incident == null) {
      incidents.remove(incidentId);
    } else {
      incidents.put(incidentId, incident);
    }
  }

  /** The incident of an id. */
  public Optional<Incident> find(String incidentId) {
    return Optional.ofNullable(incidents.get(incidentId));
  }

  /** Incidents that are not resolved. */
  public List<Incident> open() {
    return incidents.values().stream().filter(IncidentBook::isOpen).toList();
  }

  /** All that are known, in no order. */
  List<Incident> all() {
    return List.copyOf(incidents.values());
  }

  /** The last detected, newest first. */
  public List<Incident> latest(int limit) {
    return latest(incident -> true, limit);
  }

  /** The last detected of those that are wanted, newest first. */
  public List<Incident> latest(Predicate<Incident> wanted, int limit) {
    return incidents.values().stream()
        .filter(wanted)
        .sorted(
            Comparator.comparing(Incident::getDetectedAtMicros)
                .reversed()
                .thenComparing(Incident::getIncidentId))
        .limit(limit)
        .toList();
  }

  /** What is owed, oldest first; for a start. */
  public List<Message> owed() {
    return incidents.values().stream()
        .flatMap(
            incident ->
                incident.getNotifications().stream()
                    .filter(IncidentBook::isOwed)
                    .map(notification -> message(incident, notification)))
        .sorted(Comparator.comparing(Message::owedSince))
        .toList();
  }

  /** Whether an incident still goes on. */
  static boolean isOpen(Incident incident) {
    return incident.getStatus() != IncidentStatus.RESOLVED;
  }

  /**
   * Takes steps.
   *
   * @return what has become owed by them
   * @throws IncidentLogException if they could not be written; then none of them is taken
   */
  synchronized List<Message> apply(List<Change> changes) {
    if (changes.isEmpty()) {
      return List.of();
    }
    Map<String, Incident> next = new LinkedHashMap<>();
    List<Message> owed = new ArrayList<>();
    for (Change change : changes) {
      Incident before = next.getOrDefault(change.incidentId(), incidents.get(change.incidentId()));
      Incident after = change.to().apply(before);
      if (after == before) {
        continue;
      }
      next.put(change.incidentId(), after);
      owed.addAll(newlyOwed(before, after));
    }
    if (!next.isEmpty()) {
      log.write(List.copyOf(next.values()));
      incidents.putAll(next);
    }
    return owed;
  }

  /** Forgets what is settled and long over. */
  void forget(Instant now) {
    long before = Micros.of(now.minus(KEPT));
    incidents
        .values()
        .removeIf(
            incident ->
                !isOpen(incident)
                    && incident.getWindowEndMicros() < before
                    && incident.getNotifications().stream().noneMatch(IncidentBook::isOwed));
  }

  @Override
  public void delivered(Message message, int attempts, Instant at) {
    settle(
        message,
        notification ->
            Notification.newBuilder(notification)
                .setAttempts(attempts)
                .setDeliveredAtMicros(Micros.of(at))
                .setLastError("")
                .build());
  }

  @Override
  public void failed(Message message, int attempts, String reason, Instant at) {
    settle(
        message,
        notification ->
            Notification.newBuilder(notification)
                .setAttempts(attempts)
                .setFailedAtMicros(Micros.of(at))
                .setLastError(reason)
                .build());
  }

  @Override
  public synchronized List<Message> handOver(Message message, String to, Instant at) {
    Incident incident = incidents.get(message.group());
    if (incident == null) {
      return List.of();
    }
    int from =
        incident.getNotifications().stream()
            .filter(notification -> notification.getMessageId().equals(message.id()))
            .mapToInt(Notification::getState)
            .findFirst()
            .orElse(Integer.MAX_VALUE);
    Set<String> known = new HashSet<>();
    incident.getNotifications().forEach(notification -> known.add(notification.getMessageId()));
    List<Notification> added =
        incident.getNotifications().stream()
            .filter(notification -> notification.getReceiver().equals(message.receiver()))
            .filter(notification -> notification.getState() >= from)
            .map(
                notification ->
                    Notification.newBuilder()
                        .setReceiver(to)
                        .setMessageId(
                            Names.message(incident.getIncidentId(), notification.getState(), to))
                        .setState(notification.getState())
                        .setBody(notification.getBody())
                        .setContentType(notification.getContentType())
                        .setCreatedAtMicros(Micros.of(at))
                        .build())
            .filter(notification -> known.add(notification.getMessageId()))
            .toList();
    if (added.isEmpty()) {
      return List.of();
    }
    List<Notification> notifications = new ArrayList<>(incident.getNotifications());
    notifications.addAll(added);
    Incident after = Incident.newBuilder(incident).setNotifications(notifications).build();
    log.write(List.of(after));
    incidents.put(message.group(), after);
    return added.stream().map(notification -> message(after, notification)).toList();
  }

  private synchronized void settle(Message message, UnaryOperator<Notification> to) {
    Incident incident = incidents.get(message.group());
    if (incident == null) {
      return;
    }
    List<Notification> notifications = new ArrayList<>();
    for (Notification notification : incident.getNotifications()) {
      notifications.add(
          notification.getMessageId().equals(message.id()) ? to.apply(notification) : notification);
    }
    Incident after = Incident.newBuilder(incident).setNotifications(notifications).build();
    log.write(List.of(after));
    incidents.put(message.group(), after);
  }

  private static List<Message> newlyOwed(@Nullable Incident before, Incident after) {
    Set<String> known = new HashSet<>();
    if (before != null) {
      before.getNotifications().forEach(notification -> known.add(notification.getMessageId()));
    }
    return after.getNotifications().stream()
        .filter(notification -> !known.contains(notification.getMessageId()))
        .map(notification -> message(after, notification))
        .toList();
  }

  static boolean isOwed(Notification notification) {
    return notification.getDeliveredAtMicros() == null && notification.getFailedAtMicros() == null;
  }

  private static Message message(Incident incident, Notification notification) {
    return new Message(
        incident.getIncidentId(),
        notification.getMessageId(),
        notification.getReceiver(),
        notification.getContentType(),
        notification.getBody(),
        Micros.toInstant(notification.getCreatedAtMicros()));
  }
}
