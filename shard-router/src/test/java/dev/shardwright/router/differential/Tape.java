package dev.shardwright.router.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The choices from which something is generated: drawn at random and remembered, or given. What was
 * generated becomes simpler as choices are left out or become smaller, so that every generator
 * shrinks without knowing how; the first of several choices should be the simplest.
 */
final class Tape {
  private final List<Integer> given;
  private final SplittableRandom random;
  private final boolean drawing;
  private final List<Integer> choices = new ArrayList<>();

  private Tape(List<Integer> given, SplittableRandom random, boolean drawing) {
    this.given = given;
    this.random = random;
    this.drawing = drawing;
  }

  /** Choices drawn at random. */
  static Tape drawn(long seed) {
    return new Tape(List.of(), new SplittableRandom(seed), true);
  }

  /** These choices, and the first of several wherever more are needed. */
  static Tape of(List<Integer> given) {
    return new Tape(given, new SplittableRandom(0), false);
  }

  /** What was chosen so far. */
  List<Integer> choices() {
    return List.copyOf(choices);
  }

  /** A number from 0. */
  int below(int bound) {
    int place = choices.size();
    int choice;
    if (drawing) {
      choice = random.nextInt(bound);
    } else {
      choice = place < given.size() ? Math.min(given.get(place), bound - 1) : 0;
    }
    choices.add(choice);
    return choice;
  }

  /** True in so many of a hundred cases; false is the simple one. */
  boolean chance(int percent) {
    return below(100) >= 100 - percent;
  }

  <T> T one(List<T> of) {
    return of.get(below(of.size()));
  }

  @SafeVarargs
  @SuppressWarnings("varargs") // only read
  final <T> T one(T... of) {
    return of[below(of.length)];
  }
}
