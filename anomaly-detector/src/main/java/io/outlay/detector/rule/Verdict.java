package io.outlay.detector.rule;

import java.util.List;
import java.util.Optional;

/** What a rule says about a scope. */
public sealed interface Verdict {
  /** Figures; empty where there are none yet. */
  default Optional<Comparison> figures() {
    return Optional.empty();
  }

  /**
   * The scope has too little history, or too little happens in it, to be judged.
   *
   * @param why for people
   */
  record Unknown(String why) implements Verdict {}

  /** It is within its bounds. */
  record Within(Comparison comparison) implements Verdict {
    @Override
    public Optional<Comparison> figures() {
      return Optional.of(comparison);
    }
  }

  /**
   * It is out of its bounds.
   *
   * @param clearly whether by enough to say so again after it had been within them
   * @param notes what else there is to know, for people, such as that the baseline is short
   */
  record Exceeded(Comparison comparison, boolean clearly, Severity severity, List<String> notes)
      implements Verdict {
    public Exceeded {
      notes = List.copyOf(notes);
    }

    @Override
    public Optional<Comparison> figures() {
      return Optional.of(comparison);
    }
  }
}
