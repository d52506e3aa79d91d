package io.outlay.detector.delivery;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Tells addresses of the internet from those of this machine, its network and its cloud, which a
 * receiver must not make the detector post to unless it is meant to. After IANA's registries of
 * special-purpose addresses.
 */
final class PublicAddresses {
  private static final int V4_BYTES = 4;

  private static final List<Range> V4 =
      List.of(
          new Range("0.0.0.0/8", "unspecified"),
          new Range("10.0.0.0/8", "private"),
          new Range("100.64.0.0/10", "shared"),
          new Range("127.0.0.0/8", "loopback"),
          new Range("169.254.0.0/16", "link-local"),
          new Range("172.16.0.0/12", "private"),
          new Range("192.0.0.0/24", "reserved"),
          new Range("192.0.2.0/24", "reserved"),
          new Range("192.88.99.0/24", "reserved"),
          new Range("192.168.0.0/16", "private"),
          new Range("198.18.0.0/15", "reserved"),
          new Range("198.51.100.0/24", "reserved"),
          new Range("203.0.113.0/24", "reserved"),
          // Azure's platform, metadata included, stands at a public address.
          new Range("168.63.129.16/32", "metadata"),
          new Range("224.0.0.0/4", "multicast"),
          new Range("240.0.0.0/4", "reserved"));

  /** Whatever lies outside of 2000::/3 is not of the internet, so the last range is all. */
  private static final List<Range> V6 =
      List.of(
          new Range("::/128", "unspecified"),
          new Range("::1/128", "loopback"),
          new Range("fe80::/10", "link-local"),
          new Range("fec0::/10", "private"),
          new Range("fc00::/7", "unique-local"),
          new Range("ff00::/8", "multicast"),
          new Range("2001::/23", "reserved"),
          new Range("2001:db8::/32", "reserved"),
          new Range("3fff::/20", "reserved"),
          new Range("::/3", "reserved"),
          new Range("4000::/2", "reserved"),
          new Range("8000::/1", "reserved"));

  /** Where an IPv4 address stands within an IPv6 one, and at which byte. */
  private static final List<Embedding> EMBEDDINGS =
      List.of(
          new Embedding(new Range("::ffff:0:0/96", "mapped"), 12),
          new Embedding(new Range("64:ff9b::/96", "translated"), 12),
          new Embedding(new Range("2002::/16", "6to4"), 2));

  private PublicAddresses() {}

  private record Embedding(Range range, int at) {}

  private static final class Range {
    private final BigInteger prefix;
    private final int hostBits;
    private final String kind;

    Range(String cidr, String kind) {
      int slash = cidr.indexOf('/');
      byte[] bytes = literal(cidr.substring(0, slash));
      this.hostBits = bytes.length * Byte.SIZE - Integer.parseInt(cidr.substring(slash + 1));
      this.prefix = new BigInteger(1, bytes).shiftRight(hostBits);
      this.kind = kind;
    }

    boolean contains(byte[] address) {
      return new BigInteger(1, address).shiftRight(hostBits).equals(prefix);
    }

    /** Java turns a mapped address into the one that it maps, so its bytes are built here. */
    private static byte[] literal(String text) {
      try {
        byte[] bytes = InetAddress.getByName(text).getAddress();
        if (text.indexOf(':') >= 0 && bytes.length == V4_BYTES) {
          byte[] mapped = new byte[16];
          mapped[10] = (byte) 0xff;
          mapped[11] = (byte) 0xff;
          System.arraycopy(bytes, 0, mapped, 12, V4_BYTES);
          return mapped;
        }
        return bytes;
      } catch (UnknownHostException e) {
        throw new IllegalArgumentException("no address: " + text, e);
      }
    }
  }

  /** What kind of address it is if it is not one of the internet, such as {@code loopback}. */
  static Optional<String> refusal(InetAddress address) {
    return refusal(address.getAddress());
  }

  static Optional<String> refusal(byte[] address) {
    if (address.length == V4_BYTES) {
      return kind(V4, address);
    }
    for (Embedding embedding : EMBEDDINGS) {
      if (embedding.range().contains(address)) {
        return kind(V4, Arrays.copyOfRange(address, embedding.at(), embedding.at() + V4_BYTES));
      }
    }
    return kind(V6, address);
  }

  private static Optional<String> kind(List<Range> ranges, byte[] address) {
    return ranges.stream()
        .filter(range -> range.contains(address))
        .map(range -> range.kind)
        .findFirst();
  }
}
