package io.outlay.sink.audit;

import java.util.List;

/**
 * What one reading of a check saw.
 *
 * @param items every line, and of cells those that differ, some of them if there are very many
 * @param unlisted cells that differ beyond those
 */
record Look(List<Item> items, long unlisted) {
  Look(List<Item> items) {
    this(items, 0);
  }

  Look {
    items = List.copyOf(items);
  }
}
