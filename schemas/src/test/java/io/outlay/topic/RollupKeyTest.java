package io.outlay.topic;

import io.outlay.schema.RollupWindow;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RollupKeyTest {
  private static final RollupKey KEY =
      new RollupKey(RollupWindow.HOUR, 0x0006_4000_0000_0001L, "search", "gpt-4o", "é");

  @Test
  void theBytesOfAKeyStay() {
    assertThat(HexFormat.of().formatHex(KEY.toBytes()))
        .isEqualTo(
            "0006400000000001" + "01" + "0006736561726368" + "00066770742d346f" + "0002c3a9");
  }

  @Property
  void aKeyComesBackFromItsBytes(
      @ForAll RollupWindow window,
      @ForAll long start,
      @ForAll @StringLength(max = 128) String team,
      @ForAll @StringLength(max = 128) String model,
      @ForAll @StringLength(max = 128) String feature) {
    RollupKey key =
        new RollupKey(window, start, wellFormed(team), wellFormed(model), wellFormed(feature));

    assertThat(RollupKey.ofBytes(key.toBytes())).isEqualTo(key);
  }

  @Property
  void keysSortByTime(
      @ForAll @LongRange(max = 5_000_000_000_000_000L) long one,
      @ForAll @LongRange(max = 5_000_000_000_000_000L) long other,
      @ForAll RollupWindow window) {
    RollupKey a = new RollupKey(window, one, "zz", "", "");
    RollupKey b = new RollupKey(RollupWindow.MINUTE, other, "a", "", "");

    if (one != other) {
      assertThat(Integer.signum(Arrays.compareUnsigned(a.toBytes(), b.toBytes())))
          .isEqualTo(Long.compare(one, other));
    }
  }

  @Test
  void keysOfRandomOrderSortIntoTheOrderOfTheirTimes() {
    List<byte[]> keys = new ArrayList<>();
    for (long minute = 0; minute < 1_000; minute++) {
      keys.add(
          new RollupKey(RollupWindow.MINUTE, minute * 60_000_000, "t" + minute % 7, "m", "")
              .toBytes());
    }
    List<byte[]> shuffled = new ArrayList<>(keys);
    Collections.shuffle(shuffled, new Random(1));

    shuffled.sort(Arrays::compareUnsigned);

    assertThat(shuffled).containsExactlyElementsOf(keys);
  }

  @Test
  void allWindowsOfAScopeMeet() {
    byte[] scope = KEY.scopeBytes();

    for (RollupWindow window : RollupWindow.values()) {
      assertThat(new RollupKey(window, 42, "search", "gpt-4o", "é").scopeBytes()).isEqualTo(scope);
    }
    assertThat(HexFormat.of().formatHex(scope))
        .isEqualTo("0006736561726368" + "00066770742d346f" + "0002c3a9");
  }

  @Test
  void scopesThatJoinToTheSameTextStayApart() {
    assertThat(scope("ab", "c", "")).isNotEqualTo(scope("a", "bc", ""));
    assertThat(scope("a", "", "b")).isNotEqualTo(scope("a", "b", ""));
  }

  @Test
  void cutBytesAreNoKey() {
    byte[] whole = KEY.toBytes();
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> RollupKey.ofBytes(cut))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("not a rollup key: " + length + " bytes");
    }
  }

  @Test
  void bytesBeyondTheEndAreNoKey() {
    byte[] whole = KEY.toBytes();

    assertThatThrownBy(() -> RollupKey.ofBytes(Arrays.copyOf(whole, whole.length + 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("not a rollup key: " + (whole.length + 1) + " bytes");
  }

  @Test
  void anUnknownWindowIsNoKey() {
    byte none = (byte) RollupWindow.values().length;
    for (byte window : new byte[] {-1, none, Byte.MAX_VALUE}) {
      byte[] bytes = KEY.toBytes();
      bytes[8] = window;
      assertThatThrownBy(() -> RollupKey.ofBytes(bytes))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aPartThatItsLengthCannotHoldIsRefused() {
    RollupKey longest = new RollupKey(RollupWindow.DAY, 0, "x".repeat(65_535), "", "");
    RollupKey longer = new RollupKey(RollupWindow.DAY, 0, "x".repeat(65_536), "", "");

    assertThat(RollupKey.ofBytes(longest.toBytes())).isEqualTo(longest);
    assertThatThrownBy(longer::toBytes)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("65536");
  }

  private static byte[] scope(String team, String model, String feature) {
    return new RollupKey(RollupWindow.DAY, 0, team, model, feature).scopeBytes();
  }

  /** UTF-8 knows no lone surrogates; events that hold one are refused before they come here. */
  private static String wellFormed(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }
}
