package dev.shardwright.router.internal.sql.keys;

import dev.shardwright.router.internal.sql.scan.Names;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.sf.jsqlparser.expression.operators.relational.InExpression;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.Select;
import org.jspecify.annotations.Nullable;

/**
 * A query block, or the like of it in a write: what its FROM names, and how column names are
 * understood in it. A block that is read in two places, as that of a CTE, is two of these.
 */
final class QueryBlock {
  private final @Nullable PlainSelect select;
  private final @Nullable QueryBlock outer;
  private final @Nullable QueryBlock parent;
  private final Ctes ctes;
  private final List<Source> sources = new ArrayList<>();
  private final Map<String, Optional<KeyColumn>> merged = new HashMap<>();
  private final IdentityHashMap<Select, Output> subqueries = new IdentityHashMap<>();
  private final List<Membership> memberships = new ArrayList<>();

  /** The items of FROM among which names are looked up at the place that is being read. */
  private Collection<Source> visible = sources;

  /** Those of the block around, at the place where this block stands. */
  private final List<Source> visibleOutside;

  private boolean obscure;
  private boolean natural;
  private boolean choosy;
  private boolean rounding;
  private boolean changing;

  /**
   * @param select the block in the tree; null for a write
   * @param outer where names are looked up that this block does not have
   * @param parent the block within which this one is worked out
   * @param ctes the CTEs that it sees
   */
  QueryBlock(
      @Nullable PlainSelect select,
      @Nullable QueryBlock outer,
      @Nullable QueryBlock parent,
      Ctes ctes) {
    this.select = select;
    this.outer = outer;
    this.parent = parent;
    this.ctes = ctes;
    this.visibleOutside = outer == null ? List.of() : List.copyOf(outer.visible);
  }

  /** An {@code in (select …)}, and the items of FROM that it sees. */
  record Membership(InExpression in, Set<Source> visible) {}

  /** Reads something that sees only these items of FROM, as a condition of a join does. */
  void seeing(Set<Source> items, Runnable reading) {
    Collection<Source> before = visible;
    visible = items;
    reading.run();
    visible = before;
  }

  @Nullable PlainSelect select() {
    return select;
  }

  @Nullable QueryBlock outer() {
    return outer;
  }

  Ctes ctes() {
    return ctes;
  }

  List<Source> sources() {
    return sources;
  }

  /** The subqueries read so far in its expressions. */
  IdentityHashMap<Select, Output> subqueries() {
    return subqueries;
  }

  /**
   * The key column at that place of a subquery's rows, if it can be compared with one of this
   * block.
   *
   * @param filters whether rows of the subquery can be left out by it
   */
  @Nullable KeyColumn compared(Select subquery, int place, KeyColumn with, boolean filters) {
    Output output = subqueries.get(subquery);
    Output.Shown shown = output == null ? null : output.at(place);
    if (shown == null || shown.column() == null || (filters && !shown.filters())) {
      return null;
    }
    return with.domain().meets(shown.column().domain()) ? shown.column() : null;
  }

  /** Where its expressions say {@code in (select …)}. */
  List<Membership> memberships() {
    return memberships;
  }

  void addMembership(InExpression in) {
    memberships.add(new Membership(in, new LinkedHashSet<>(visible)));
  }

  /** Keys of stored rows by which this block's rows can be told apart, before it groups them. */
  List<KeyColumn> anchors() {
    List<KeyColumn> anchors = new ArrayList<>();
    for (Source source : sources) {
      if (!source.nullable()) {
        source.anchors().stream().filter(anchor -> !anchor.nullable()).forEach(anchors::add);
      }
    }
    return anchors;
  }

  boolean isWithin(QueryBlock other) {
    QueryBlock block = this;
    while (block != null) {
      if (block.equals(other)) {
        return true;
      }
      block = block.parent;
    }
    return false;
  }

  /** From now on no name can be understood for certain. */
  void setObscure() {
    obscure = true;
  }

  /** From now on any name without a table may be that of a column that a join has merged. */
  void setNatural() {
    natural = true;
  }

  /** Whether the same rows may give different answers, as with LIMIT. */
  boolean isChoosy() {
    return choosy;
  }

  void setChoosy() {
    choosy = true;
  }

  /** Whether the same rows may give answers whose last digits differ, as sums of floats do. */
  boolean isRounding() {
    return rounding;
  }

  void setRounding() {
    rounding = true;
  }

  /** Whether it changes rows. */
  boolean isChanging() {
    return changing;
  }

  void setChanging() {
    changing = true;
  }

  /** The table that is changed. */
  Source target() {
    return sources.get(0);
  }

  /** A column of USING, under whose name no other is meant; empty if its values are not known. */
  void merge(String name, @Nullable KeyColumn column) {
    merged.put(name, Optional.ofNullable(column));
  }

  Map<String, Optional<KeyColumn>> merged() {
    return merged;
  }

  /**
   * The key column that is meant here, in this block or one around it; null if it is none, or not
   * certain.
   */
  @Nullable KeyColumn column(Column written) {
    if (!isPlain(written)) {
      return null;
    }
    String name = Names.fold(written.getColumnName());
    Table qualifier = written.getTable();
    QueryBlock block = this;
    Collection<Source> items = visible;
    while (block != null && !block.obscure) {
      if (qualifier != null) {
        Source source = source(qualifier, items);
        if (source != null) {
          return source.column(name);
        }
      } else if (!items.stream().allMatch(source -> source.surelyLacks(name))) {
        return block.unqualified(name, items);
      }
      items = block.visibleOutside;
      block = block.outer;
    }
    return null;
  }

  /** The item of FROM that a column is of; null if it is not of this block, or not certain. */
  @Nullable Source sourceOf(Column written) {
    if (!isPlain(written) || obscure) {
      return null;
    }
    if (written.getTable() != null) {
      return source(written.getTable(), visible);
    }
    String name = Names.fold(written.getColumnName());
    if (natural || merged.containsKey(name)) {
      return null;
    }
    List<Source> having = visible.stream().filter(source -> source.surelyHas(name)).toList();
    return having.size() == 1 ? having.get(0) : null;
  }

  private @Nullable KeyColumn unqualified(String name, Collection<Source> items) {
    Optional<KeyColumn> together = merged.get(name);
    if (together != null) {
      return together.filter(column -> items.contains(column.source())).orElse(null);
    }
    // Two would be an error in PostgreSQL; one that only may have it too, as well.
    List<Source> having = items.stream().filter(source -> source.surelyHas(name)).toList();
    return having.size() == 1 ? having.get(0).column(name) : null;
  }

  private static @Nullable Source source(Table qualifier, Collection<Source> items) {
    String schema = qualifier.getSchemaName();
    String foldedSchema = schema == null ? null : Names.fold(schema);
    String name = Names.fold(qualifier.getName());
    for (Source source : items) {
      if (source.isCalled(foldedSchema, name)) {
        return source;
      }
    }
    return null;
  }

  private static boolean isPlain(Column written) {
    Table qualifier = written.getTable();
    return written.getArrayConstructor() == null
        && ".".equals(written.getTableDelimiter())
        && (qualifier == null || qualifier.getNameParts().size() <= 2)
        && !Names.isValue(written.getColumnName());
  }
}
