package io.outlay.embedded.cli;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A table of aligned columns, two blanks apart, under a line of headings. */
public final class TextTable {
  private static final String GAP = "  ";

  private final List<List<String>> rows = new ArrayList<>();
  private final Set<Integer> rightAligned = new HashSet<>();
  private final int columns;

  /**
   * @param headings one to a column
   */
  public TextTable(String... headings) {
    this.columns = headings.length;
    rows.add(List.of(headings));
  }

  /** Aligns columns, counted from 0, to the right, as numbers are. */
  public TextTable alignRight(int... indices) {
    for (int index : indices) {
      rightAligned.add(index);
    }
    return this;
  }

  /**
   * Adds a row.
   *
   * @throws IllegalArgumentException unless there is a cell for each heading
   */
  public TextTable row(String... cells) {
    if (cells.length != columns) {
      throw new IllegalArgumentException(columns + " cells expected, was " + cells.length);
    }
    rows.add(List.of(cells));
    return this;
  }

  /** The lines, without blanks at their ends. */
  public List<String> lines() {
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], width(row.get(i)));
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        String cell = row.get(i);
        String padding = " ".repeat(widths[i] - width(cell));
        line.append(i == 0 ? "" : GAP)
            .append(rightAligned.contains(i) ? padding + cell : cell + padding);
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
