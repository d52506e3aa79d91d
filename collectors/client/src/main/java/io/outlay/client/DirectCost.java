package io.outlay.client;

import java.io.IOException;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** Money that was spent on something without a price list: people, licences, support. */
public final class DirectCost extends EventBuilder<DirectCost> {
  private static final int MAX_AMOUNT_LENGTH = 64;

  private final @Nullable BigDecimal amount;
  private @Nullable String currency;
  private @Nullable String category;
  private @Nullable String description;

  private DirectCost(@Nullable BigDecimal amount) {
    super("io.outlay.cost.direct");
    this.amount = amount;
  }

  /**
   * @param amount required: at most 12 decimals, below 1,000,000 either way; negative for a credit
   */
  public static DirectCost of(@Nullable BigDecimal amount) {
    return new DirectCost(amount);
  }

  /** As {@link #of(BigDecimal)}, in decimal notation such as {@code 129.90}. */
  public static DirectCost of(@Nullable String amount) {
    if (amount == null) {
      return new DirectCost(null);
    }
    if (amount.length() <= MAX_AMOUNT_LENGTH) {
      try {
        return new DirectCost(new BigDecimal(amount));
      } catch (NumberFormatException e) {
        // Refused below, with the value.
      }
    }
    DirectCost unusable = new DirectCost(null);
    unusable.refuse(
        "data.amount", "must be a decimal such as \"12.50\", was " + EventWriter.shown(amount));
    return unusable;
  }

  /** ISO 4217 code; not given: USD. */
  public DirectCost currency(@Nullable String value) {
    currency = value;
    return this;
  }

  /** Such as {@code people}, {@code licence}, {@code support}. */
  public DirectCost category(@Nullable String value) {
    category = value;
    return this;
  }

  /** At most 256 characters. */
  public DirectCost description(@Nullable String value) {
    description = value;
    return this;
  }

  @Override
  void writeDetail(EventWriter out) throws IOException {
    out.amount("amount", amount);
    out.currency("currency", currency);
    out.dimension("category", category);
    out.text("description", description, Bounds.MAX_ID_LENGTH);
  }
}
