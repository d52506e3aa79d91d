package io.outlay.collectors.pull;

import io.outlay.collectors.pull.PrometheusText.Malformed;
import io.outlay.collectors.pull.PrometheusText.Sample;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Divides the time of GPUs among those who hold them, as dcgm-exporter sees it. For every GPU
 *
 * <pre>
 * length of the slot = time of its shares, to the microsecond
 * </pre>
 *
 * <p>A GPU that several pods share by time slicing is divided equally. A GPU that MIG cuts is
 * divided by slices: each instance gets those of its profile, the pods of one instance divide it
 * equally, and slices of no instance are a share of their own. What no pod holds is idle.
 */
final class GpuShares {
  private static final String SERIES = "DCGM_FI_";
  private static final String ACTIVE = "DCGM_FI_PROF_GR_ENGINE_ACTIVE";
  private static final String UTIL = "DCGM_FI_DEV_GPU_UTIL";

  private static final List<String> UUID = List.of("UUID", "uuid");
  private static final List<String> MODEL = List.of("modelName", "modelname");
  private static final List<String> NODE = List.of("Hostname", "hostname");
  private static final List<String> POD = List.of("pod", "pod_name");
  private static final List<String> NAMESPACE = List.of("namespace", "pod_namespace");
  private static final List<String> CONTAINER = List.of("container", "container_name");
  private static final String EXPORTED = "exported_";

  /** {@code 1g.10gb}, {@code 1g.10gb+me}; {@code 1c.3g.20gb} for a part of such an instance. */
  private static final Pattern PROFILE = Pattern.compile("(?:\\d+c\\.)?([1-9])g\\..*");

  /** From here on a value says that there is none: the blank of 32-bit fields is the least. */
  private static final BigDecimal BLANK = BigDecimal.valueOf(0x7ffffff0L);

  private static final int PLACES = 6;

  /** A pod; both names empty for none. */
  record Pod(String namespace, String name) implements Comparable<Pod> {
    static final Pod NONE = new Pod("", "");

    @Override
    public int compareTo(Pod other) {
      return Comparator.comparing(Pod::namespace).thenComparing(Pod::name).compare(this, other);
    }
  }

  /**
   * A part of a GPU's time.
   *
   * @param instance {@code GPU_I_ID} of MIG; {@link #WHOLE} or {@link #REST}
   * @param profile of the instance, empty if there is none
   * @param pod who holds it; {@link Pod#NONE} if it is idle
   * @param containers of the pod, sorted
   * @param micros of the slot, ≥ 0
   * @param utilizationMillionths null if unknown
   * @param line where the GPU was first seen
   */
  record Share(
      String uuid,
      String modelName,
      String node,
      String instance,
      String profile,
      Pod pod,
      List<String> containers,
      long micros,
      @Nullable Integer utilizationMillionths,
      int line) {
    /** Not cut by MIG. */
    static final String WHOLE = "gpu";

    /** Slices that belong to no instance. */
    static final String REST = "rest";
  }

  private final SortedMap<String, Gpu> gpus = new TreeMap<>();
  private final boolean federated;

  private GpuShares(List<Sample> samples) {
    // Prometheus renames the exporter's labels where they collide with its own, which then name
    // the exporter's pod.
    federated = samples.stream().anyMatch(s -> s.labels().containsKey(EXPORTED + POD.get(0)));
    samples.forEach(this::add);
  }

  /**
   * The shares of all GPUs that are seen, sorted by GPU, instance and pod.
   *
   * @param malformed told of GPUs and instances that cannot be divided
   */
  static List<Share> of(List<Sample> samples, Slot slot, Malformed malformed) {
    List<Share> shares = new ArrayList<>();
    new GpuShares(samples)
        .gpus
        .values()
        .forEach(gpu -> gpu.divide(slot.lengthMicros(), shares, malformed));
    return shares;
  }

  private void add(Sample sample) {
    Map<String, String> labels = sample.labels();
    String uuid = first(labels, UUID);
    if (!sample.name().startsWith(SERIES) || uuid.isEmpty()) {
      return;
    }
    Gpu gpu = gpus.computeIfAbsent(uuid, u -> new Gpu(u, sample.line()));
    gpu.modelName = gpu.modelName.isEmpty() ? first(labels, MODEL) : gpu.modelName;
    gpu.node = gpu.node.isEmpty() ? first(labels, NODE) : gpu.node;
    String id = labels.getOrDefault("GPU_I_ID", "");
    Part part =
        id.isEmpty()
            ? gpu.whole
            : gpu.instances.computeIfAbsent(id, i -> new Part(i, sample.line()));
    if (part.profile.isEmpty()) {
      part.profile = labels.getOrDefault("GPU_I_PROFILE", "");
    }
    String pod = workload(labels, POD);
    if (!pod.isEmpty()) {
      SortedSet<String> containers =
          part.pods.computeIfAbsent(
              new Pod(workload(labels, NAMESPACE), pod), p -> new TreeSet<>());
      String container = workload(labels, CONTAINER);
      if (!container.isEmpty()) {
        containers.add(container);
      }
    }
    if (part.active == null && sample.name().equals(ACTIVE)) {
      part.active = millionths(sample.value(), 0);
    }
    if (part.util == null && sample.name().equals(UTIL)) {
      part.util = millionths(sample.value(), 2);
    }
  }

  private String workload(Map<String, String> labels, List<String> names) {
    return federated
        ? first(labels, names.stream().map(name -> EXPORTED + name).toList())
        : first(labels, names);
  }

  private static String first(Map<String, String> labels, List<String> names) {
    for (String name : names) {
      String value = labels.getOrDefault(name, "");
      if (!value.isEmpty()) {
        return value;
      }
    }
    return "";
  }

  /**
   * A share of one in millionths, held to 0 to 1,000,000; null where the device gives none.
   *
   * @param shift places that the point moves to the left: 2 for percent
   */
  static @Nullable Integer millionths(String value, int shift) {
    if (value.endsWith("N") || value.endsWith("Inf")) {
      return null;
    }
    BigDecimal number = new BigDecimal(value);
    if (number.compareTo(BLANK) >= 0) {
      return null;
    }
    // Before it is rounded: with an exponent such as e-999999 that would take for ever.
    if (number.signum() <= 0 || number.precision() - number.scale() < -PLACES) {
      return 0;
    }
    return number
        .movePointLeft(shift)
        .min(BigDecimal.ONE)
        .setScale(PLACES, RoundingMode.HALF_EVEN)
        .unscaledValue()
        .intValueExact();
  }

  /** A GPU as all its series together show it. */
  private static final class Gpu {
    private final String uuid;
    private final int line;
    private final Part whole;
    private final SortedMap<String, Part> instances =
        new TreeMap<>(Comparator.comparingInt(String::length).thenComparing(id -> id));
    private String modelName = "";
    private String node = "";

    Gpu(String uuid, int line) {
      this.uuid = uuid;
      this.line = line;
      this.whole = new Part(Share.WHOLE, line);
    }

    void divide(long micros, List<Share> shares, Malformed malformed) {
      if (modelName.isEmpty()) {
        malformed.line(line, "modelName is missing, and in all other series of " + uuid);
        return;
      }
      if (instances.isEmpty()) {
        divide(whole, micros, shares);
        return;
      }
      Map<Part, Integer> slices = new LinkedHashMap<>();
      int taken = 0;
      for (Part instance : instances.values()) {
        int count = instance.slices();
        if (count == 0) {
          malformed.line(
              instance.line, "GPU_I_PROFILE must be like 1g.10gb, was \"" + instance.profile + '"');
        } else {
          slices.put(instance, count);
          taken += count;
        }
      }
      int total = Math.max(GpuModels.slices(modelName), taken);
      int from = 0;
      for (Map.Entry<Part, Integer> instance : slices.entrySet()) {
        int to = from + instance.getValue();
        divide(instance.getKey(), part(micros, from, to, total), shares);
        from = to;
      }
      if (from < total) {
        Part rest = new Part(Share.REST, line);
        rest.active = 0;
        divide(rest, part(micros, from, total, total), shares);
      }
    }

    private void divide(Part part, long micros, List<Share> shares) {
      Integer utilization = part.active == null ? part.util : part.active;
      if (part.pods.isEmpty()) {
        shares.add(share(part, Pod.NONE, List.of(), micros, utilization));
      }
      int n = part.pods.size();
      int i = 0;
      for (Map.Entry<Pod, SortedSet<String>> pod : part.pods.entrySet()) {
        shares.add(
            share(
                part,
                pod.getKey(),
                List.copyOf(pod.getValue()),
                part(micros, i, i + 1, n),
                utilization));
        i++;
      }
    }

    private Share share(
        Part part,
        Pod pod,
        List<String> containers,
        long micros,
        @Nullable Integer utilizationMillionths) {
      return new Share(
          uuid,
          modelName,
          node,
          part.id,
          part.profile,
          pod,
          containers,
          micros,
          utilizationMillionths,
          line);
    }

    /** The stretch between two marks of {@code total}: stretches next to each other add up. */
    private static long part(long micros, int from, int to, int total) {
      return micros * to / total - micros * from / total;
    }
  }

  /** A whole GPU or an instance of one. */
  private static final class Part {
    private final String id;
    private final int line;
    private final SortedMap<Pod, SortedSet<String>> pods = new TreeMap<>();
    private String profile = "";
    private @Nullable Integer active;
    private @Nullable Integer util;

    Part(String id, int line) {
      this.id = id;
      this.line = line;
    }

    /** Slices by its profile, 0 if that cannot be read. */
    int slices() {
      Matcher matcher = PROFILE.matcher(profile);
      return matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
    }
  }
}
