package io.outlay.streams.replay;

import io.outlay.schema.DeadLetterReason;
import io.outlay.streams.replay.ReplayReport.Counts;
import io.outlay.streams.replay.ReplayReport.Sample;
import io.outlay.streams.replay.ReplayReport.Skip;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What has become of the letters so far. For one thread. */
final class Tally {
  private static final int MAX_MESSAGE = 300;

  private final Map<DeadLetterReason, long[]> byReason = new EnumMap<>(DeadLetterReason.class);
  private final Map<String, Long> skips = new TreeMap<>();
  private final List<Sample> samples = new ArrayList<>();
  private long unreadable;

  private enum Column {
    FOUND,
    SENT,
    ALREADY_SENT,
    SKIPPED,
    FAILING_AGAIN
  }

  void found(Letter letter) {
    count(letter, Column.FOUND);
  }

  void alreadySent(Letter letter) {
    count(letter, Column.ALREADY_SENT);
  }

  void skipped(Letter letter, String deadLetters, String why) {
    count(letter, Column.SKIPPED);
    skips.merge(why, 1L, Long::sum);
    sample(letter, deadLetters, "skipped: " + why);
  }

  /**
   * @param outcome what is said of it among the samples
   */
  void sent(Letter letter, String deadLetters, boolean failsAgain, String outcome) {
    count(letter, Column.SENT);
    if (failsAgain) {
      count(letter, Column.FAILING_AGAIN);
    }
    sample(letter, deadLetters, outcome);
  }

  void unreadable() {
    unreadable++;
  }

  long sent() {
    return sum(Column.SENT);
  }

  ReplayReport report(ReplayRequest request, String topic) {
    List<Counts> reasons = new ArrayList<>();
    byReason.forEach(
        (reason, counts) ->
            reasons.add(
                new Counts(lower(reason), counts[0], counts[1], counts[2], counts[3], counts[4])));
    return new ReplayReport(
        request.dryRun(),
        topic,
        new Counts(
            "",
            sum(Column.FOUND),
            sum(Column.SENT),
            sum(Column.ALREADY_SENT),
            sum(Column.SKIPPED),
            sum(Column.FAILING_AGAIN)),
        reasons,
        skips.entrySet().stream().map(skip -> new Skip(skip.getKey(), skip.getValue())).toList(),
        unreadable,
        List.copyOf(samples));
  }

  static String lower(DeadLetterReason reason) {
    return reason.name().toLowerCase(Locale.ROOT);
  }

  private void sample(Letter letter, String deadLetters, String outcome) {
    if (samples.size() == ReplayReport.MAX_SAMPLES) {
      return;
    }
    String message = letter.value().getMessage();
    samples.add(
        new Sample(
            deadLetters + "/" + letter.partition() + "/" + letter.offset(),
            letter.original(),
            lower(letter.value().getReason()),
            message.length() > MAX_MESSAGE ? message.substring(0, MAX_MESSAGE) + "…" : message,
            letter.event() == null ? null : letter.event().getSource(),
            letter.failedAt().toString(),
            outcome));
  }

  private void count(Letter letter, Column column) {
    byReason
        .computeIfAbsent(letter.value().getReason(), reason -> new long[Column.values().length])[
        column.ordinal()]++;
  }

  private long sum(Column column) {
    return byReason.values().stream().mapToLong(counts -> counts[column.ordinal()]).sum();
  }
}
