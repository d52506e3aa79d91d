package io.outlay.collectors.pull;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import io.outlay.collectors.format.EventFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads a dcgm-exporter. */
final class GpuPuller extends Puller<GpuReading> {
  private static final String TEXT = "text";

  private final GpuTarget target;

  GpuPuller(GpuTarget target, Source source, StateFile file, Delivery delivery) {
    super(target.name(), target.interval(), source, file, delivery);
    this.target = target;
  }

  @Override
  String kind() {
    return "gpu";
  }

  @Override
  EventFormat fresh(
      Content content,
      Slot slot,
      @Nullable GpuReading before,
      BeforeSending<GpuReading> beforeSending) {
    return new DcgmFormat(
        target, slot, text -> beforeSending.keep(new GpuReading(slot, false, text)));
  }

  @Override
  EventFormat formatOf(GpuReading reading) {
    return new DcgmFormat(target, reading.slot(), text -> {});
  }

  @Override
  byte[] bodyOf(GpuReading reading) {
    return reading.text().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  GpuReading acknowledged(GpuReading reading) {
    return new GpuReading(reading.slot(), true, "");
  }

  @Override
  void write(GpuReading reading, JsonGenerator json) throws IOException {
    json.writeStringField(TEXT, reading.text());
  }

  @Override
  GpuReading read(Slot slot, boolean sent, JsonParser json) throws IOException {
    return new GpuReading(slot, sent, text(json, TEXT));
  }
}
