package io.outlay.collectors.pull;

import io.outlay.collectors.attribution.Attribution;
import io.outlay.collectors.attribution.Owner;
import io.outlay.collectors.format.EventFormat;
import io.outlay.collectors.format.EventSink;
import io.outlay.collectors.format.Reception;
import io.outlay.collectors.format.Rejection;
import io.outlay.collectors.format.UnreadableBodyException;
import io.outlay.collectors.pull.GpuShares.Pod;
import io.outlay.collectors.pull.GpuShares.Share;
import io.outlay.collectors.pull.PrometheusText.Sample;
import io.outlay.schema.GpuUsage;
import io.outlay.schema.UsageEvent;
import io.outlay.usage.UsageRules;
import io.outlay.usage.Violation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One reading of a dcgm-exporter, as GPU time of one slot: an event for each share, at the start of
 * the slot. The id is made of the GPU, the instance, the pod and the slot.
 */
final class DcgmFormat implements EventFormat {
  private static final String CUT_WORKLOAD =
      "workload cut to " + UsageRules.MAX_ID_LENGTH + " characters";

  private final GpuTarget target;
  private final Slot slot;
  private final BeforeSending<String> beforeSending;

  /**
   * @param beforeSending given the text of a reading that shows a GPU
   */
  DcgmFormat(GpuTarget target, Slot slot, BeforeSending<String> beforeSending) {
    this.target = target;
    this.slot = slot;
    this.beforeSending = beforeSending;
  }

  @Override
  public String name() {
    return "dcgm";
  }

  /** The answer is bounded where it is fetched; the number of its GPUs is not. */
  @Override
  public boolean isStreamed() {
    return true;
  }

  @Override
  public void read(InputStream body, Reception reception, EventSink sink)
      throws UnreadableBodyException, IOException {
    String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
    List<Sample> samples = new ArrayList<>();
    List<Rejection> rejections = new ArrayList<>();
    PrometheusText.Malformed malformed =
        (line, error) -> rejections.add(new Rejection(line - 1, null, "line " + line, error));
    PrometheusText.read(text, samples::add, malformed);
    List<Share> shares = GpuShares.of(samples, slot, malformed);
    if (shares.isEmpty()) {
      String first = rejections.isEmpty() ? "" : "; " + said(rejections.get(0));
      throw new UnreadableBodyException("shows no GPU by DCGM" + first, 0, 0);
    }
    beforeSending.keep(text);
    rejections.forEach(sink::reject);
    for (Share share : shares) {
      UsageEvent event = event(share, reception);
      Violation violation = UsageRules.check(event);
      if (violation == null) {
        sink.accept(event);
      } else {
        sink.reject(
            new Rejection(share.line() - 1, event.getId(), violation.field(), violation.error()));
      }
    }
  }

  private static String said(Rejection rejection) {
    return rejection.field() + ": " + rejection.error();
  }

  private UsageEvent event(Share share, Reception reception) {
    Pod pod = share.pod();
    String workload = pod.namespace().isEmpty() ? pod.name() : pod.namespace() + "/" + pod.name();
    boolean cut = workload.length() > UsageRules.MAX_ID_LENGTH;
    GpuUsage usage =
        GpuUsage.newBuilder()
            .setGpuModel(GpuModels.priced(share.modelName()))
            .setGpuMicros(share.micros())
            .setUtilizationMillionths(share.utilizationMillionths())
            .setPurchaseOption(target.purchaseOption())
            .setCloud(target.cloud())
            .setNode(share.node())
            .setWorkload(cut ? workload.substring(0, UsageRules.MAX_ID_LENGTH) : workload)
            .build();
    String source = "dcgm:" + target.name();
    UsageEvent event =
        UsageEvent.newBuilder()
            .setSource(source)
            .setId(
                EventIds.of(
                    source, slot, share.uuid(), share.instance(), pod.namespace(), pod.name()))
            .setEventTimeMicros(slot.startMicros())
            .setIngestedAtMicros(reception.receivedAtMicros())
            .setTeam("")
            .setRegion(target.region())
            .setTags(tags(share))
            .setWarning(cut ? CUT_WORKLOAD : "")
            .setDetail(usage)
            .build();
    Owner owner =
        pod.namespace().isEmpty()
            ? null
            : reception.attribution().find(Attribution.By.NAMESPACE, pod.namespace());
    // Nobody is named and no team is bound, so that there is nothing to contradict.
    var unused =
        Attribution.settle(
            event, reception.publisher(), owner == null ? Owner.of(target.team()) : owner);
    if (event.getEnvironment().isEmpty()) {
      event.setEnvironment(target.environment());
    }
    return event;
  }

  private static Map<String, String> tags(Share share) {
    Map<String, String> tags = new HashMap<>();
    tags.put("gpu.uuid", share.uuid());
    if (!share.profile().isEmpty()) {
      tags.put("gpu.mig.profile", share.profile());
    }
    String containers = String.join(",", share.containers());
    if (!containers.isEmpty() && containers.length() <= UsageRules.MAX_ID_LENGTH) {
      tags.put("container", containers);
    }
    return tags;
  }
}
