package io.outlay.sink.audit;

import io.outlay.sink.audit.Audit.Patience;
import io.outlay.sink.audit.Audit.Scope;
import io.outlay.sink.audit.AuditReport.Equation;
import io.outlay.sink.audit.AuditReport.Line;
import io.outlay.sink.audit.Flow.Position;
import io.outlay.sink.audit.Item.Kind;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** How differences settle, on a clock that each wait for the flow moves on by a second. */
class AuditTest {
  private static final Patience PATIENCE =
      new Patience(Duration.ofSeconds(60), Duration.ofSeconds(15));
  private static final Place CELL =
      new Place("minute", "2026-11-20T12:00:00Z", "search", "gpt", "rank");

  private final List<Duration> waits = new ArrayList<>();
  private Instant now = Instant.parse("2026-11-20T12:00:00Z");
  private long lagAfterWaits = Long.MAX_VALUE;

  @Test
  void givenBooksThatBalance_whenAudited_thenOneLookIsEnough() {
    AuditReport report = audit(looks(line(5, 5)));

    assertThat(report.status()).isEqualTo("balanced");
    assertThat(report.looks()).isEqualTo(1);
    assertThat(waits).containsExactly(PATIENCE.arrive());
  }

  @Test
  void givenADifferenceThatStays_whenTheFlowHasPassed_thenItIsOne() {
    AuditReport report = audit(looks(cell(5, 4)));

    assertThat(report.status()).isEqualTo("differs");
    assertThat(report.looks()).isEqualTo(2);
    assertThat(equation(report, "rollups").differences()).isEqualTo(1);
    assertThat(equation(report, "rollups").cells())
        .singleElement()
        .satisfies(
            cell -> {
              assertThat(cell.place()).isEqualTo(CELL);
              assertThat(cell.left()).isEqualTo("5");
              assertThat(cell.right()).isEqualTo("4");
              assertThat(cell.difference()).isEqualTo("-1");
            });
  }

  @Test
  void givenADifferenceThatGoes_whenLookedAtAgain_thenTheBooksBalance() {
    AuditReport report = audit(looks(cell(5, 4), cell(6, 5), line(6, 6)));

    assertThat(report.status()).isEqualTo("balanced");
    assertThat(report.looks()).isEqualTo(3);
  }

  @Test
  void givenACellThatKeepsChanging_whenTimeIsUp_thenItIsUnsettledAndNoDifference() {
    Deque<Look> looks = new ArrayDeque<>();
    for (int i = 0; i < 100; i++) {
      looks.add(new Look(List.of(cell(i + 1, i))));
    }

    AuditReport report = audit(looks);

    assertThat(report.status()).isEqualTo("unsettled");
    assertThat(report.looks()).isEqualTo(16);
    assertThat(equation(report, "rollups").differences()).isZero();
    assertThat(equation(report, "rollups").unsettled()).isEqualTo(1);
  }

  @Test
  void givenOneCellThatStaysAmongOthersThatChange_whenTimeIsUp_thenThatOneIsADifference() {
    Deque<Look> looks = new ArrayDeque<>();
    Place other = new Place("minute", "2026-11-20T12:01:00Z", "search", "gpt", "rank");
    for (int i = 0; i < 100; i++) {
      Item moving = new Item("rollups", "cost", other, of(i + 1), of(i), Kind.EXACT);
      looks.add(new Look(List.of(moving, cell(5, 4))));
    }

    AuditReport report = audit(looks);

    assertThat(report.status()).isEqualTo("differs");
    assertThat(equation(report, "rollups").differences()).isEqualTo(1);
    assertThat(equation(report, "rollups").unsettled()).isEqualTo(1);
    assertThat(equation(report, "rollups").cells().get(0).place()).isEqualTo(CELL);
  }

  @Test
  void givenACountThatGrows_whenTheOtherSideLiesBetweenTwoLooks_thenItIsWell() {
    AuditReport report = audit(looks(line(10, 9), line(20, 15), line(30, 29)));

    assertThat(report.status()).isEqualTo("balanced");
    assertThat(firstLine(report, "facts").status()).isEqualTo("between");
  }

  @Test
  void givenACountThatGrows_whenTheOtherSideFallsBehindWhatHadArrived_thenItDiffers() {
    AuditReport report = audit(looks(line(10, 8), line(20, 9), line(30, 19)));

    assertThat(report.status()).isEqualTo("differs");
    assertThat(firstLine(report, "facts").status()).isEqualTo("differs");
    assertThat(report.looks()).isEqualTo(3);
  }

  @Test
  void givenACountThatGrows_whenTheOtherSideIsAheadOfWhatCame_thenItDiffers() {
    AuditReport report = audit(looks(line(10, 11), line(20, 31), line(30, 41)));

    assertThat(firstLine(report, "facts").status()).isEqualTo("differs");
  }

  @Test
  void givenASumThatMayShrink_whenTheOtherSideLiesOutside_thenNothingIsProven() {
    Deque<Look> looks = new ArrayDeque<>();
    for (int i = 1; i < 100; i++) {
      looks.add(new Look(List.of(Item.line("costs", "cost", of(-i * 10L), of(-i), Kind.SUM))));
    }

    assertThat(audit(looks).status()).isEqualTo("unsettled");
  }

  @Test
  void givenAFlowThatStands_whenTimeIsUp_thenThatIsToldAndADifferenceIsNotOne() {
    lagAfterWaits = 0;

    AuditReport report = audit(looks(cell(5, 4)));

    assertThat(report.status()).isEqualTo("unsettled");
    assertThat(report.looks()).isEqualTo(1);
    Equation positions = equation(report, "positions");
    assertThat(positions.status()).isEqualTo("unsettled");
    assertThat(positions.lines().get(0).difference()).isEqualTo("-7");
  }

  @Test
  void givenAFlowThatComesToStand_whenLookedAtAgain_thenADifferenceIsNotOne() {
    lagAfterWaits = 1;

    AuditReport report = audit(looks(cell(5, 4)));

    assertThat(report.status()).isEqualTo("unsettled");
    assertThat(equation(report, "rollups").differences()).isZero();
  }

  @Test
  void givenMoreCellsThanAreListed_whenAudited_thenAllAreCountedAndTheFirstAreShown() {
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      Place place = Place.at("minute", i * 60_000_000L, "t", "m", "f");
      items.add(new Item("rollups", "cost", place, of(1), of(2), Kind.EXACT));
    }
    Deque<Look> looks = new ArrayDeque<>(List.of(new Look(items, 12), new Look(items, 12)));

    Equation rollups = equation(audit(looks), "rollups");

    assertThat(rollups.differences()).isEqualTo(42);
    assertThat(rollups.cells()).hasSize(20);
    assertThat(rollups.cells().get(1).place())
        .hasToString("minute 1970-01-01T00:01:00Z team=t model=m feature=f");
  }

  @Test
  void givenAChangeOfState_whenAuditedTimeAndAgain_thenItIsToldOnce() {
    List<String> told = new ArrayList<>();
    AuditState state = new AuditState(told::add, told::add);

    state.took(audit(looks(line(5, 5))));
    assertThat(told).isEmpty();
    state.took(audit(looks(line(5, 4))));
    state.took(audit(looks(line(5, 4))));
    assertThat(told)
        .containsExactly(
            "the books do not balance: facts, 1 differences, such as facts: ledger 5, usage_costs"
                + " 4");
    assertThat(state.balances("facts")).isFalse();
    assertThat(state.differences("facts")).isEqualTo(1);

    lagAfterWaits = 0;
    state.took(audit(looks(line(6, 5))));
    assertThat(state.balances("facts")).as("unsettled proves nothing").isFalse();
    lagAfterWaits = Long.MAX_VALUE;
    state.took(audit(looks(line(6, 6))));
    state.took(audit(looks(line(6, 6))));
    state.failed("Kafka: away");
    state.failed("Kafka: away");
    state.took(audit(looks(line(6, 6))));

    assertThat(told.subList(1, told.size()))
        .containsExactly(
            "the books balance again: facts",
            "the books cannot be audited: Kafka: away",
            "the books can be audited again");
    assertThat(state.balances("facts")).isTrue();
  }

  @Test
  void givenEveryEquation_thenItHasAMeaning() {
    assertThat(AuditState.NAMES)
        .containsExactlyInAnyOrder(
            "offsets",
            "usage",
            "dead letters",
            "rollup totals",
            "facts",
            "costs",
            "revisions",
            "inserts",
            "rollups");
  }

  private AuditReport audit(Deque<Look> looks) {
    Check check =
        new Check() {
          @Override
          public String name() {
            return "scripted";
          }

          @Override
          public Look look() {
            return looks.size() > 1 ? looks.remove() : looks.element();
          }
        };
    waits.clear();
    return new Audit(this::settle, scope -> List.of(check), new SteppingClock())
        .run(Scope.ALL, PATIENCE);
  }

  private List<Position> settle(Duration within) {
    waits.add(within);
    now = now.plusSeconds(1);
    long reached = waits.size() > lagAfterWaits ? 3 : 10;
    return List.of(new Position("sink", "t.costs", 10, reached));
  }

  private static Deque<Look> looks(Item... items) {
    Deque<Look> looks = new ArrayDeque<>();
    for (Item item : items) {
      looks.add(new Look(List.of(item)));
    }
    return looks;
  }

  private static Item line(long left, long right) {
    return Item.line("facts", "facts", of(left), of(right), Kind.COUNT);
  }

  private static Item cell(long left, long right) {
    return new Item("rollups", "cost", CELL, of(left), of(right), Kind.EXACT);
  }

  private static BigDecimal of(long number) {
    return BigDecimal.valueOf(number);
  }

  private static Equation equation(AuditReport report, String name) {
    return report.equations().stream()
        .filter(equation -> equation.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static Line firstLine(AuditReport report, String name) {
    return equation(report, name).lines().get(0);
  }

  private final class SteppingClock extends Clock {
    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Instant instant() {
      return now;
    }
  }
}
