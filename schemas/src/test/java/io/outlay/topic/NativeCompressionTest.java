package io.outlay.topic;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Arrays;
import net.jpountz.lz4.LZ4Factory;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class NativeCompressionTest {
  @Test
  void givenClassesOfAnotherLoader_whenPreferred_thenNativeCodeCompresses() throws Exception {
    try (URLClassLoader programs = likeAProgram()) {
      assertThat(fastest(programs)).contains("Java");

      Object preferred =
          programs.loadClass(NativeCompression.class.getName()).getMethod("prefer").invoke(null);

      assertThat(preferred).isEqualTo(true);
      assertThat(fastest(programs)).contains("JNI");
    }
  }

  /** A loader that does not ask the system's first, for anything but the platform. */
  private static URLClassLoader likeAProgram() throws IOException {
    URL[] urls =
        Arrays.stream(System.getProperty("java.class.path").split(":"))
            .map(
                entry -> {
                  try {
                    return new java.io.File(entry).toURI().toURL();
                  } catch (IOException e) {
                    throw new IllegalArgumentException(entry, e);
                  }
                })
            .toArray(URL[]::new);
    return new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
  }

  private static String fastest(ClassLoader loader) throws ReflectiveOperationException {
    Object factory =
        loader.loadClass(LZ4Factory.class.getName()).getMethod("fastestInstance").invoke(null);
    return factory.toString();
  }
}
