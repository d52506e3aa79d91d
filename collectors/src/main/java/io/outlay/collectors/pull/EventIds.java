package io.outlay.collectors.pull;

import io.outlay.usage.EventKey;
import io.outlay.usage.UsageRules;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Ids made of what an event is about, so that the same reading makes the same ids anywhere. */
final class EventIds {
  private EventIds() {}

  /**
   * The parts and the start of the slot, with slashes in between. Slashes within a part stand as
   * {@code %2F}. Where that is longer than an id may be, a hash of the parts stands for them.
   */
  static String of(String source, Slot slot, String... parts) {
    String what = Arrays.stream(parts).map(EventIds::escaped).collect(Collectors.joining("/"));
    String id = what + "/" + slot.start();
    return id.length() <= UsageRules.MAX_ID_LENGTH
        ? id
        : EventKey.of(source, what) + "/" + slot.start();
  }

  private static String escaped(String part) {
    return part.replace("%", "%25").replace("/", "%2F");
  }
}
