package dev.shardwright.router.internal.sql.keys;

import dev.shardwright.router.internal.sql.keys.JoinTree.Kind;
import dev.shardwright.router.internal.sql.keys.JoinTree.Leaf;
import dev.shardwright.router.internal.sql.keys.JoinTree.Pair;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import net.sf.jsqlparser.expression.AnyComparisonExpression;
import net.sf.jsqlparser.expression.AnyType;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.operators.relational.EqualsTo;
import net.sf.jsqlparser.expression.operators.relational.InExpression;
import net.sf.jsqlparser.statement.select.Select;

/**
 * Teaches the key columns of a block what its WHERE and the conditions of its joins say. A
 * condition that must hold of every row of a join tells about all sides; that of an outer join
 * tells only about the side whose rows it may leave out.
 */
final class JoinConditions {
  private final QueryBlock block;
  private final ConditionReader conditions;

  JoinConditions(QueryBlock block, ConditionReader conditions) {
    this.block = block;
    this.conditions = conditions;
  }

  /**
   * @param where the conjuncts of WHERE
   */
  void learn(JoinTree from, List<Expression> where) {
    Set<Source> forced = new LinkedHashSet<>();
    where.forEach(condition -> conditions.strictSources(condition, block, forced));
    JoinTree reduced = reduced(from, forced);
    markNullable(reduced, false);
    learn(reduced);
    Set<Source> all = reduced.sources();
    where.forEach(condition -> learn(condition, all));
  }

  /**
   * The same with inner joins for outer ones wherever a condition leaves out the rows that would be
   * filled with NULLs.
   *
   * @param forced items of which no row of NULLs can pass
   */
  private JoinTree reduced(JoinTree tree, Set<Source> forced) {
    if (!(tree instanceof Pair pair)) {
      return tree;
    }
    boolean left = meets(pair.left(), forced);
    boolean right = meets(pair.right(), forced);
    Kind kind = pair.kind();
    if ((kind == Kind.LEFT && right) || (kind == Kind.FULL && left && right)) {
      kind = Kind.INNER;
    }
    return switch (kind) {
      case INNER -> {
        Set<Source> more = union(forced, strict(pair));
        yield pair.as(kind, reduced(pair.left(), more), reduced(pair.right(), more));
      }
      case LEFT -> pair.as(kind, reduced(pair.left(), forced), reduced(pair.right(), strict(pair)));
      case FULL -> pair.as(kind, reduced(pair.left(), Set.of()), reduced(pair.right(), Set.of()));
    };
  }

  private Set<Source> strict(Pair pair) {
    Set<Source> strict = new LinkedHashSet<>();
    block.seeing(
        pair.sources(),
        () -> pair.on().forEach(condition -> conditions.strictSources(condition, block, strict)));
    pair.using().forEach(columns -> columns.forEach(column -> strict.add(column.source())));
    return strict;
  }

  private static void markNullable(JoinTree tree, boolean nullable) {
    if (tree instanceof Leaf leaf) {
      if (nullable) {
        leaf.source().setNullable();
      }
    } else if (tree instanceof Pair pair) {
      markNullable(pair.left(), nullable || pair.kind() == Kind.FULL);
      markNullable(pair.right(), nullable || pair.kind() != Kind.INNER);
    }
  }

  private void learn(JoinTree tree) {
    if (!(tree instanceof Pair pair)) {
      return;
    }
    learn(pair.left());
    learn(pair.right());
    Set<Source> about =
        switch (pair.kind()) {
          case INNER -> pair.sources();
          case LEFT -> pair.right().sources();
          case FULL -> Set.of();
        };
    block.seeing(pair.sources(), () -> pair.on().forEach(condition -> learn(condition, about)));
    pair.using().forEach(columns -> equal(columns.get(0), columns.get(1), about));
  }

  /** Learns a condition that every needed row of these items meets. */
  private void learn(Expression condition, Set<Source> about) {
    if (Contradiction.is(condition)) {
      about.forEach(source -> source.columns().values().forEach(c -> c.learn(Condition.none())));
      return;
    }
    Condition told = conditions.read(condition, block).map(of -> only(of, about));
    Set<KeyColumn> columns = new LinkedHashSet<>();
    told.columns(columns::add);
    columns.forEach(column -> column.learn(told));
    for (List<Expression> pair : conditions.equalities(condition)) {
      equal(pair.get(0), pair.get(1), about);
    }
    if (condition instanceof InExpression in
        && !in.isNot()
        && in.getRightExpression() instanceof Select select) {
      among(ConditionReader.members(in.getLeftExpression()), select, about);
    }
    if (condition instanceof EqualsTo equals && equals.getRightExpression() instanceof Select one) {
      KeyColumn mine = ConditionReader.column(equals.getLeftExpression(), block);
      KeyColumn theirs = mine == null ? null : block.compared(one, 0, mine, false);
      if (mine != null && theirs != null && about.contains(mine.source())) {
        theirs.flowTo(mine);
      }
    }
    if (condition instanceof EqualsTo equals
        && equals.getRightExpression() instanceof AnyComparisonExpression any
        && any.getAnyType() != AnyType.ALL) {
      among(ConditionReader.members(equals.getLeftExpression()), any.getSelect(), about);
    }
  }

  private static Condition only(Condition.Of of, Set<Source> about) {
    return about.contains(of.column().source()) ? of : Condition.all();
  }

  private void equal(Expression left, Expression right, Set<Source> about) {
    KeyColumn mine = ConditionReader.column(left, block);
    KeyColumn theirs = ConditionReader.column(right, block);
    if (mine != null && theirs != null) {
      equal(mine, theirs, about);
    }
  }

  private static void equal(KeyColumn mine, KeyColumn theirs, Set<Source> about) {
    if (mine.domain().meets(theirs.domain())) {
      if (about.contains(theirs.source())) {
        mine.flowTo(theirs);
      }
      if (about.contains(mine.source())) {
        theirs.flowTo(mine);
      }
    }
  }

  /** Of {@code (members) in (select …)}, where it must hold. */
  private void among(List<Expression> members, Select select, Set<Source> about) {
    for (int i = 0; i < members.size(); i++) {
      KeyColumn mine = ConditionReader.column(members.get(i), block);
      KeyColumn theirs = mine == null ? null : block.compared(select, i, mine, false);
      KeyColumn filtered = mine == null ? null : block.compared(select, i, mine, true);
      if (mine != null && filtered != null) {
        mine.flowTo(filtered);
      }
      if (mine != null && theirs != null && about.contains(mine.source())) {
        theirs.flowTo(mine);
      }
    }
  }

  private static boolean meets(JoinTree tree, Set<Source> sources) {
    return !Collections.disjoint(tree.sources(), sources);
  }

  private static Set<Source> union(Set<Source> one, Set<Source> other) {
    Set<Source> both = new LinkedHashSet<>(one);
    both.addAll(other);
    return both;
  }
}
