package io.outlay.collectors.ingest;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.outlay.collectors.format.UnsupportedFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** How a body is packed. */
public enum ContentEncoding {
  IDENTITY,
  GZIP,
  ZSTD;

  /** RFC 9659: no more than 8 MB of window for what comes over HTTP. */
  private static final int ZSTD_WINDOW_LOG = 23;

  private static final int BUFFER = 16 * 1024;

  /**
   * The encoding of a request.
   *
   * @param header value of {@code Content-Encoding}, null if there is none
   * @throws UnsupportedFormatException naming what was asked for and what is understood
   */
  public static ContentEncoding of(@Nullable String header) throws UnsupportedFormatException {
    String name = header == null ? "" : header.strip().toLowerCase(Locale.ROOT);
    return switch (name) {
      case "", "identity" -> IDENTITY;
      case "gzip", "x-gzip" -> GZIP;
      case "zstd" -> ZSTD;
      default ->
          throw new UnsupportedFormatException(
              "Content-Encoding \"" + header + "\" is not supported; supported are gzip and zstd");
    };
  }

  /** The body as it was before it was packed. */
  InputStream unpack(InputStream body) throws IOException {
    return switch (this) {
      case IDENTITY -> body;
      case GZIP -> new GZIPInputStream(body, BUFFER);
      case ZSTD -> new ZstdInputStreamNoFinalizer(body).setLongMax(ZSTD_WINDOW_LOG);
    };
  }
}
