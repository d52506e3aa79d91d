package io.outlay.client;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Bytes that went over a network that is paid for. */
public final class NetworkTransfer extends EventBuilder<NetworkTransfer> {
  private final @Nullable String path;
  private final long bytes;
  private @Nullable String cloud;

  private NetworkTransfer(@Nullable String path, long bytes) {
    super("io.outlay.network.transfer");
    this.path = path;
    this.bytes = bytes;
  }

  /**
   * @param path {@code egress}, {@code inter_region}, {@code inter_zone} or {@code cdn}
   * @param bytes 0 to 10<sup>18</sup>
   */
  public static NetworkTransfer of(@Nullable String path, long bytes) {
    return new NetworkTransfer(path, bytes);
  }

  public NetworkTransfer cloud(@Nullable String value) {
    cloud = value;
    return this;
  }

  @Override
  void writeDetail(EventWriter out) throws IOException {
    out.count("bytes", bytes, Bounds.MAX_BYTES);
    out.requiredOneOf("path", path, Bounds.NETWORK_PATHS);
    out.dimension("cloud", cloud);
  }
}
