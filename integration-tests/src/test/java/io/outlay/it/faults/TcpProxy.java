package io.outlay.it.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A network that can fail, on loopback: passes bytes both ways, or loses the answers to requests
 * that the other side has carried out, or lets nothing through for a while, or answers as
 * ClickHouse does when its disk is full.
 */
final class TcpProxy implements AutoCloseable {
  private static final int BUFFER = 64 * 1024;
  private static final int CONNECT_MILLIS = 2_000;
  private static final int DRAIN_MILLIS = 500;
  private static final String ERROR =
      "Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space. (NOT_ENOUGH_SPACE)\n";
  private static final byte[] NO_SPACE =
      ("HTTP/1.1 500 Internal Server Error\r\nX-ClickHouse-Exception-Code: 243\r\nContent-Type:"
              + " text/plain\r\nConnection: close\r\nContent-Length: "
              + ERROR.length()
              + "\r\n\r\n"
              + ERROR)
          .getBytes(StandardCharsets.US_ASCII);

  private final ServerSocket listener;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicLong lost = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final Object mood = new Object();
  private volatile int target;
  private volatile Mode mode = Mode.PASS;

  /** What becomes of bytes. */
  enum Mode {
    /** They arrive. */
    PASS,
    /** Requests arrive; instead of an answer the connection ends. */
    LOSE_ANSWERS,
    /** They wait until the mode changes. */
    HANG,
    /** Requests are answered with ClickHouse's error for a disk that is full, and do not arrive. */
    NO_SPACE
  }

  TcpProxy() throws IOException {
    listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Where connections lead to from now on. */
  void to(int port) {
    target = port;
  }

  void mode(Mode next) {
    synchronized (mood) {
      mode = next;
      mood.notifyAll();
    }
  }

  /** Answers that were lost so far. */
  long lost() {
    return lost.get();
  }

  /** Requests that met a full disk so far. */
  long refused() {
    return refused.get();
  }

  @Override
  public void close() throws IOException {
    mode(Mode.PASS);
    listener.close();
    sockets.forEach(TcpProxy::end);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        Socket server = new Socket();
        sockets.add(client);
        sockets.add(server);
        start(() -> connect(client, server));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void connect(Socket client, Socket server) {
    try {
      server.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), target), CONNECT_MILLIS);
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
    } catch (IOException e) {
      drop(client, server);
      return;
    }
    start(() -> pump(client, server, false));
    pump(server, client, true);
  }

  private void pump(Socket from, Socket to, boolean answers) {
    byte[] buffer = new byte[BUFFER];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        awaitUnlessHanging();
        if (answers && mode == Mode.LOSE_ANSWERS) {
          lost.incrementAndGet();
          return;
        }
        if (!answers && mode == Mode.NO_SPACE) {
          refuse(from);
          return;
        }
        out.write(buffer, 0, read);
        out.flush();
      }
    } catch (IOException e) {
      return; // either side has gone: so does the other
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      drop(from, to);
    }
  }

  /** Answers, and reads what is still being sent, so that the answer is not lost on the way. */
  private void refuse(Socket client) throws IOException {
    refused.incrementAndGet();
    client.setSoTimeout(DRAIN_MILLIS);
    client.getOutputStream().write(NO_SPACE);
    client.shutdownOutput();
    byte[] buffer = new byte[BUFFER];
    while (client.getInputStream().read(buffer) >= 0) {
      Thread.onSpinWait();
    }
  }

  private void awaitUnlessHanging() throws InterruptedException {
    synchronized (mood) {
      while (mode == Mode.HANG) {
        mood.wait();
      }
    }
  }

  private void drop(Socket one, Socket other) {
    sockets.remove(one);
    sockets.remove(other);
    end(one);
    end(other);
  }

  private static void end(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      return; // it is gone either way
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "proxy");
    thread.setDaemon(true);
    thread.start();
  }
}
