package io.outlay.sink.audit;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an audit found. Numbers are decimal text, exact; its shape is what {@code GET /v1/audit}
 * answers.
 *
 * @param status the worst of the equations': {@code balanced}, {@code unsettled} or {@code differs}
 * @param scope {@code all}, or {@code recent}: the days that facts were rated for lately
 * @param startedAt ISO 8601
 * @param finishedAt ISO 8601
 * @param looks how often the books were looked at until nothing was open, or time was up
 */
public record AuditReport(
    String status,
    String scope,
    String startedAt,
    String finishedAt,
    int looks,
    List<Equation> equations) {

  /**
   * One equation.
   *
   * @param name short, and the {@code equation} of the metrics
   * @param left what the left side is
   * @param right what the right side is
   * @param meaning what it says, in a sentence
   * @param status of it as a whole
   * @param differences settled ones, among lines and cells
   * @param unsettled lines and cells that were not equal and did not come to rest
   * @param lines sums and counts
   * @param cells the first of those that differ or are unsettled
   */
  public record Equation(
      String name,
      String left,
      String right,
      String meaning,
      String status,
      long differences,
      long unsettled,
      List<Line> lines,
      List<Difference> cells) {}

  /**
   * Both sides of a count or sum.
   *
   * @param status {@code balanced}, {@code between}, {@code unsettled} or {@code differs}
   * @param difference right less left
   */
  public record Line(String what, String left, String right, String difference, String status) {}

  /**
   * Both sides of what differs in a cell of the rollups.
   *
   * @param place the cell
   * @param what the measure that differs
   * @param difference right less left
   */
  public record Difference(
      @Nullable Place place,
      String what,
      String left,
      String right,
      String difference,
      String status) {}
}
