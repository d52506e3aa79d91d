package io.outlay.client;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Keeps what it hears. */
class RecordingListener implements ClientListener {
  final List<Rejection> rejections = new CopyOnWriteArrayList<>();
  final List<String> drops = new CopyOnWriteArrayList<>();
  final List<String> spooled = new CopyOnWriteArrayList<>();
  final List<Duration> retries = new CopyOnWriteArrayList<>();
  final List<Integer> refusals = new CopyOnWriteArrayList<>();

  @Override
  public void rejected(Rejection rejection) {
    rejections.add(rejection);
  }

  @Override
  public void dropped(@Nullable String id, String reason) {
    drops.add(reason);
  }

  @Override
  public void spooled(List<String> ids) {
    spooled.addAll(ids);
  }

  @Override
  public void retrying(String reason, Duration delay) {
    retries.add(delay);
  }

  @Override
  public void refused(int status, String detail, Duration delay) {
    refusals.add(status);
  }
}
