package io.outlay.detector.delivery;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Resolves a name once, checks every address that comes back, and hands exactly those on to be
 * connected to: a name that answers differently the next time cannot lead elsewhere in between.
 */
final class CheckedResolver implements DnsResolver {
  private final DnsResolver names;
  private final boolean allowPrivate;

  CheckedResolver(DnsResolver names, boolean allowPrivate) {
    this.names = names;
    this.allowPrivate = allowPrivate;
  }

  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    InetAddress[] addresses = names.resolve(host);
    if (addresses == null || addresses.length == 0) {
      throw new UnknownHostException(host);
    }
    if (!allowPrivate) {
      for (InetAddress address : addresses) {
        Optional<String> refusal = PublicAddresses.refusal(address);
        if (refusal.isPresent()) {
          throw new UnknownHostException(
              host
                  + " is at "
                  + address.getHostAddress()
                  + ", a "
                  + refusal.get()
                  + " address, which needs allowPrivate: true");
        }
      }
    }
    return addresses;
  }

  @Override
  public String resolveCanonicalHostname(String host) {
    return host;
  }
}
