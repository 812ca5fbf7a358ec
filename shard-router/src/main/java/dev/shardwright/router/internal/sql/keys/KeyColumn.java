package dev.shardwright.router.internal.sql.keys;

import dev.shardwright.ring.KeyType;
import dev.shardwright.router.internal.sql.destination.KeyTest;
import dev.shardwright.router.internal.sql.destination.Operand;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A column that holds sharding keys, regions, or constants they may be compared with, at one place
 * where a statement names it.
 *
 * <p>What is known of a column is known of the rows that the statement needs: a row in which it is
 * not so can be left out without a trace. Values <em>flow</em> from one column to another where a
 * needed row of the second has, in that column, a value that a needed row of the first has there:
 * so what is known of the first is known of the second. A column that an outer join may fill with
 * NULL is told apart, as what is known is known of its other values only.
 */
final class KeyColumn {
  /** What its values are compared as. */
  enum Role {
    KEY,
    REGION,
    /** Of a type in which no two keys are equal to one constant. */
    CONSTANT,
    /**
     * Constants of which some come in a type that the caller chooses: as a floating number or a
     * text with blanks, one may be equal to several keys.
     */
    GIVEN
  }

  /**
   * Values that mean the same when they are equal.
   *
   * @param keyspace null for constants
   * @param type null for constants
   */
  record Domain(Role role, @Nullable String keyspace, @Nullable KeyType type) {
    static final Domain CONSTANT = new Domain(Role.CONSTANT, null, null);
    static final Domain GIVEN = new Domain(Role.GIVEN, null, null);

    boolean isConstant() {
      return role == Role.CONSTANT || role == Role.GIVEN;
    }

    /** Whether an equality between two such columns is one of keys, or of regions. */
    boolean meets(Domain other) {
      return isConstant()
          || other.isConstant()
          || (role == other.role && family() == other.family());
    }

    private @Nullable KeyType family() {
      return type == KeyType.SMALLINT || type == KeyType.INTEGER ? KeyType.BIGINT : type;
    }
  }

  private final Domain domain;
  private final Source source;
  private final List<KeyColumn> inner;
  private final boolean ofRows;
  private @Nullable KeyColumn region;
  private final Set<KeyColumn> from = new LinkedHashSet<>();
  private final Set<KeyColumn> to = new LinkedHashSet<>();
  private final List<Condition> facts = new ArrayList<>();

  /**
   * @param inner the columns of a derived table's query that this one shows
   * @param ofRows whether each value is the key of a stored row, of the shard that it is read from
   */
  KeyColumn(Domain domain, Source source, List<KeyColumn> inner, boolean ofRows) {
    this.domain = domain;
    this.source = source;
    this.inner = List.copyOf(inner);
    this.ofRows = ofRows;
  }

  Domain domain() {
    return domain;
  }

  Source source() {
    return source;
  }

  List<KeyColumn> inner() {
    return inner;
  }

  boolean isKeyOfRows() {
    return ofRows && domain.role() == Role.KEY;
  }

  boolean ofRows() {
    return ofRows;
  }

  /** Whether an outer join may put NULL in the place of its values. */
  boolean nullable() {
    return source.nullable() || inner.stream().anyMatch(KeyColumn::nullable);
  }

  /** The region of the row whose key this is, if the keyspace has regions and it is shown. */
  @Nullable KeyColumn region() {
    return region;
  }

  void setRegion(@Nullable KeyColumn region) {
    this.region = region;
  }

  /** What else is equal to a given constant says nothing of a key that is equal to it too. */
  void learn(Condition fact) {
    if (domain.role() != Role.GIVEN) {
      facts.add(fact);
    }
  }

  /** Learns what its values are. */
  void define(Condition values) {
    facts.add(values);
  }

  List<Condition> facts() {
    return facts;
  }

  void flowTo(KeyColumn other) {
    to.add(other);
    other.from.add(this);
  }

  /** This column and those whose values flow to it. */
  Set<KeyColumn> origins() {
    return origins(column -> true);
  }

  /** The same, by ways over such columns only. */
  Set<KeyColumn> origins(Predicate<KeyColumn> over) {
    return closure(column -> column.from, over);
  }

  /** This column and those that its values flow to. */
  Set<KeyColumn> reached() {
    return reached(column -> true);
  }

  /** The same, by ways over such columns only. */
  Set<KeyColumn> reached(Predicate<KeyColumn> over) {
    return closure(column -> column.to, over);
  }

  private Set<KeyColumn> closure(
      Function<KeyColumn, Set<KeyColumn>> next, Predicate<KeyColumn> over) {
    Set<KeyColumn> found = new LinkedHashSet<>();
    Deque<KeyColumn> open = new ArrayDeque<>(List.of(this));
    while (!open.isEmpty()) {
      KeyColumn column = open.remove();
      if (over.test(column) && found.add(column)) {
        next.apply(column).stream().filter(column::leadsTo).forEach(open::add);
      }
    }
    return Collections.unmodifiableSet(found);
  }

  /** Given constants lead to the same constants only. */
  private boolean leadsTo(KeyColumn other) {
    return domain.role() != Role.GIVEN || inner.contains(other) || other.inner.contains(this);
  }

  /** All that is known of this column's values, said of another column. */
  Condition known(KeyColumn as) {
    List<Condition> known = new ArrayList<>();
    for (KeyColumn origin : origins()) {
      origin.facts.forEach(fact -> known.add(fact.on(origin, as)));
    }
    return Condition.and(known);
  }

  /** The values that conditions within a block say it has, each for all rows. */
  Set<Operand> pins(QueryBlock within) {
    Set<Operand> pins = new LinkedHashSet<>();
    for (KeyColumn origin : origins(column -> column.source().block().isWithin(within))) {
      origin.facts.forEach(fact -> addPins(fact, origin, pins));
    }
    return pins;
  }

  private static void addPins(Condition fact, KeyColumn of, Set<Operand> pins) {
    if (fact instanceof Condition.And and) {
      and.parts().forEach(part -> addPins(part, of, pins));
    } else if (fact instanceof Condition.Of is
        && is.column().equals(of)
        && is.test() instanceof KeyTest.Is test) {
      pins.add(test.operand());
    }
  }
}
