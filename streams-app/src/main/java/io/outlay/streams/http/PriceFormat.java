package io.outlay.streams.http;

import io.outlay.price.LiteLlmPrices;
import io.outlay.price.PriceCsv;
import io.outlay.price.PriceFile;
import io.outlay.price.PriceReading;
import java.io.Reader;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The forms in which prices can be imported. */
enum PriceFormat {
  OUTLAY((in, origin) -> PriceReading.of(PriceFile.read(in, origin))),
  CSV(PriceCsv::read),
  LITELLM(LiteLlmPrices::read);

  private final Source source;

  @FunctionalInterface
  private interface Source {
    PriceReading read(Reader in, String origin);
  }

  PriceFormat(Source source) {
    this.source = source;
  }

  /**
   * The format of that name, {@code outlay} if there is none.
   *
   * @throws WrongRequestException naming the value and what is possible
   */
  static PriceFormat of(@Nullable String name) {
    if (name == null || name.isEmpty()) {
      return OUTLAY;
    }
    for (PriceFormat format : values()) {
      if (format.text().equals(name)) {
        return format;
      }
    }
    throw new WrongRequestException(
        "format",
        "must be one of "
            + Arrays.stream(values()).map(PriceFormat::text).collect(Collectors.joining(", "))
            + ", was "
            + name);
  }

  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Reads prices.
   *
   * @param origin what the prices say they come from
   * @throws io.outlay.price.PriceFileException listing what is wrong
   */
  PriceReading read(Reader in, String origin) {
    return source.read(in, origin);
  }
}
