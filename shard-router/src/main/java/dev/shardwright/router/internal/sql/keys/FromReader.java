package dev.shardwright.router.internal.sql.keys;

import dev.shardwright.ring.KeyType;
import dev.shardwright.router.internal.sql.destination.KeyTest;
import dev.shardwright.router.internal.sql.destination.Operand;
import dev.shardwright.router.internal.sql.keys.JoinTree.Kind;
import dev.shardwright.router.internal.sql.keys.JoinTree.Leaf;
import dev.shardwright.router.internal.sql.keys.JoinTree.Pair;
import dev.shardwright.router.internal.sql.keys.KeyColumn.Domain;
import dev.shardwright.router.internal.sql.keys.KeyColumn.Role;
import dev.shardwright.router.internal.sql.scan.Names;
import dev.shardwright.router.internal.sql.tables.Registered;
import dev.shardwright.router.internal.sql.tables.Registrations;
import dev.shardwright.router.internal.sql.tables.SearchPath;
import dev.shardwright.router.internal.sql.tree.Expressions;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import dev.shardwright.router.internal.sql.tree.Unsupported;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.sf.jsqlparser.expression.Alias;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.select.FromItem;
import net.sf.jsqlparser.statement.select.Join;
import net.sf.jsqlparser.statement.select.LateralSubSelect;
import net.sf.jsqlparser.statement.select.ParenthesedFromItem;
import net.sf.jsqlparser.statement.select.ParenthesedSelect;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.TableFunction;
import net.sf.jsqlparser.statement.select.Values;
import org.jspecify.annotations.Nullable;

/** Reads what stands in FROM. */
final class FromReader {
  private final QueryReader queries;
  private final ParsedStatement statement;
  private final SearchPath path;
  private final Registrations registrations;

  FromReader(
      QueryReader queries,
      ParsedStatement statement,
      SearchPath path,
      Registrations registrations) {
    this.queries = queries;
    this.statement = statement;
    this.path = path;
    this.registrations = registrations;
  }

  /** Reads the items into the block and says how they are joined. */
  JoinTree read(FromItem first, @Nullable List<Join> joins, QueryBlock block) {
    JoinTree before = null;
    JoinTree current = item(first, block);
    for (Join join : joins == null ? List.<Join>of() : joins) {
      Unsupported.check(join);
      JoinTree right = item(join.getFromItem(), block);
      if (join.isSimple()) {
        // A comma binds less than any other join.
        before = cross(before, current);
        current = right;
      } else {
        current = join(join, current, right, block);
      }
    }
    return cross(before, current);
  }

  private static JoinTree cross(@Nullable JoinTree left, JoinTree right) {
    return left == null ? right : new Pair(Kind.INNER, left, right, List.of(), List.of());
  }

  private JoinTree join(Join join, JoinTree left, JoinTree right, QueryBlock block) {
    Set<Source> sides = new LinkedHashSet<>(left.sources());
    sides.addAll(right.sources());
    block.seeing(sides, () -> join.getOnExpressions().forEach(on -> queries.expression(on, block)));
    List<Expression> on = new ArrayList<>();
    join.getOnExpressions().forEach(each -> on.addAll(Expressions.conjuncts(each)));
    Set<String> names = new LinkedHashSet<>();
    if (join.isNatural()) {
      block.setNatural();
      left.sources().forEach(source -> names.addAll(source.columns().keySet()));
      right.sources().forEach(source -> names.addAll(source.columns().keySet()));
      names.removeIf(name -> surelyLacks(left, name) || surelyLacks(right, name));
    } else if (join.getUsingColumns() != null) {
      join.getUsingColumns().forEach(column -> names.add(Names.fold(column.getColumnName())));
    }
    Kind kind = join.isFull() ? Kind.FULL : isOuter(join) ? Kind.LEFT : Kind.INNER;
    List<List<KeyColumn>> using = new ArrayList<>();
    for (String name : names) {
      KeyColumn mine = common(name, left, block);
      KeyColumn theirs = common(name, right, block);
      if (mine != null && theirs != null) {
        using.add(join.isRight() ? List.of(theirs, mine) : List.of(mine, theirs));
      }
      block.merge(name, join.isRight() ? merged(theirs, mine, kind) : merged(mine, theirs, kind));
    }
    return join.isRight()
        ? new Pair(kind, right, left, on, using)
        : new Pair(kind, left, right, on, using);
  }

  /**
   * The key column that is meant by a name of USING. Both sides have to be keys: one that is none
   * may say how the merged column is compared, as another type or by another collation.
   */
  private static @Nullable KeyColumn merged(
      @Nullable KeyColumn kept, @Nullable KeyColumn other, Kind kind) {
    boolean keys =
        kept != null
            && other != null
            && isOfKeys(kept)
            && isOfKeys(other)
            && kept.domain().meets(other.domain());
    return keys && kind != Kind.FULL ? kept : null;
  }

  private static boolean isOfKeys(KeyColumn column) {
    return !column.domain().isConstant();
  }

  private static boolean surelyLacks(JoinTree side, String name) {
    return side.sources().stream().allMatch(source -> source.surelyLacks(name));
  }

  private static boolean isOuter(Join join) {
    return join.isLeft() || join.isRight();
  }

  private static @Nullable KeyColumn common(String name, JoinTree side, QueryBlock block) {
    Set<Source> sources = side.sources();
    Optional<KeyColumn> merged = block.merged().getOrDefault(name, Optional.empty());
    if (merged.isPresent() && sources.contains(merged.get().source())) {
      return merged.get();
    }
    if (sources.size() > 1 && block.merged().containsKey(name)) {
      return null; // it may be the column that a join within this side has merged
    }
    List<KeyColumn> found = new ArrayList<>();
    for (Source source : sources) {
      KeyColumn column = source.column(name);
      if (column != null) {
        found.add(column);
      }
    }
    return found.size() == 1 ? found.get(0) : null;
  }

  private JoinTree item(FromItem item, QueryBlock block) {
    if (item instanceof ParenthesedFromItem inner && inner.getAlias() == null) {
      Unsupported.check(item);
      return read(inner.getFromItem(), inner.getJoins(), block);
    }
    Source source = source(item, block);
    block.sources().add(source);
    return new Leaf(source);
  }

  private Source source(FromItem item, QueryBlock block) {
    if (item instanceof Table table) {
      return table(table, block);
    }
    Unsupported.check(item);
    if (item.getClass() == TableFunction.class) {
      return function((TableFunction) item, block);
    }
    if (item.getClass() == ParenthesedSelect.class) {
      Output output = queries.query((Select) item, block.ctes(), block.outer(), block);
      return derived(output, item.getAlias(), block);
    }
    if (item.getClass() == LateralSubSelect.class) {
      Unsupported.refuse(item, !"lateral".equalsIgnoreCase(((LateralSubSelect) item).getPrefix()));
      return derived(
          queries.query((Select) item, block.ctes(), block, block), item.getAlias(), block);
    }
    if (item.getClass() == ParenthesedFromItem.class) {
      return renamed((ParenthesedFromItem) item, block);
    }
    throw Expressions.notUnderstood(item);
  }

  /** {@code (values …) as v}, or a join under a name of its own, which hides all within. */
  private Source renamed(ParenthesedFromItem item, QueryBlock block) {
    boolean alone = !Unsupported.any(item.getJoins());
    if (alone && item.getFromItem() instanceof Values values) {
      Output output = queries.query(values, block.ctes(), block.outer(), block);
      return derived(output, item.getAlias(), block);
    }
    QueryBlock hidden = queries.newBlock(null, null, block, block.ctes());
    hidden.setObscure();
    read(item.getFromItem(), item.getJoins(), hidden);
    return new Source(block, name(item.getAlias()), null, null);
  }

  private Source function(TableFunction item, QueryBlock block) {
    Function function = item.getFunction();
    queries.expression(function, block);
    String name = name(item.getAlias());
    if (!"unnest".equalsIgnoreCase(function.getName())
        || function.getParameters() == null
        || function.getParameters().size() != 1
        || name == null
        || item.getWithClause() != null) {
      return new Source(block, name, null, null);
    }
    List<String> columns = columns(item.getAlias());
    String column = columns.isEmpty() ? name : columns.get(0);
    Optional<Operand> array =
        Operand.of(function.getParameters().get(0), statement)
            .filter(operand -> operand.casts().stream().allMatch(Operand.Cast::array));
    if (array.isEmpty()) {
      // Rows of a composite type become columns with the names that the type has.
      return new Source(block, name, null, null);
    }
    Source source = new Source(block, name, null, Set.of(column));
    source.put(
        column, QueryReader.constant(source, List.of(array.get()), new KeyTest.AnyOf(array.get())));
    return source;
  }

  private Source table(Table table, QueryBlock block) {
    Unsupported.check(table);
    if (table.getSampleClause() != null) {
      block.setChoosy();
    }
    if (table.getSchemaName() == null) {
      Cte cte = block.ctes().find(Names.fold(table.getName()));
      if (cte != null) {
        return cte(cte, table, block);
      }
    }
    return stored(table, block);
  }

  /** A registered table. */
  Source stored(Table table, QueryBlock block) {
    Registered registered = registrations.find(table, path);
    Alias alias = table.getAlias();
    Source source =
        alias == null
            ? new Source(block, registered.name().name(), registered.name(), null)
            : new Source(block, name(alias), null, null);
    // Columns that the alias gives names to are at places that are not known here.
    boolean named = columns(alias).isEmpty();
    KeyColumn key = null;
    KeyColumn region = null;
    if (registered.keyColumn() != null) {
      Domain domain = new Domain(Role.KEY, registered.keyspace(), registered.keyType());
      key = column(domain, registered.keyColumn(), source, named);
      source.anchors().add(key);
    }
    if (key != null && registered.regionColumn() != null) {
      Domain domain = new Domain(Role.REGION, registered.keyspace(), KeyType.TEXT);
      region = column(domain, registered.regionColumn(), source, named);
      key.setRegion(region);
    }
    queries.uses().add(new Use(registered, table, source, key, region));
    return source;
  }

  private static KeyColumn column(Domain domain, String name, Source source, boolean named) {
    KeyColumn column = new KeyColumn(domain, source, List.of(), true);
    if (named) {
      source.put(name, column);
    }
    return column;
  }

  private Source cte(Cte cte, Table table, QueryBlock block) {
    Alias alias = table.getAlias() == null ? new Alias(table.getName()) : table.getAlias();
    if (cte instanceof Cte.Query query) {
      return derived(rows(query, block), alias, block);
    }
    if (cte instanceof Cte.Change change) {
      return derived(change.returned, alias, block);
    }
    if (cte instanceof Cte.Itself itself) {
      itself.shown = itself.base.renamed(columns(alias));
      itself.source = round(itself.shown, name(alias), block);
      return itself.source;
    }
    throw Expressions.notUnderstood(table);
  }

  /** The rows of a CTE that is named in that block; each time it is read anew. */
  Output rows(Cte.Query cte, @Nullable QueryBlock parent) {
    cte.named = true;
    Output output =
        cte.recursive
            ? new SetOperations(queries).recursive(cte, parent)
            : queries.query(cte.body, cte.ctes, cte.outer, parent);
    return output.renamed(cte.columns);
  }

  /** The rows of the last round of a recursive CTE; of what they have, nothing is known yet. */
  private static Source round(Output base, @Nullable String name, QueryBlock block) {
    Source source = new Source(block, name, null, base.names());
    for (Output.Shown each : base.columns()) {
      if (each.column() != null && each.name() != null) {
        source.put(each.name(), new KeyColumn(each.column().domain(), source, List.of(), false));
      }
    }
    return source;
  }

  /** A table made of the rows of a query. */
  Source derived(Output shown, @Nullable Alias alias, QueryBlock block) {
    Output output = shown.renamed(columns(alias));
    Source source = new Source(block, name(alias), null, output.names());
    Set<String> seen = new HashSet<>();
    Set<String> twice = new HashSet<>();
    output.columns().forEach(each -> addName(each.name(), seen, twice));
    for (Output.Shown each : output.columns()) {
      KeyColumn inner = each.column();
      if (inner != null && each.name() != null && !twice.contains(each.name())) {
        KeyColumn column = new KeyColumn(inner.domain(), source, List.of(inner), inner.ofRows());
        inner.flowTo(column);
        if (each.filters()) {
          column.flowTo(inner);
        }
        source.put(each.name(), column);
      }
    }
    pairRegions(source.columns());
    source.anchors().addAll(output.anchors());
    source.columns().values().stream()
        .filter(KeyColumn::isKeyOfRows)
        .forEach(source.anchors()::add);
    return source;
  }

  /** A key and a region of the same row are so from outside too. */
  static void pairRegions(Map<String, KeyColumn> columns) {
    for (KeyColumn key : columns.values()) {
      for (KeyColumn region : columns.values()) {
        if (isRegion(key.inner(), region.inner())) {
          key.setRegion(region);
        }
      }
    }
  }

  private static boolean isRegion(List<KeyColumn> keys, List<KeyColumn> regions) {
    if (keys.isEmpty() || keys.size() != regions.size()) {
      return false;
    }
    for (int i = 0; i < keys.size(); i++) {
      if (!regions.get(i).equals(keys.get(i).region())) {
        return false;
      }
    }
    return true;
  }

  private static void addName(@Nullable String name, Set<String> seen, Set<String> twice) {
    if (name != null && !seen.add(name)) {
      twice.add(name);
    }
  }

  private static @Nullable String name(@Nullable Alias alias) {
    return alias == null ? null : Names.fold(alias.getName());
  }

  private static List<String> columns(@Nullable Alias alias) {
    List<String> names = new ArrayList<>();
    if (alias != null && alias.getAliasColumns() != null) {
      alias.getAliasColumns().forEach(column -> names.add(Names.fold(column.name)));
    }
    return names;
  }
}
