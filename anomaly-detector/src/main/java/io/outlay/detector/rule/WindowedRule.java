package io.outlay.detector.rule;

import io.outlay.detector.spend.RunningWindow;
import io.outlay.detector.spend.Window;
import io.outlay.detector.spend.Windows;
import java.time.Instant;
import java.util.List;

/** A rule about calendar windows, each with incidents of its own. */
interface WindowedRule extends Rule {
  /** What is judged. */
  Windows windows();

  /** The judge of a window as far as it has gone. */
  Judge judge(RunningWindow running);

  @Override
  default List<Judge> judges(Now now) {
    Instant event = now.event();
    return event == null
        ? List.of()
        : RunningWindow.at(event, windows(), SpendRatioRule.GRACE).stream()
            .map(this::judge)
            .toList();
  }

  @Override
  default Judge afterwards(Window window) {
    return judge(RunningWindow.over(window));
  }

  @Override
  default boolean isContinuous() {
    return false;
  }
}
