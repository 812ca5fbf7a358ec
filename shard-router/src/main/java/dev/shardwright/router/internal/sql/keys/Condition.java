package dev.shardwright.router.internal.sql.keys;

import dev.shardwright.router.internal.sql.destination.KeyTest;
import dev.shardwright.router.internal.sql.destination.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/** What a condition of a statement says of key columns; what it says beyond that is left out. */
sealed interface Condition {
  /** Nothing. */
  record All() implements Condition {}

  /** That there are no rows. */
  record None() implements Condition {}

  record Of(KeyColumn column, KeyTest test) implements Condition {}

  record And(List<Condition> parts) implements Condition {}

  record Or(List<Condition> parts) implements Condition {}

  static Condition all() {
    return new All();
  }

  static Condition none() {
    return new None();
  }

  static Condition and(List<Condition> parts) {
    List<Condition> telling = new ArrayList<>();
    for (Condition part : parts) {
      if (!(part instanceof All)) {
        telling.add(part);
      }
    }
    return telling.isEmpty() ? all() : telling.size() == 1 ? telling.get(0) : new And(telling);
  }

  static Condition or(List<Condition> parts) {
    for (Condition part : parts) {
      if (part instanceof All) {
        return all();
      }
    }
    return parts.size() == 1 ? parts.get(0) : new Or(parts);
  }

  /** Each single thing that it says. */
  default void each(Consumer<Of> to) {
    if (this instanceof Of of) {
      to.accept(of);
    } else if (this instanceof And and) {
      and.parts().forEach(part -> part.each(to));
    } else if (this instanceof Or or) {
      or.parts().forEach(part -> part.each(to));
    }
  }

  /** The columns it speaks of. */
  default void columns(Consumer<KeyColumn> to) {
    each(of -> to.accept(of.column()));
  }

  /** What it says of one column, said of another. */
  default Condition on(KeyColumn column, KeyColumn as) {
    return map(of -> of.column().equals(column) ? new Of(as, of.test()) : all());
  }

  default Condition map(Function<Of, Condition> each) {
    if (this instanceof Of of) {
      return each.apply(of);
    }
    if (this instanceof And and) {
      return and(and.parts().stream().map(part -> part.map(each)).toList());
    }
    if (this instanceof Or or) {
      return or(or.parts().stream().map(part -> part.map(each)).toList());
    }
    return this;
  }

  /** The rule about rows whose key or region the columns are. */
  default Rule rule(Function<Of, Rule> each) {
    if (this instanceof Of of) {
      return each.apply(of);
    }
    if (this instanceof And and) {
      return Rule.and(and.parts().stream().map(part -> part.rule(each)).toList());
    }
    if (this instanceof Or or) {
      return Rule.or(or.parts().stream().map(part -> part.rule(each)).toList());
    }
    return this instanceof None ? Rule.NONE : Rule.ALL;
  }
}
