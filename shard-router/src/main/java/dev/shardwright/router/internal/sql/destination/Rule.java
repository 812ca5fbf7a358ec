package dev.shardwright.router.internal.sql.destination;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What is said about the place of the rows of one sharded table that a statement needs. */
public sealed interface Rule {
  /** Nothing: they may be anywhere. */
  record All() implements Rule {}

  /** No row is needed. */
  record None() implements Rule {}

  /** The rows' sharding key meets a test. */
  record Key(KeyTest test) implements Rule {}

  /** The rows' region meets a test. */
  record InRegion(KeyTest test) implements Rule {}

  /** All of these are so. */
  record And(Set<Rule> rules) implements Rule {}

  /** One of these is so. */
  record Or(Set<Rule> rules) implements Rule {}

  Rule ALL = new All();
  Rule NONE = new None();

  static Rule and(List<Rule> rules) {
    Set<Rule> parts = new LinkedHashSet<>();
    for (Rule rule : rules) {
      if (rule instanceof And and) {
        parts.addAll(and.rules());
      } else if (!(rule instanceof All)) {
        parts.add(rule);
      }
    }
    return switch (parts.size()) {
      case 0 -> ALL;
      case 1 -> parts.iterator().next();
      default -> parts.contains(NONE) ? NONE : new And(parts);
    };
  }

  static Rule or(List<Rule> rules) {
    Set<Rule> parts = new LinkedHashSet<>(rules);
    parts.remove(NONE);
    return switch (parts.size()) {
      case 0 -> NONE;
      case 1 -> parts.iterator().next();
      default -> parts.contains(ALL) ? ALL : new Or(parts);
    };
  }
}
