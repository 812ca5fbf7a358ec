package dev.shardwright.router.internal.sql;

import java.util.ArrayList;
import java.util.List;

/** What is said about the place of the rows of one sharded table that a statement needs. */
sealed interface Rule {
  /** Nothing: they may be anywhere. */
  record All() implements Rule {}

  /** No row is needed. */
  record None() implements Rule {}

  /** The rows' sharding key meets a test. */
  record Key(KeyTest test) implements Rule {}

  /** The rows' region meets a test. */
  record InRegion(KeyTest test) implements Rule {}

  /** All of these are so. */
  record And(List<Rule> rules) implements Rule {}

  /** One of these is so. */
  record Or(List<Rule> rules) implements Rule {}

  Rule ALL = new All();
  Rule NONE = new None();

  static Rule and(List<Rule> rules) {
    List<Rule> parts = new ArrayList<>();
    for (Rule rule : rules) {
      if (rule instanceof And and) {
        parts.addAll(and.rules());
      } else if (!rule.equals(ALL) && !parts.contains(rule)) {
        parts.add(rule);
      }
    }
    return switch (parts.size()) {
      case 0 -> ALL;
      case 1 -> parts.get(0);
      default -> parts.contains(NONE) ? NONE : new And(List.copyOf(parts));
    };
  }

  static Rule or(List<Rule> rules) {
    if (rules.contains(ALL)) {
      return ALL;
    }
    List<Rule> parts = rules.stream().filter(rule -> !rule.equals(NONE)).distinct().toList();
    return switch (parts.size()) {
      case 0 -> NONE;
      case 1 -> parts.get(0);
      default -> new Or(parts);
    };
  }
}
