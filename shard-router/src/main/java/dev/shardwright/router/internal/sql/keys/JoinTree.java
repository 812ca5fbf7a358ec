package dev.shardwright.router.internal.sql.keys;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import net.sf.jsqlparser.expression.Expression;

/** How the items of a FROM are joined. */
sealed interface JoinTree {
  /** What becomes of rows without a partner. */
  enum Kind {
    /** They are left out; a cross join too. */
    INNER,
    /** Those of the left side stay. A right join is one of these with its sides changed. */
    LEFT,
    /** Those of both sides stay. Stands, too, for a join of which nothing is known. */
    FULL
  }

  /** One item. */
  record Leaf(Source source) implements JoinTree {
    @Override
    public void addSources(Set<Source> to) {
      to.add(source);
    }
  }

  /**
   * Two sides.
   *
   * @param on the conditions, all of which must hold
   * @param using pairs of columns that must be equal, the left side's first
   */
  record Pair(
      Kind kind, JoinTree left, JoinTree right, List<Expression> on, List<List<KeyColumn>> using)
      implements JoinTree {
    @Override
    public void addSources(Set<Source> to) {
      left.addSources(to);
      right.addSources(to);
    }

    Pair as(Kind other, JoinTree newLeft, JoinTree newRight) {
      return new Pair(other, newLeft, newRight, on, using);
    }
  }

  void addSources(Set<Source> to);

  default Set<Source> sources() {
    Set<Source> sources = new LinkedHashSet<>();
    addSources(sources);
    return sources;
  }
}
