package io.outlay.collectors.pull;

import io.outlay.collectors.pull.GpuShares.Share;
import io.outlay.collectors.pull.PrometheusText.Sample;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

class GpuSharesTest {
  private static final String ACTIVE = "DCGM_FI_PROF_GR_ENGINE_ACTIVE";
  private static final List<String> MODELS =
      List.of("NVIDIA A100-SXM4-80GB", "NVIDIA A30", "NVIDIA H100 80GB HBM3", "Something New");

  private final List<String> malformed = new ArrayList<>();

  /** Any mixture of GPUs, instances and pods: every GPU comes to exactly one slot. */
  @Test
  void givenAnything_thenTheSharesOfEveryGpuAddUpToItsSlot() {
    for (int seed = 0; seed < 3_000; seed++) {
      Random random = new Random(seed);
      List<Sample> samples = new ArrayList<>();
      int gpus = 1 + random.nextInt(4);
      for (int gpu = 0; gpu < gpus; gpu++) {
        Map<String, String> device = device("GPU-" + gpu, MODELS.get(random.nextInt(4)));
        addPods(samples, device, random.nextBoolean() ? 0 : random.nextInt(9), random);
        int instances = random.nextBoolean() ? 0 : 1 + random.nextInt(7);
        for (int i = 0; i < instances; i++) {
          Map<String, String> instance = new HashMap<>(device);
          int id = random.nextInt(14);
          instance.put("GPU_I_ID", Integer.toString(id));
          instance.put("GPU_I_PROFILE", (1 + id % 4) + "g.10gb");
          addPods(samples, instance, random.nextInt(5), random);
        }
      }
      Collections.shuffle(samples, random);
      long length = 1_000_000L + random.nextInt(1_000_000_000);

      List<Share> shares = shares(samples, new Slot(0, length));

      Map<String, Long> sums =
          shares.stream()
              .collect(Collectors.groupingBy(Share::uuid, Collectors.summingLong(Share::micros)));
      assertThat(sums).as("seed %d", seed).hasSize(gpus);
      assertThat(sums.values()).as("seed %d", seed).containsOnly(length);
      assertThat(shares).extracting(Share::micros).allMatch(micros -> micros >= 0);
      Collections.shuffle(samples, random);
      assertThat(ids(shares(samples, new Slot(0, length)))).isEqualTo(ids(shares));
    }
    assertThat(malformed).isEmpty();
  }

  @Test
  void givenSlicesThatDoNotDivide_thenNoMicrosecondIsLost() {
    List<Sample> samples = new ArrayList<>();
    for (int i = 1; i <= 7; i++) {
      Map<String, String> instance = device("GPU-0", "NVIDIA A100-SXM4-80GB");
      instance.put("GPU_I_ID", Integer.toString(i));
      instance.put("GPU_I_PROFILE", "1g.10gb");
      samples.add(sample(instance));
    }

    assertThat(shares(samples, new Slot(0, 1_000_000)))
        .extracting(Share::micros)
        .containsExactly(142857L, 142857L, 142857L, 142857L, 142857L, 142857L, 142858L);
  }

  @Test
  void givenA30_thenFourSlices() {
    Map<String, String> instance = device("GPU-0", "NVIDIA A30");
    instance.put("GPU_I_ID", "5");
    instance.put("GPU_I_PROFILE", "1g.6gb+me");

    assertThat(shares(List.of(sample(instance)), new Slot(0, 1_000_000)))
        .extracting(Share::instance, Share::micros)
        .containsExactly(tuple("5", 250_000L), tuple("rest", 750_000L));
  }

  @Test
  void givenProfileThatCannotBeRead_thenNamedAndItsSlicesAreIdle() {
    Map<String, String> instance = device("GPU-0", "NVIDIA A100-SXM4-80GB");
    instance.put("GPU_I_ID", "5");
    instance.put("GPU_I_PROFILE", "big");

    assertThat(shares(List.of(sample(instance)), new Slot(0, 1_000_000)))
        .extracting(Share::instance, Share::micros)
        .containsExactly(tuple("rest", 1_000_000L));
    assertThat(malformed).containsExactly("1: GPU_I_PROFILE must be like 1g.10gb, was \"big\"");
  }

  @Test
  void givenNoModel_thenNamedAndNoTimeForThatGpu() {
    Map<String, String> nameless = device("GPU-0", "");

    assertThat(shares(List.of(sample(nameless)), new Slot(0, 1_000_000))).isEmpty();
    assertThat(malformed)
        .containsExactly("1: modelName is missing, and in all other series of GPU-0");
  }

  @Test
  void givenOtherSeries_thenNoGpu() {
    Map<String, String> cpu = device("", "x");
    assertThat(shares(List.of(sample(cpu)), new Slot(0, 1_000_000))).isEmpty();
    assertThat(
            shares(
                List.of(new Sample("go_goroutines", device("GPU-0", "x"), "1", 1)),
                new Slot(0, 1_000_000)))
        .isEmpty();
    assertThat(malformed).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "0.912345,0,912345",
    "0.9123455,0,912346",
    "0.9123445,0,912344",
    "87,2,870000",
    "99.99999,2,1000000",
    "1.0000001,0,1000000",
    "250,2,1000000",
    "-3,2,0",
    "1e-999999,0,0",
    "9.999e9,0,",
    "1e999999,2,",
    "NaN,0,",
    "+Inf,0,",
    "-Inf,0,",
    "9223372036854775794,2,",
    "9223372036854775792,2,",
    "2147483632,2,",
    "140737488355328.000000,0,",
  })
  void givenValue_thenMillionthsOrNone(String value, int shift, Integer expected) {
    assertThat(GpuShares.millionths(value, shift)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "NVIDIA A100-SXM4-80GB,A100-80GB",
    "NVIDIA A100 80GB PCIe,A100-80GB",
    "A100-SXM4-40GB,A100-40GB",
    "NVIDIA A100-PCIE-40GB,A100-40GB",
    "NVIDIA H100 80GB HBM3,H100",
    "NVIDIA H100 PCIe,H100",
    "NVIDIA GH200 480GB,NVIDIA GH200 480GB",
    "NVIDIA A10G,A10G",
    "NVIDIA A10,NVIDIA A10",
    "NVIDIA L4,L4",
    "NVIDIA L40S,NVIDIA L40S",
    "Tesla T4,T4",
    "NVIDIA Tesla T4,T4",
  })
  void givenModelName_thenThatOfThePrices(String modelName, String priced) {
    assertThat(GpuModels.priced(modelName)).isEqualTo(priced);
  }

  private static void addPods(
      List<Sample> samples, Map<String, String> labels, int pods, Random random) {
    samples.add(sample(labels));
    for (int i = 0; i < pods; i++) {
      Map<String, String> held = new HashMap<>(labels);
      held.put("namespace", "ns" + random.nextInt(3));
      held.put("pod", "pod" + random.nextInt(4));
      held.put("container", "c" + random.nextInt(2));
      samples.add(sample(held));
    }
  }

  /** What identifies shares, and how large they are. */
  private static List<String> ids(List<Share> shares) {
    return shares.stream().map(s -> s.uuid() + s.instance() + s.pod() + s.containers()).toList();
  }

  private List<Share> shares(List<Sample> samples, Slot slot) {
    return GpuShares.of(samples, slot, (line, error) -> malformed.add(line + ": " + error));
  }

  private static Map<String, String> device(String uuid, String model) {
    Map<String, String> labels = new HashMap<>();
    labels.put("UUID", uuid);
    labels.put("modelName", model);
    return labels;
  }

  private static Sample sample(Map<String, String> labels) {
    return new Sample(ACTIVE, Map.copyOf(labels), "0.5", 1);
  }
}
