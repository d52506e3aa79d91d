package io.outlay.detector.app;

import io.outlay.detector.app.IncidentRequests.Act;
import io.outlay.detector.app.IncidentRequests.Listing;
import io.outlay.detector.app.IncidentRequests.Silence;
import io.outlay.detector.app.IncidentRequests.WrongRequestException;
import io.outlay.schema.Incident;
import io.outlay.schema.IncidentSeverity;
import io.outlay.schema.IncidentStatus;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class IncidentRequestsTest {
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

  private static List<String> faults(ThrowingCallable request) {
    WrongRequestException wrong = catchThrowableOfType(WrongRequestException.class, request);
    assertThat(wrong).isNotNull();
    return wrong.faults();
  }

  static Incident incident(String id, IncidentStatus status, Map<String, String> scope) {
    return Incident.newBuilder()
        .setIncidentId(id)
        .setDedupKey("d-" + id)
        .setStatus(status)
        .setSeverity(IncidentSeverity.WARNING)
        .setRule("daily-spend")
        .setRuleType("spend-ratio")
        .setThreshold("1.2")
        .setScope(scope)
        .setWindowStartMicros(0)
        .setWindowEndMicros(1)
        .setTimezone("Z")
        .setActualUsd(new BigDecimal("1.000000000000"))
        .setExpectedUsd(new BigDecimal("1.000000000000"))
        .setStartedAtMicros(0)
        .setDetectedAtMicros(0)
        .setUpdatedAtMicros(0)
        .setStates(1)
        .build();
  }

  @Test
  void givenParametersWhenListedThenAllNamesHoldAndAnyOfTheirValues() throws Exception {
    Incident open = incident("a", IncidentStatus.OPEN, Map.of("team", "search"));
    Incident over = incident("b", IncidentStatus.RESOLVED, Map.of("tags.tier", "gold"));

    Listing listing =
        Listing.of(
            Map.of(
                "status",
                List.of("open,escalated"),
                "team",
                List.of("docs", "search"),
                "rule",
                List.of("daily-spend"),
                "limit",
                List.of("7")));
    assertThat(listing.limit()).isEqualTo(7);
    assertThat(listing.wanted()).accepts(open).rejects(over);
    assertThat(Listing.of(Map.of("tags.tier", List.of("gold"))).wanted())
        .accepts(over)
        .rejects(open);
    assertThat(Listing.of(Map.of("severity", List.of("critical"))).wanted()).rejects(open);
    assertThat(Listing.of(Map.of("rule", List.of("other"))).wanted()).rejects(open);
    assertThat(Listing.of(Map.of()).limit()).isEqualTo(100);
  }

  @Test
  void givenWrongParametersWhenListedThenEachIsNamedWithItsValue() {
    assertThat(faults(() -> Listing.of(Map.of("status", List.of("opne")))))
        .containsExactly(
            "status: must be one of [acknowledged, escalated, open, resolved], was opne");
    assertThat(faults(() -> Listing.of(Map.of("limit", List.of("0")))))
        .containsExactly("limit: must be 1 to 1000, was 0");
    assertThat(faults(() -> Listing.of(Map.of("limit", List.of("-3"))))).hasSize(1);
    assertThat(faults(() -> Listing.of(Map.of("taem", List.of("search")))))
        .singleElement()
        .asString()
        .startsWith("taem: must be status, severity, rule, limit");
  }

  @Test
  void givenBodiesWhenReadThenWhoAndWhy() throws Exception {
    assertThat(Act.of("{\"by\":\"mira\",\"reason\":\"planned\"}", true))
        .isEqualTo(new Act("mira", "planned"));
    assertThat(Act.of("{\"by\":\"mira\"}", true)).isEqualTo(new Act("mira", ""));
    assertThat(Silence.of("{\"for\":\"2h\",\"by\":\"mira\",\"reason\":\"load test\"}", NOW))
        .isEqualTo(new Silence(NOW.plus(Duration.ofHours(2)), "mira", "load test"));
    assertThat(
            Silence.of(
                    "{\"until\":\"2026-11-21T20:00:00+02:00\",\"by\":\"m\",\"reason\":\"r\"}", NOW)
                .until())
        .isEqualTo(Instant.parse("2026-11-21T18:00:00Z"));
  }

  @Test
  void givenWrongBodiesWhenReadThenEachFaultIsNamed() {
    assertThat(faults(() -> Act.of("", false))).containsExactly("by: must be there");
    assertThat(faults(() -> Act.of("{", false))).singleElement().asString().contains("not JSON");
    assertThat(faults(() -> Act.of("[1]", false)))
        .containsExactly("the body must be a JSON object, was [1]");
    assertThat(faults(() -> Act.of("{\"by\":7,\"reason\":\"x\"}", false)))
        .containsExactly(
            "reason: must be one of [by], was \"x\"",
            "by: must be a text of 1 to 256 characters, was 7");
    assertThat(faults(() -> Silence.of("{\"by\":\"m\",\"reason\":\"r\"}", NOW)))
        .singleElement()
        .asString()
        .startsWith("until: must be there or else for");
    assertThat(faults(() -> Silence.of("{\"for\":\"31d\",\"by\":\"m\",\"reason\":\"r\"}", NOW)))
        .containsExactly("for: must be a number and s, m, h or d, up to 30d, was 31d");
    for (String until : List.of("yesterday", "2026-11-21T12:00:00Z", "2027-11-21T12:00:00Z")) {
      assertThat(
              faults(
                  () ->
                      Silence.of(
                          "{\"until\":\"" + until + "\",\"by\":\"m\",\"reason\":\"r\"}", NOW)))
          .singleElement()
          .asString()
          .startsWith("until: must be a time")
          .endsWith("was " + until);
    }
  }
}
