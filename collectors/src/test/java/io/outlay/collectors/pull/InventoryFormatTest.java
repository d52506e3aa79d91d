package io.outlay.collectors.pull;

import io.outlay.collectors.access.Publisher;
import io.outlay.collectors.format.Rejection;
import io.outlay.collectors.testing.Collected;
import io.outlay.schema.StorageUsage;
import io.outlay.schema.UsageEvent;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

class InventoryFormatTest {
  private static final Slot SLOT =
      Slot.at(Instant.parse("2026-11-21T02:30:00Z"), Duration.ofHours(1));
  private static final InventoryTarget TARGET =
      new InventoryTarget(
          "lake",
          URI.create("file:///var/lib/lake/listing.csv"),
          Duration.ofHours(1),
          Duration.ofSeconds(1),
          "lake",
          "data",
          "us-east-1",
          "prod");

  @Test
  void givenRow_thenEveryFieldIsSet() throws Exception {
    UsageEvent event =
        read("dataset,tier,bytes,store,team,project,environment\na/b,Cold,7,s3,ml,p,dev\n").event();

    assertThat(event)
        .isEqualTo(
            UsageEvent.newBuilder()
                .setId("s3/a%2Fb/cold/2026-11-21T02:00:00Z")
                .setSource("inventory:lake")
                .setEventTimeMicros(1_795_226_400_000_000L)
                .setIngestedAtMicros(1_795_226_400_000_001L)
                .setTeam("ml")
                .setProject("p")
                .setEnvironment("dev")
                .setRegion("us-east-1")
                .setDetail(
                    StorageUsage.newBuilder()
                        .setStore("s3")
                        .setDataset("a/b")
                        .setTier("cold")
                        .setBytes(7)
                        .setMicros(3_600_000_000L)
                        .build())
                .build());
  }

  @Test
  void givenRowThatNamesLittle_thenTheTargetFillsIn() throws Exception {
    UsageEvent event = read("dataset,tier,bytes\na,hot,0\n").event();

    assertThat(event.getTeam()).isEqualTo("data");
    assertThat(event.getEnvironment()).isEqualTo("prod");
    assertThat(((StorageUsage) event.getDetail()).getStore()).isEqualTo("lake");
  }

  @Test
  void givenOneTierInSeveralRows_thenAddedUp_unlessTheirOwnersDiffer() throws Exception {
    Collected collected =
        read(
            "dataset,tier,bytes,team\na,hot,1,x\na,hot,2,x\na,hot,4,y\n"
                + "b,hot,1000000000000000000,\nb,hot,1,\n");

    assertThat(collected.events())
        .extracting(e -> ((StorageUsage) e.getDetail()).getBytes())
        .containsExactly(3L, 1_000_000_000_000_000_000L);
    assertThat(collected.rejections())
        .extracting(Rejection::index, Rejection::field, Rejection::error)
        .containsExactly(
            tuple(
                2,
                "line 4",
                "dataset \"a\" is in tier hot twice, with different team, project or"
                    + " environment"),
            tuple(
                4, "line 6", "data.bytes must be <= 1000000000000000000, was 1000000000000000001"));
  }

  @Test
  void givenRowsThatBreakARule_thenNamedAndTheOthersAreTaken() throws Exception {
    Collected collected =
        read(
            "dataset,tier,bytes,team\n,hot,1,\na,frozen,1,\na,hot,-1,\na,hot,1.5,\n"
                + "a,hot,99999999999999999999,\na,hot,9223372036854775808,\na,hot,1,"
                + "t".repeat(129)
                + "\nok,hot,5,\n");

    assertThat(collected.events()).hasSize(1);
    assertThat(collected.rejections())
        .extracting(rejection -> rejection.field() + ": " + rejection.error())
        .satisfiesExactly(
            e -> assertThat(e).isEqualTo("line 2: dataset is required and must not be empty"),
            e -> assertThat(e).contains("tier must be one of hot, warm, cold, archive"),
            e -> assertThat(e).contains("bytes must be a whole number >= 0, was \"-1\""),
            e -> assertThat(e).contains("was \"1.5\""),
            e -> assertThat(e).contains("was \"99999999999999999999\""),
            e -> assertThat(e).contains("data.bytes must be <= 1000000000000000000"),
            e -> assertThat(e).contains("line 8: data.team must have at most 128 characters"));
  }

  @Test
  void givenSlashes_thenIdsStayApart() {
    assertThat(EventIds.of("s", SLOT, "a/b", "c")).isNotEqualTo(EventIds.of("s", SLOT, "a", "b/c"));
    assertThat(EventIds.of("s", SLOT, "a%2Fb")).isNotEqualTo(EventIds.of("s", SLOT, "a/b"));
    String longest = "x".repeat(300);
    assertThat(EventIds.of("s", SLOT, longest, "a")).hasSizeLessThan(256);
    assertThat(EventIds.of("s", SLOT, longest, "a"))
        .isNotEqualTo(EventIds.of("s", SLOT, longest, "b"));
  }

  @Test
  void givenChanges_thenOnlyWhatHasACounterpartIsAMove() {
    assertThat(moves("hot 100", "hot 40, cold 60")).containsExactly("hot>cold 60");
    assertThat(moves("hot 100", "hot 140")).isEmpty();
    assertThat(moves("hot 100", "hot 40")).isEmpty();
    assertThat(moves("hot 100", "cold 100")).containsExactly("hot>cold 100");
    assertThat(moves("hot 100", "hot 30, warm 50, cold 50"))
        .containsExactly("hot>warm 50", "hot>cold 20");
    assertThat(moves("hot 10, warm 10", "cold 5, archive 20"))
        .containsExactly("hot>cold 5", "hot>archive 5", "warm>archive 10");
    assertThat(moves("cold 10, archive 5", "hot 12"))
        .containsExactly("cold>hot 10", "archive>hot 2");
    assertThat(moves("cold 10", "hot 4, cold 30")).isEmpty();
    assertThat(TierMove.between(List.of(held("a", Tier.HOT, 5)), List.of(held("b", Tier.COLD, 5))))
        .isEmpty();
  }

  @Test
  void givenSlots_thenAlignedToTheEpoch() {
    assertThat(SLOT.start()).isEqualTo(Instant.parse("2026-11-21T02:00:00Z"));
    assertThat(SLOT.end()).isEqualTo(Instant.parse("2026-11-21T03:00:00Z"));
    assertThat(Slot.at(SLOT.end(), Duration.ofHours(1))).isEqualTo(SLOT.next());
    assertThat(Slot.at(SLOT.end().minusNanos(1_000), Duration.ofHours(1))).isEqualTo(SLOT);
    assertThatThrownBy(() -> new Slot(5, 10)).hasMessageContaining("must be aligned");
    assertThatThrownBy(() -> new Slot(0, 0)).hasMessageContaining("was 0");
  }

  private static List<String> moves(String before, String after) {
    return TierMove.between(all(before), all(after)).stream()
        .map(move -> move.from().label() + ">" + move.to().tier().label() + " " + move.bytes())
        .toList();
  }

  private static List<Holding> all(String text) {
    return List.of(text.split(", ")).stream()
        .map(part -> part.split(" "))
        .map(
            part -> {
              Tier tier = Tier.of(part[0]);
              assertThat(tier).isNotNull();
              return held("a", tier, Long.parseLong(part[1]));
            })
        .toList();
  }

  private static Holding held(String dataset, Tier tier, long bytes) {
    return new Holding("lake", dataset, tier, bytes, "", "", "");
  }

  private static Collected read(String listing) throws Exception {
    return Collected.of(
        InventoryFormat.fresh(TARGET, SLOT, "", null, null, kept -> {}),
        listing,
        Collected.reception(new Publisher("puller:lake", null)));
  }
}
