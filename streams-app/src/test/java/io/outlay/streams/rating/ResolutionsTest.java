package io.outlay.streams.rating;

import io.outlay.schema.PriceKind;
import io.outlay.streams.rating.PriceBook.Lookup;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ResolutionsTest {
  private static final Lookup SUBJECT = lookup(PriceKind.GPU, "aws", "h100", "spot");

  private final Resolutions resolutions = new Resolutions();

  @Test
  void whatIsRememberedOfASubjectIsForAnybody() {
    Resolution found = remember(SUBJECT, "eu");

    assertThat(get(SUBJECT, "eu")).isSameAs(found);
    assertThat(get(new Lookup(PriceKind.GPU, "aws", "h100", "spot", "x", "team", "c"), "eu"))
        .isSameAs(found);
  }

  /** Even where the hashes are the same, which strangers can bring about. */
  @Test
  void subjectsThatDifferInAnythingAreToldApart() {
    int hash = Resolution.hash(SUBJECT, "eu");
    remember(SUBJECT, "eu");

    assertThat(resolutions.get(hash, SUBJECT, "us")).isNull();
    for (Lookup other :
        List.of(
            lookup(PriceKind.COMPUTE, "aws", "h100", "spot"),
            lookup(PriceKind.GPU, "gcp", "h100", "spot"),
            lookup(PriceKind.GPU, "aws", "a100", "spot"),
            lookup(PriceKind.GPU, "aws", "h100", "on_demand"))) {
      assertThat(resolutions.get(hash, other, "eu")).as(other.toString()).isNull();
    }
  }

  /** Strangers can choose names that all have the same hash; finding one must not take long. */
  @Test
  void namesOfTheSameHashAreFoundAndSoonForgotten() {
    List<String> names = List.of("Aa", "BB");
    for (int i = 0; i < 9; i++) {
      List<String> longer = new ArrayList<>();
      names.forEach(name -> longer.addAll(List.of(name + "Aa", name + "BB")));
      names = longer;
    }

    for (String name : names) {
      Lookup lookup = lookup(PriceKind.MODEL, "openai", name, "");
      Resolution found = remember(lookup, "");

      assertThat(get(lookup, "")).isSameAs(found);
    }

    Lookup last = lookup(PriceKind.MODEL, "openai", names.get(names.size() - 1), "");
    int held = 0;
    for (Resolution each = get(last, ""); each != null; each = each.next()) {
      held++;
    }
    assertThat(held).isBetween(1, 32);
  }

  private Resolution remember(Lookup lookup, String region) {
    int hash = Resolution.hash(lookup, region);
    Lookup there =
        new Lookup(
            lookup.kind(),
            lookup.provider(),
            lookup.name(),
            lookup.purchaseOption(),
            region,
            "",
            "");
    Resolution found =
        new Resolution(hash, there, new Timeline[0], Set.of(), resolutions.chain(hash));
    resolutions.put(hash, found);
    return found;
  }

  private Resolution get(Lookup lookup, String region) {
    return resolutions.get(Resolution.hash(lookup, region), lookup, region);
  }

  private static Lookup lookup(PriceKind kind, String provider, String name, String option) {
    return new Lookup(kind, provider, name, option, "", "", "");
  }
}
