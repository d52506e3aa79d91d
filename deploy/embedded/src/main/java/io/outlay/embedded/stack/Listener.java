package io.outlay.embedded.stack;

/**
 * An address that a part listens on.
 *
 * @param key the key of the configuration that moves it
 * @param host name or address to bind to
 * @param port 1 to 65535
 */
public record Listener(String key, String host, int port) {
  /**
   * @throws UsageException naming the key if the port is out of range
   */
  public Listener {
    if (port < 1 || port > 65_535) {
      throw new UsageException(key + ": must be a port from 1 to 65535, was " + port);
    }
  }

  /** Host and port as they are written in an address. */
  public String address() {
    return (host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host) + ":" + port;
  }
}
