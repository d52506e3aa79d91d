package io.outlay.collectors.ingest;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import io.outlay.collectors.format.UnsupportedFormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class BoundedBodyTest {
  private static final String TEXT = "usage ".repeat(10_000);
  private static final byte[] BYTES = TEXT.getBytes(StandardCharsets.UTF_8);

  private final Admission admission = new Admission(4, 1L << 40);

  @ParameterizedTest
  @EnumSource
  void givenPackedBody_thenItIsUnpackedAndCountedAsItCame(ContentEncoding encoding)
      throws Exception {
    byte[] packed = pack(encoding, BYTES);
    try (Admission.Place place = admission.enter()) {
      BoundedBody body = body(packed, encoding, BYTES.length, place);

      assertThat(new String(body.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(TEXT);
      assertThat(body.received()).isEqualTo(packed.length);
      assertThat(admission.bytes()).isEqualTo(BYTES.length);
    }
  }

  @ParameterizedTest
  @EnumSource
  void givenOneByteMoreThanAllowed_thenTooLarge(ContentEncoding encoding) throws Exception {
    try (Admission.Place place = admission.enter()) {
      BoundedBody body = body(pack(encoding, BYTES), encoding, BYTES.length - 1, place);

      assertThatThrownBy(body::readAllBytes)
          .isInstanceOf(BodyTooLargeException.class)
          .hasMessage("the body must have at most 59999 bytes; send the rest in another request");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"GZIP", "ZSTD"})
  void givenCutOrWrongBody_thenSaid(ContentEncoding encoding) throws Exception {
    byte[] packed = pack(encoding, BYTES);
    try (Admission.Place place = admission.enter()) {
      for (byte[] wrong :
          new byte[][] {
            Arrays.copyOf(packed, packed.length - 9), Arrays.copyOf(packed, 5), BYTES, {}
          }) {
        if (wrong.length == 0 && encoding == ContentEncoding.ZSTD) {
          // Nothing is also nothing unpacked; the format says that a body is missing.
          continue;
        }
        assertThatThrownBy(() -> body(wrong, encoding, Long.MAX_VALUE, place).readAllBytes())
            .isInstanceOf(BodyException.class)
            .hasMessageStartingWith(
                "the body is not " + encoding.name().toLowerCase() + " as Content-Encoding says");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"GZIP", "ZSTD"})
  void givenBombWithoutLargestSize_thenStoppedByItsProportion(ContentEncoding encoding)
      throws Exception {
    byte[] bomb = pack(encoding, new byte[64 * 1024 * 1024]);
    try (Admission.Place place = admission.enter()) {
      InputStream body = body(bomb, encoding, Long.MAX_VALUE, place);

      assertThatThrownBy(() -> body.transferTo(OutputStream.nullOutputStream()))
          .isInstanceOf(BodyTooLargeException.class)
          .hasMessageContaining("200 times");
    }
  }

  @Test
  void givenZstdWithAHugeWindow_thenRefusedBeforeItIsAllocated() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZstdOutputStream zstd = new ZstdOutputStream(out)) {
      zstd.setLong(27);
      zstd.write(BYTES);
    }
    try (Admission.Place place = admission.enter()) {
      assertThatThrownBy(
              () ->
                  body(out.toByteArray(), ContentEncoding.ZSTD, Long.MAX_VALUE, place)
                      .readAllBytes())
          .isInstanceOf(BodyException.class);
    }
  }

  @Test
  void givenConnectionThatBreaks_thenThatIsPassedOn() throws Exception {
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("connection reset");
          }
        };
    try (Admission.Place place = admission.enter()) {
      assertThatThrownBy(
              () -> new BoundedBody(broken, ContentEncoding.GZIP, 10, place).readAllBytes())
          .isExactlyInstanceOf(IOException.class)
          .hasMessage("connection reset");
    }
  }

  @ParameterizedTest
  @CsvSource({
    ", IDENTITY",
    "'', IDENTITY",
    "identity, IDENTITY",
    "GZIP, GZIP",
    "x-gzip, GZIP",
    "zstd, ZSTD"
  })
  void encodingsAreKnownByName(String header, ContentEncoding encoding) throws Exception {
    assertThat(ContentEncoding.of(header)).isEqualTo(encoding);
  }

  @ParameterizedTest
  @CsvSource({"br", "deflate", "'gzip, gzip'"})
  void otherEncodingsAreRefusedByName(String header) {
    assertThatThrownBy(() -> ContentEncoding.of(header))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessage(
            "Content-Encoding \"" + header + "\" is not supported; supported are gzip and zstd");
  }

  private static BoundedBody body(
      byte[] bytes, ContentEncoding encoding, long max, Admission.Place place) {
    return new BoundedBody(new ByteArrayInputStream(bytes), encoding, max, place);
  }

  private static byte[] pack(ContentEncoding encoding, byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    switch (encoding) {
      case IDENTITY -> out.write(bytes);
      case GZIP -> {
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
          gzip.write(bytes);
        }
      }
      case ZSTD -> out.write(Zstd.compress(bytes));
    }
    return out.toByteArray();
  }
}
