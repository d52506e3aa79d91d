package io.outlay.collectors.otlp;

import io.outlay.collectors.format.EventFormat;
import io.outlay.collectors.format.EventSink;
import io.outlay.collectors.format.Reception;
import io.outlay.collectors.format.UnreadableBodyException;
import java.io.IOException;
import java.io.InputStream;

/** The requests of OTLP, as protobuf or as JSON. */
public final class OtlpFormat implements EventFormat {
  private final Signal signal;
  private final boolean json;
  private final MetricServices metricServices;

  private OtlpFormat(Signal signal, boolean json, MetricServices metricServices) {
    this.signal = signal;
    this.json = json;
    this.metricServices = metricServices;
  }

  /** {@code application/x-protobuf}, and the messages of OTLP over gRPC. */
  public static OtlpFormat protobuf(Signal signal, MetricServices metricServices) {
    return new OtlpFormat(signal, false, metricServices);
  }

  /** {@code application/json}. */
  public static OtlpFormat json(Signal signal, MetricServices metricServices) {
    return new OtlpFormat(signal, true, metricServices);
  }

  @Override
  public String name() {
    return signal.format();
  }

  @Override
  public void read(InputStream body, Reception reception, EventSink sink)
      throws UnreadableBodyException, IOException {
    byte[] request = json ? JsonBody.toProtobuf(body, signal.shape()) : body.readAllBytes();
    signal.reader(reception, sink, metricServices).read(Fields.Slice.of(request));
  }
}
