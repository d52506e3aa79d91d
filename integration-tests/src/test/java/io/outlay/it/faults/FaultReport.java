package io.outlay.it.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What came of a run.
 *
 * @param options with which it ran
 * @param base no event is later
 * @param events different ones that were published
 * @param facts events that must be counted
 * @param copies acknowledged beyond the first of each event, apart from repeated requests
 * @param repeats requests sent again since no acknowledgement came
 * @param poison records that nobody can count
 * @param alarms each of which on-call had to be told
 * @param webhooks different messages that on-call received
 * @param webhooksTurnedAway requests that got an error or no answer
 * @param records that reached the broker
 * @param deadLetters among them that must be set aside
 * @param lostAnswers connections that ended instead of an answer
 * @param seconds from the first event to the last being settled
 * @param struck the faults
 * @param equations that the product's own audit holds
 * @param compared rows compared, by what
 * @param differences empty if the books are those of the events
 */
public record FaultReport(
    FaultOptions options,
    Instant base,
    long events,
    long facts,
    long copies,
    long repeats,
    long poison,
    int alarms,
    int webhooks,
    long webhooksTurnedAway,
    long records,
    long deadLetters,
    long lostAnswers,
    double seconds,
    List<Struck> struck,
    int equations,
    Map<String, Integer> compared,
    List<String> differences) {

  /**
   * A fault that struck.
   *
   * @param at events acknowledged until then
   * @param recovery from the beginning of healing, starting programs included, until an event that
   *     was sent after it was shown
   */
  public record Struck(int number, Fault fault, long at, Duration recovery) {
    @Override
    public String toString() {
      return "%d %s at %d: %.1f s".formatted(number, fault, at, seconds(recovery));
    }
  }

  /** Longest recovery. */
  public Duration slowestRecovery() {
    return struck.stream().map(Struck::recovery).max(Comparator.naturalOrder()).orElseThrow();
  }

  /** For people: a summary, the faults by what they were, and what differs. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>(summary());
    kinds()
        .forEach(
            (kind, recoveries) ->
                lines.add(
                    "  %-50s %3d times, median %5.1f s, longest %5.1f s"
                        .formatted(
                            kind,
                            recoveries.size(),
                            seconds(median(recoveries)),
                            seconds(recoveries.get(recoveries.size() - 1)))));
    lines.addAll(differences);
    return lines;
  }

  /** Recoveries by what struck, shortest first. */
  private Map<String, List<Duration>> kinds() {
    Map<String, List<Duration>> kinds =
        struck.stream()
            .collect(
                Collectors.groupingBy(
                    each -> each.fault().toString(),
                    TreeMap::new,
                    Collectors.mapping(Struck::recovery, Collectors.toList())));
    kinds.replaceAll((kind, recoveries) -> recoveries.stream().sorted().toList());
    return kinds;
  }

  private List<String> summary() {
    List<Duration> sorted = struck.stream().map(Struck::recovery).sorted().toList();
    List<String> lines = new ArrayList<>();
    lines.add(
        "seed %d: %,d events, %,d copies, %,d requests repeated, %,d poison; %,d records, %,d facts, %,d dead letters"
            .formatted(
                options.seed(), events, copies, repeats, poison, records, facts, deadLetters));
    lines.add(
        "%d faults in %.0f s, %d answers lost; %d alarms, %d webhooks, %d requests turned away; recovery median %.1f s, longest %.1f s"
            .formatted(
                struck.size(),
                seconds,
                lostAnswers,
                alarms,
                webhooks,
                webhooksTurnedAway,
                seconds(median(sorted)),
                seconds(slowestRecovery())));
    lines.add(
        "%,d rows compared and %d equations audited, differences: %s"
            .formatted(
                compared.values().stream().mapToInt(Integer::intValue).sum(),
                equations,
                differences.isEmpty() ? "none" : differences.size()));
    return lines;
  }

  /** Writes it in Markdown. */
  void write(Path file) throws IOException {
    StringBuilder text = new StringBuilder("# Faults under load\n\n");
    text.append(
        """
        Run on %s, %d processors, Java %s, with `--events %d --faults %d --seed %d --rate %d`. Event times end at %s; the
        seed, with that moment, makes the same events again.

        Recovery is measured from the beginning of healing, the start of programs included, until an event that was published
        after it is shown by ClickHouse, and for webhooks until on-call was told.

        """
            .formatted(
                System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.version"),
                options.events(),
                options.faults(),
                options.seed(),
                options.eventsPerSecond(),
                base));
    summary().forEach(line -> text.append("- ").append(line).append('\n'));
    differences.forEach(line -> text.append("  - ").append(line).append('\n'));
    text.append("\n| fault | times | median s | longest s |\n|---|---|---|---|\n");
    kinds()
        .forEach(
            (kind, recoveries) ->
                text.append(
                    "| %s | %d | %.1f | %.1f |%n"
                        .formatted(
                            kind,
                            recoveries.size(),
                            seconds(median(recoveries)),
                            seconds(recoveries.get(recoveries.size() - 1)))));
    text.append("\n| compared with the oracle | rows |\n|---|---|\n");
    compared.forEach((what, rows) -> text.append("| %s | %,d |%n".formatted(what, rows)));
    text.append("\n| # | fault | at event | recovery s |\n|---|---|---|---|\n");
    struck.forEach(
        each ->
            text.append(
                "| %d | %s | %,d | %.1f |%n"
                    .formatted(each.number(), each.fault(), each.at(), seconds(each.recovery()))));
    if (file.getParent() != null) {
      Files.createDirectories(file.getParent());
    }
    Files.writeString(file, text);
  }

  /** Of an even number, the lower of the middle two. */
  private static Duration median(List<Duration> sorted) {
    return sorted.get((sorted.size() - 1) / 2);
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1e3;
  }
}
