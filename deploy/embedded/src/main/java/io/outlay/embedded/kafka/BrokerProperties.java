package io.outlay.embedded.kafka;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Properties;

/** Configuration of a broker that stands alone, on a machine with other things to do. */
final class BrokerProperties {
  private static final String CONTROLLER_HOST = "127.0.0.1";

  private BrokerProperties() {}

  /**
   * @param host where clients connect; the controller listens on loopback
   * @param port where clients connect
   * @param logs directory of the partitions
   */
  static Properties of(String host, int port, Path logs) {
    String client = host.contains(":") ? "[" + host + "]" : host;
    // The controller talks to itself only: any port will do, and none can be taken.
    String controller = CONTROLLER_HOST + ":" + freePort();
    Properties properties = new Properties();
    properties.put("process.roles", "broker,controller");
    properties.put("node.id", "1");
    properties.put("controller.quorum.voters", "1@" + controller);
    properties.put("controller.listener.names", "CONTROLLER");
    properties.put(
        "listeners", "PLAINTEXT://" + client + ":" + port + ",CONTROLLER://" + controller);
    properties.put("advertised.listeners", "PLAINTEXT://" + client + ":" + port);
    properties.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    properties.put("inter.broker.listener.name", "PLAINTEXT");
    properties.put("log.dirs", logs.toString());
    properties.put("auto.create.topics.enable", "false");
    properties.put("num.partitions", "1");

    // One broker: one copy. Few partitions of the internal topics: each takes time at every start.
    properties.put("default.replication.factor", "1");
    properties.put("min.insync.replicas", "1");
    properties.put("offsets.topic.replication.factor", "1");
    properties.put("offsets.topic.num.partitions", "4");
    properties.put("transaction.state.log.replication.factor", "1");
    properties.put("transaction.state.log.min.isr", "1");
    properties.put("transaction.state.log.num.partitions", "4");
    properties.put("share.coordinator.state.topic.replication.factor", "1");
    properties.put("share.coordinator.state.topic.min.isr", "1");
    properties.put("share.coordinator.state.topic.num.partitions", "4");
    properties.put("group.initial.rebalance.delay.ms", "0");

    // A machine that was switched off for weeks carries on where it stopped.
    properties.put("offsets.retention.minutes", "525600");
    properties.put("log.retention.hours", "168");
    properties.put("log.segment.bytes", "268435456");
    properties.put("log.cleaner.dedupe.buffer.size", "33554432");

    properties.put("num.network.threads", "2");
    properties.put("num.io.threads", "4");
    properties.put("background.threads", "2");
    properties.put("num.recovery.threads.per.data.dir", "2");

    // A broker that was killed is let in again only when its earlier self is given up for dead.
    properties.put("broker.session.timeout.ms", "5000");
    properties.put("broker.heartbeat.interval.ms", "1000");
    return properties;
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("no free port for the controller", e);
    }
  }
}
