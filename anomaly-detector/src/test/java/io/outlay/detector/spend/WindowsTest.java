package io.outlay.detector.spend;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class WindowsTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final ZoneId AUCKLAND = ZoneId.of("Pacific/Auckland");

  private static Duration length(Window window) {
    return Duration.between(window.start(), window.end());
  }

  private static LocalDateTime start(Window window) {
    return window.start().atZone(window.zone()).toLocalDateTime();
  }

  @Test
  void givenSevenDaysWhenAskedThenTheyAreTheCalendarsWeeks() {
    Window week =
        new Windows(AUCKLAND, Duration.ofDays(7)).at(Instant.parse("2026-11-20T23:00:00Z"));

    // Saturday noon in Auckland
    assertThat(start(week)).isEqualTo("2026-11-16T00:00");
    assertThat(length(week)).isEqualTo(Duration.ofDays(7));
  }

  @Test
  void givenClocksChangeWhenAskedThenAWeekIsAnHourShorterOrLonger() {
    Windows weeks = new Windows(BERLIN, Duration.ofDays(7));

    assertThat(length(weeks.at(Instant.parse("2026-03-25T12:00:00Z"))))
        .isEqualTo(Duration.ofHours(167));
    assertThat(length(weeks.at(Instant.parse("2026-10-23T12:00:00Z"))))
        .isEqualTo(Duration.ofHours(169));
  }

  @Test
  void givenAnHourThatTheClockRepeatsWhenAskedThenItsWindowHasBoth() {
    Windows hours = new Windows(AUCKLAND, Duration.ofHours(1));
    // 2026-04-05: 03:00 becomes 02:00 again
    Window doubled = hours.at(Instant.parse("2026-04-04T14:30:00Z"));

    assertThat(start(doubled)).isEqualTo("2026-04-05T02:00");
    assertThat(length(doubled)).isEqualTo(Duration.ofHours(2));
    assertThat(hours.at(Instant.parse("2026-04-04T13:30:00Z"))).isEqualTo(doubled);
    assertThat(start(hours.before(doubled))).isEqualTo("2026-04-05T01:00");
  }

  @Test
  void givenAnHourThatTheClockSkipsWhenAskedThenThereIsNoWindowOfIt() {
    Windows hours = new Windows(BERLIN, Duration.ofHours(1));
    Window after = hours.at(Instant.parse("2026-03-29T01:30:00Z"));

    assertThat(start(after)).isEqualTo("2026-03-29T03:00");
    assertThat(start(hours.before(after))).isEqualTo("2026-03-29T01:00");
  }

  @Test
  void givenMinutesInARepeatedHourWhenAskedThenTheyAreToldApart() {
    Windows quarters = new Windows(BERLIN, Duration.ofMinutes(15));
    Window first = quarters.at(Instant.parse("2026-10-25T00:20:00Z"));
    Window second = quarters.at(Instant.parse("2026-10-25T01:20:00Z"));

    assertThat(start(first)).isEqualTo("2026-10-25T02:15").isEqualTo(start(second));
    assertThat(first).isNotEqualTo(second);
    assertThat(length(second)).isEqualTo(Duration.ofMinutes(15));
  }

  @Test
  void givenWindowsInARowWhenWalkedThenEachEndsWhereTheNextStarts() {
    for (Duration length :
        new Duration[] {
          Duration.ofMinutes(15),
          Duration.ofHours(1),
          Duration.ofHours(6),
          Duration.ofDays(1),
          Duration.ofDays(3),
          Duration.ofDays(7),
          Duration.ofDays(30)
        }) {
      for (ZoneId zone : new ZoneId[] {BERLIN, AUCKLAND, ZoneOffset.UTC}) {
        Windows windows = new Windows(zone, length);
        Window window = windows.at(Instant.parse("2026-11-21T10:20:30.5Z"));
        for (int i = 0; i < 400; i++) {
          Window before = windows.before(window);
          assertThat(before.end()).as("%s in %s", length, zone).isEqualTo(window.start());
          window = before;
        }
      }
    }
  }

  @Test
  void givenALengthThatDoesNotFitADayWhenMadeThenRefused() {
    assertThatThrownBy(() -> new Windows(BERLIN, Duration.ofHours(5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("PT5H");
    assertThatThrownBy(() -> new Windows(BERLIN, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
