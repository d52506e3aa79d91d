package io.outlay.embedded.stack;

import java.io.IOException;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.Optional;

/** Ready when an address answers 200. */
public final class HttpReadiness implements Readiness {
  private static final int TIMEOUT_MILLIS = 2_000;

  private final URI address;

  /**
   * @param address of a health check, http
   */
  public HttpReadiness(URI address) {
    this.address = address;
  }

  @Override
  public Optional<String> whyNotReady() {
    try {
      HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
      connection.setConnectTimeout(TIMEOUT_MILLIS);
      connection.setReadTimeout(TIMEOUT_MILLIS);
      connection.setUseCaches(false);
      try {
        int status = connection.getResponseCode();
        return status == HttpURLConnection.HTTP_OK
            ? Optional.empty()
            : Optional.of(address + " answers " + status);
      } finally {
        connection.disconnect();
      }
    } catch (ConnectException e) {
      return Optional.of("nothing listens at " + address.getAuthority() + " yet");
    } catch (SocketTimeoutException e) {
      return Optional.of(address + " does not answer within " + TIMEOUT_MILLIS + " ms");
    } catch (IOException e) {
      return Optional.of(address + ": " + e.getMessage());
    }
  }
}
