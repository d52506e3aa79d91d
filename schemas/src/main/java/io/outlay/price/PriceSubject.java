package io.outlay.price;

import io.outlay.schema.NameMatch;
import io.outlay.schema.Price;
import io.outlay.schema.PriceKind;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a price is for: at any time a subject has at most one price.
 *
 * @param provider provider or cloud, empty for usage that names none
 * @param name model, GPU model, instance type, tier, {@code from>to}, path or currency
 * @param purchaseOption empty where it does not apply
 * @param match how the name is compared
 * @param region empty for all
 * @param team empty for a list price
 * @param customer empty for a list price
 */
public record PriceSubject(
    PriceKind kind,
    String provider,
    String name,
    String purchaseOption,
    NameMatch match,
    String region,
    String team,
    String customer)
    implements Comparable<PriceSubject> {

  /** The subject of a price. */
  public static PriceSubject of(Price price) {
    return new PriceSubject(
        price.getKind(),
        price.getProvider(),
        price.getName(),
        price.getPurchaseOption(),
        price.getMatch(),
        price.getRegion(),
        price.getTeam(),
        price.getCustomer());
  }

  /**
   * The id of this subject's price that starts at a time, such as {@code openai/o3@2025-06-10} or
   * {@code openai/gpt-4o*&#47;region=eu/team=search/customer=acme}.
   *
   * @param validFromMicros microseconds since 1970-01-01T00:00:00Z, null for since always
   */
  public String id(@Nullable Long validFromMicros) {
    return validFromMicros == null ? toString() : this + "@" + Validity.text(validFromMicros);
  }

  @Override
  public int compareTo(PriceSubject other) {
    return toString().compareTo(other.toString());
  }

  @Override
  public String toString() {
    StringBuilder id = new StringBuilder();
    if (kind != PriceKind.MODEL) {
      id.append(kind.name().toLowerCase(Locale.ROOT)).append(':');
    }
    id.append(provider.isEmpty() ? "any" : provider);
    id.append('/').append(name.isEmpty() ? "any" : name);
    id.append(match == NameMatch.PREFIX && !name.isEmpty() ? "*" : "");
    append(id, "", purchaseOption);
    append(id, "region=", region);
    append(id, "team=", team);
    append(id, "customer=", customer);
    return id.toString();
  }

  private static void append(StringBuilder id, String label, String value) {
    if (!value.isEmpty()) {
      id.append('/').append(label).append(value);
    }
  }
}
