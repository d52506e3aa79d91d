package io.outlay.config;

import java.time.DateTimeException;
import java.time.ZoneId;
import org.eclipse.microprofile.config.spi.Converter;

/** Reads an IANA time zone or an offset. */
public final class ZoneConverter implements Converter<ZoneId> {
  private static final long serialVersionUID = 1L;

  @Override
  public ZoneId convert(String text) {
    try {
      return ZoneId.of(text.strip());
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "must be a time zone such as UTC, Europe/Berlin or +02:00, was " + text, e);
    }
  }
}
