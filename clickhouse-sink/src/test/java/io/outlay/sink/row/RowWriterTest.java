package io.outlay.sink.row;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RowWriterTest {
  private final RowWriter row = new RowWriter();

  @Test
  void givenNumbers_whenWritten_thenTheyAreLittleEndian() {
    row.int8(0xfe);
    row.bool(true);
    row.int16(0x1234);
    row.int32(0x12345678);
    row.int64(0x0123456789abcdefL);

    assertThat(hex()).isEqualTo("fe01" + "3412" + "78563412" + "efcdab8967452301");
  }

  @Test
  void givenMoney_whenWritten_thenItIsPicoUsdIn64Bits() {
    row.int64(-1);
    row.int64(999_999_999_999_999_999L);

    assertThat(hex()).isEqualTo("ffffffffffffffff" + "ffff63a7b3b6e00d");
  }

  @Test
  void givenWideMoney_whenWritten_thenItIsPicoUsdIn128Bits() {
    row.decimal128(new BigDecimal("0.000000000258"));
    row.decimal128(new BigDecimal("-1E-12"));
    row.decimal128(new BigDecimal("0.5"));

    assertThat(hex())
        .isEqualTo(
            "02010000000000000000000000000000"
                + "ff".repeat(16)
                + "00"
                + "88526a74"
                + "00".repeat(11));
  }

  @Test
  void givenMoneyThatDoesNotFit_whenWritten_thenItIsRefused() {
    assertThatThrownBy(() -> row.decimal128(new BigDecimal("0.0000000000001")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0.0000000000001");
    assertThatThrownBy(() -> row.decimal128(new BigDecimal("1E26")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void givenTexts_whenWritten_thenTheCountIsOfBytes() {
    row.string("");
    row.string("ab");
    row.string("Zoë");

    assertThat(hex()).isEqualTo("00" + "026162" + "045a6fc3ab");
  }

  @Test
  void givenALongText_whenWritten_thenTheCountTakesTwoBytes() {
    row.string("a".repeat(300));

    assertThat(hex()).startsWith("ac0261").hasSize(2 * 302);
  }

  @Test
  void givenAUuid_whenWritten_thenEachHalfIsLittleEndian() {
    row.uuid(0x61f0c4045cb311e7L, 0x907ba6006ad3dba0L);

    assertThat(hex()).isEqualTo("e711b35c04c4f061a0dbd36a00a67b90");
  }

  @Test
  void givenAMap_whenWritten_thenEntriesFollowTheirNumber() {
    row.map(Map.of("k", "v"));

    assertThat(hex()).isEqualTo("01016b0176");
  }

  @Test
  void givenMoreThanItHolds_whenWritten_thenItGrows() {
    byte[] large = "x".repeat(100_000).getBytes(StandardCharsets.UTF_8);
    row.string(large);
    row.string(large);

    assertThat(row.length()).isEqualTo(2 * 100_003);
  }

  private String hex() {
    return HexFormat.of().formatHex(row.toByteArray());
  }
}
