package io.outlay.collectors.pull;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is known of GPU models by the names that the driver gives them. */
final class GpuModels {
  private static final int SLICES = 7;

  /** Each pattern covers the whole name without its maker, in upper case, blanks as dashes. */
  private static final List<Known> KNOWN =
      List.of(
          new Known("A100(-.*)?-80GB(-.*)?", "A100-80GB"),
          new Known("A100(-.*)?-40GB(-.*)?", "A100-40GB"),
          new Known("H100(-.*)?", "H100"),
          new Known("A10G", "A10G"),
          new Known("L4", "L4"),
          new Known("T4", "T4"));

  private static final Pattern MAKER = Pattern.compile("^(NVIDIA|TESLA)-");
  private static final Pattern FOUR_SLICES = Pattern.compile("A30(-.*)?|RTX-PRO-6000(-.*)?");

  private record Known(Pattern pattern, String name) {
    Known(String pattern, String name) {
      this(Pattern.compile(pattern), name);
    }
  }

  private GpuModels() {}

  /** The name that prices go by; a model that none is known for keeps its own. */
  static String priced(String modelName) {
    String plain = plain(modelName);
    for (Known known : KNOWN) {
      if (known.pattern().matcher(plain).matches()) {
        return known.name();
      }
    }
    return modelName;
  }

  /** Into how many slices MIG cuts a GPU of that model. */
  static int slices(String modelName) {
    return FOUR_SLICES.matcher(plain(modelName)).matches() ? 4 : SLICES;
  }

  private static String plain(String modelName) {
    String name = modelName.strip().toUpperCase(Locale.ROOT).replaceAll("[\\s_-]+", "-");
    Matcher maker = MAKER.matcher(name);
    while (maker.find()) {
      name = name.substring(maker.end());
      maker = MAKER.matcher(name);
    }
    return name;
  }
}
