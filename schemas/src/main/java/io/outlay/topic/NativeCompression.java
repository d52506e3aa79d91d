package io.outlay.topic;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import net.jpountz.lz4.LZ4Factory;

/**
 * Lets Kafka's clients compress with native code. lz4-java takes it by itself only where the system
 * class loader has loaded it, which is not so in a Quarkus program: there it would compress in
 * bounds-checked Java, which takes several times as long.
 */
public final class NativeCompression {
  private static final Logger LOG = System.getLogger(NativeCompression.class.getName());

  private NativeCompression() {}

  /**
   * Loads the native code, to be used by all clients that are made afterwards. Where there is none
   * for the machine, Java does it.
   *
   * @return whether native code is used
   */
  public static boolean prefer() {
    try {
      // From the second time on it is there already.
      LZ4Factory.nativeInstance();
      return true;
    } catch (LinkageError | RuntimeException e) {
      LOG.log(Level.INFO, "no native compression on this machine, Java compresses: " + e);
      return false;
    }
  }
}
