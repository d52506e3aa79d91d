package io.outlay.bench.pipeline;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * What the books must say of a backlog.
 *
 * @param records published
 * @param facts different events among them
 * @param cost of the facts, USD
 * @param bytes of keys and values
 */
record Expected(long records, long facts, BigDecimal cost, long bytes) {
  static Expected of(long records, long facts, BigInteger costPico, long bytes) {
    return new Expected(records, facts, new BigDecimal(costPico, 12), bytes);
  }
}
