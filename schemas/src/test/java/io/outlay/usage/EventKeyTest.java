package io.outlay.usage;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class EventKeyTest {
  /** Computed with: printf '%s\0%s' SOURCE ID | sha256sum | cut -c1-32. */
  @ParameterizedTest
  @CsvSource({
    "checkout, 01JABC, 78aecc916c9431599402d692bf4c2bfc",
    "s, i, 8fbef1375683a30bdc81e345d2b3babb",
    "söürce/ü, 事件-1, 0c1ffb72675a6cd788b649727805f6f1",
    "a, bc, 40bb547d936bbd31318ee37ac8799e7e",
    "ab, c, 6c032e631d39a14d85aff7e319546af7",
    "💸, 💸, c6c571e21054738584557f851df37a8b",
  })
  void anyProducerCanComputeTheKey(String source, String id, String expected) {
    assertThat(EventKey.of(source, id)).hasToString(expected);
  }

  @Test
  void aKeyOfTheLongestPartsIsTheSameEverywhere() {
    assertThat(EventKey.of("x".repeat(256), "y".repeat(256)))
        .hasToString("63b6427beb4731feab9b00ea94bd79fd");
  }

  @Test
  void aKeyStandsInItsBytesBigEndian() {
    EventKey key = new EventKey(0x0102030405060708L, 0x8090a0b0c0d0e0f0L);

    assertThat(key.toBytes())
        .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 0x80, 0x90, 0xa0, 0xb0, 0xc0, 0xd0, 0xe0, 0xf0);
    assertThat(key).hasToString("01020304050607088090a0b0c0d0e0f0");
  }

  @Property
  void aKeyComesBackFromItsBytes(@ForAll long high, @ForAll long low) {
    EventKey key = new EventKey(high, low);

    assertThat(EventKey.ofBytes(key.toBytes())).isEqualTo(key);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 15, 17, 32})
  void bytesOfAnotherLengthAreNoKey(int length) {
    assertThatThrownBy(() -> EventKey.ofBytes(new byte[length]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("an event key has 16 bytes, this one has " + length);
  }

  @Test
  @SuppressWarnings("NullAway")
  void aFailureLeavesNoTraceInTheNextKey() {
    assertThatThrownBy(() -> EventKey.of("other", null)).isInstanceOf(NullPointerException.class);

    assertThat(EventKey.of("s", "i")).hasToString("8fbef1375683a30bdc81e345d2b3babb");
  }
}
