package io.outlay.detector.rule;

import io.outlay.detector.spend.Needs;
import io.outlay.detector.spend.Window;
import java.util.List;

/** Something that is watched in each scope of some cuts. Without state. */
public interface Rule {
  /** What every rule has. */
  Terms terms();

  /**
   * Judges for the windows that are to be judged now, oldest first: the running one, and the one
   * before for a short while after its end, so that its last minutes count.
   */
  List<Judge> judges(Now now);

  /** The judge of a whole window that is over. */
  Judge afterwards(Window window);

  /**
   * Whether an incident of it goes on from window to window for as long as the scope is out of its
   * bounds. Otherwise each window has its own, which resolves when the window is over.
   */
  boolean isContinuous();

  /**
   * Whether a verdict may change though nothing of the scope has: by time alone. Then all scopes
   * are judged again every time.
   */
  default boolean isTimeDriven() {
    return false;
  }

  /** What it needs of the past beside the spend and the requests of each hour. */
  default Needs needs() {
    return Needs.NONE;
  }
}
