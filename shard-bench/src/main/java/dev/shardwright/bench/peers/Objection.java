package dev.shardwright.bench.peers;

import java.util.Collection;
import java.util.Iterator;
import java.util.Optional;
import java.util.Random;

/**
 * Why a contestant is not timed at a work.
 *
 * @param verdict in a few words
 * @param reason with what was said by whom
 */
record Objection(String verdict, String reason) {
  /** How often each is asked before it is timed: more often than the driver prepares nothing. */
  private static final int QUESTIONS = 20;

  /** Asks both the same questions; empty if they always give the same answer. */
  static Optional<Objection> to(Contestant contestant, Contestant floor, Work work)
      throws Exception {
    for (int seed = 0; seed < QUESTIONS; seed++) {
      Object right = floor.ask(work, new Random(seed));
      Object answer;
      try {
        answer = contestant.ask(work, new Random(seed));
      } catch (Exception e) {
        return Optional.of(new Objection("fails", e.toString().lines().findFirst().orElse("")));
      }
      if (!work.same(answer, right)) {
        return Optional.of(new Objection("another answer", difference(answer, right)));
      }
    }
    return Optional.empty();
  }

  private static String difference(Object answer, Object right) {
    if (answer instanceof Collection<?> answers && right instanceof Collection<?> rights) {
      Iterator<?> other = rights.iterator();
      for (Object row : answers) {
        Object expected = other.hasNext() ? other.next() : "nothing";
        if (!row.equals(expected)) {
          return "%s, by hand %s".formatted(row, expected);
        }
      }
      return "%d rows, by hand %d".formatted(answers.size(), rights.size());
    }
    return "%s, by hand %s".formatted(answer, right);
  }
}
