package io.outlay.detector.delivery;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.hc.client5.http.DnsResolver;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** A certificate is held against the name of the receiver, whatever address that is at. */
class TlsTest {
  private static final char[] PASSWORD = "changeit".toCharArray();
  private static final Message MESSAGE =
      new Message("a", "msg_1", "oncall", "application/json", "{}", Instant.EPOCH);
  private static final BlockingQueue<String> HOSTS = new LinkedBlockingQueue<>();

  @TempDir private static Path folder;
  private static HttpsServer server;
  private static SSLContext context;

  @BeforeAll
  static void start() throws Exception {
    Path store = folder.resolve("store.p12");
    Process keytool =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair",
                    "-alias",
                    "hooks",
                    "-keyalg",
                    "EC",
                    "-dname",
                    "CN=hooks.example",
                    "-ext",
                    "san=dns:hooks.example",
                    "-storetype",
                    "PKCS12",
                    "-storepass",
                    new String(PASSWORD),
                    "-keystore",
                    store.toString()))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("keytool.log").toFile())
            .start();
    assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD);
    }
    KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(keys, PASSWORD);
    TrustManagerFactory trusted =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    KeyStore certificates = KeyStore.getInstance("PKCS12");
    certificates.load(null, null);
    certificates.setCertificateEntry("hooks", keys.getCertificate("hooks"));
    trusted.init(certificates);
    context = SSLContext.getInstance("TLS");
    context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.createContext(
        "/",
        exchange -> {
          HOSTS.add(exchange.getRequestHeaders().getFirst("Host"));
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    server.start();
  }

  @AfterAll
  static void stop() {
    server.stop(0);
  }

  private static Outcome send(String host, @Nullable SSLContext trust) throws InterruptedException {
    DnsResolver loopback =
        new DnsResolver() {
          @Override
          public InetAddress[] resolve(String name) {
            return new InetAddress[] {InetAddress.getLoopbackAddress()};
          }

          @Override
          public String resolveCanonicalHostname(String name) {
            return name;
          }
        };
    try (HttpTransport transport =
        new HttpTransport(
            URI.create("https://" + host + ":" + server.getAddress().getPort() + "/"),
            (message, now) -> new Format.Request("application/json", "{}", Map.of()),
            true,
            Clock.systemUTC(),
            Duration.ofSeconds(15),
            loopback,
            trust)) {
      return transport.send(MESSAGE);
    }
  }

  @Test
  void givenItsNameWhenSentThenTakenUnderThatName() throws InterruptedException {
    assertThat(send("hooks.example", context)).isEqualTo(new Outcome.Accepted(204));
    assertThat(HOSTS.remove()).startsWith("hooks.example:");
  }

  @Test
  void givenAnotherNameWhenSentThenTheCertificateIsRefused() throws InterruptedException {
    assertThat(send("other.example", context))
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            failed -> assertThat(failed.reason()).startsWith("TLS: ").contains("other.example"));
    assertThat(HOSTS).isEmpty();
  }

  @Test
  void givenCertificateThatNobodyTrustsWhenSentThenRefused() throws InterruptedException {
    assertThat(send("hooks.example", null))
        .isInstanceOfSatisfying(
            Outcome.Failed.class, failed -> assertThat(failed.reason()).startsWith("TLS: "));
    assertThat(HOSTS).isEmpty();
  }
}
