package io.outlay.streams.topology;

import io.outlay.schema.CacheLookup;
import io.outlay.schema.ComputeUsage;
import io.outlay.schema.DirectCost;
import io.outlay.schema.GpuUsage;
import io.outlay.schema.NetworkTransfer;
import io.outlay.schema.StorageMove;
import io.outlay.schema.StorageUsage;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.streams.TestEvents;
import io.outlay.streams.topology.UnpricedCounters.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class UnpricedCountersTest {
  private static final TokenCounts TOKENS = new TokenCounts(1L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L);

  private final UnpricedCounters counters = new UnpricedCounters();
  private final Map<String, LongAdder> told = new TreeMap<>();

  @Test
  void givenUsageOfEveryKind_whenCounted_thenTheSubjectIsThatOfTheViewOfUnpricedUsage() {
    listen();

    for (Object detail :
        List.of(
            TestEvents.llm("openai", "gpt-99", TOKENS),
            new CacheLookup("exact", true, "acme", "owl", TOKENS),
            new GpuUsage("B200", 1L, null, "spot", "aws", "", ""),
            new ComputeUsage("m9.large", 1L, 0L, 0L, "on_demand", "gcp"),
            new ComputeUsage("", 0L, 1L, 0L, "on_demand", "gcp"),
            new StorageUsage("s3", "docs", "frozen", 1L, 1L),
            new StorageMove("s3", "docs", 1L, "hot", "frozen"),
            new NetworkTransfer(1L, "egress", "oci"),
            new DirectCost(1L, "GBP", "", ""))) {
      counters.count(TestEvents.event("1", detail));
    }

    assertThat(told.keySet())
        .containsExactlyInAnyOrder(
            "openai/gpt-99",
            "acme/owl",
            "aws/B200",
            "gcp/m9.large",
            "gcp/",
            "/frozen",
            "/hot>frozen",
            "oci/egress",
            "/");
    assertThat(told.values()).allMatch(count -> count.sum() == 1);
  }

  @Test
  void givenMoreSubjectsThanAreToldApart_whenCounted_thenTheRestIsOneAndNoneIsLost() {
    listen();

    for (int i = 0; i < 2 * UnpricedCounters.MAX_SUBJECTS; i++) {
      counters.count(call("m" + i));
      counters.count(call("m" + i));
    }

    assertThat(told).hasSize(UnpricedCounters.MAX_SUBJECTS + 1).containsKey("acme/m199");
    assertThat(told).doesNotContainKey("acme/m200");
    assertThat(told.get("acme/m0").sum()).isEqualTo(2);
    assertThat(told.get("other/other").sum()).isEqualTo(2 * UnpricedCounters.MAX_SUBJECTS);
  }

  @Test
  void givenAModelThatIsNamedAsTheRest_whenTheRestIsCounted_thenBothAreOne() {
    listen();
    counters.count(
        TestEvents.event("1", TestEvents.llm(UnpricedCounters.OTHER.provider(), "other", TOKENS)));

    for (int i = 0; i <= UnpricedCounters.MAX_SUBJECTS; i++) {
      counters.count(call("m" + i));
    }

    assertThat(told).hasSize(UnpricedCounters.MAX_SUBJECTS + 1);
    assertThat(told.get("other/other").sum()).isEqualTo(2);
  }

  @Test
  void givenAListenerThatComesLate_whenNamed_thenItIsToldOfWhatWasThere() {
    counters.count(call("early"));
    listen();
    counters.count(call("early"));
    counters.count(call("late"));

    assertThat(told).containsOnlyKeys("acme/early", "acme/late");
    assertThat(told.get("acme/early").sum()).isEqualTo(2);
  }

  @Test
  void givenManyThreads_whenCounted_thenTheBoundHoldsAndNoneIsLost() throws Exception {
    listen();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> done = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        int own = thread;
        done.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 300; i++) {
                    counters.count(call("m" + (i * 7 + own) % 300));
                  }
                }));
      }
      for (Future<?> future : done) {
        future.get();
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(told).hasSize(UnpricedCounters.MAX_SUBJECTS + 1);
    assertThat(told.values().stream().mapToLong(LongAdder::sum).sum()).isEqualTo(1_200);
  }

  private void listen() {
    counters.onFirst(
        (Subject subject, LongAdder count) ->
            assertThat(told.put(subject.provider() + "/" + subject.model(), count)).isNull());
  }

  private static UsageEvent call(String model) {
    return TestEvents.event("1", TestEvents.llm("acme", model, TOKENS));
  }
}
