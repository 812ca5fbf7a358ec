package dev.shardwright.router.internal.sql.write;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.sql.destination.Destination;
import dev.shardwright.router.internal.sql.destination.KeyTest;
import dev.shardwright.router.internal.sql.destination.Operand;
import dev.shardwright.router.internal.sql.destination.ParameterValues;
import dev.shardwright.router.internal.sql.destination.Rule;
import dev.shardwright.router.internal.sql.destination.StatementRoute;
import dev.shardwright.router.internal.sql.destination.StatementRoute.Sharded;
import dev.shardwright.router.internal.sql.functions.Functions;
import dev.shardwright.router.internal.sql.functions.Moments;
import dev.shardwright.router.internal.sql.scan.Binding;
import dev.shardwright.router.internal.sql.scan.Names;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlRefused.Reason;
import dev.shardwright.router.internal.sql.scan.SqlScanner;
import dev.shardwright.router.internal.sql.scan.SqlText;
import dev.shardwright.router.internal.sql.scan.Token;
import dev.shardwright.router.internal.sql.tables.Registered;
import dev.shardwright.router.internal.sql.tree.Nodes;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Topology;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.expression.operators.relational.ExpressionList;
import net.sf.jsqlparser.expression.operators.relational.ParenthesedExpressionList;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.statement.insert.Insert;
import net.sf.jsqlparser.statement.select.Values;

/**
 * The rows that {@code INSERT … VALUES} puts into a sharded table, each with the rule for its
 * place, so that each shard can be sent an INSERT of its own rows. Immutable.
 */
public final class InsertRows implements WriteDivision {
  private static final Set<String> SEQUENCE_FUNCTIONS =
      Set.of("nextval", "currval", "lastval", "setval");

  private final String keyspace;
  private final List<Rule> rules;
  private final SqlText head;
  private final List<SqlText> rows;
  private final SqlText tail;
  private final boolean drawsNumbers;

  private InsertRows(
      String keyspace,
      List<Rule> rules,
      SqlText head,
      List<SqlText> rows,
      SqlText tail,
      boolean drawsNumbers) {
    this.keyspace = keyspace;
    this.rules = List.copyOf(rules);
    this.head = head;
    this.rows = List.copyOf(rows);
    this.tail = tail;
    this.drawsNumbers = drawsNumbers;
  }

  /**
   * Reads the rows.
   *
   * @param table a sharded one, the target of the INSERT
   * @throws SqlRefused if the key of a row is not a constant or a parameter
   */
  public static InsertRows of(
      ParsedStatement statement, Insert insert, Values values, Registered table) {
    OptionalInt key = position(insert, String.valueOf(table.keyColumn()));
    OptionalInt region =
        table.regionColumn() == null ? OptionalInt.empty() : position(insert, table.regionColumn());
    List<Rule> rules = new ArrayList<>();
    for (List<? extends Expression> row : rows(values.getExpressions())) {
      List<Rule> rulesOfRow = new ArrayList<>();
      rulesOfRow.add(new Rule.Key(test(row, key, statement, table, "sharding key")));
      if (table.regionColumn() != null) {
        rulesOfRow.add(new Rule.InRegion(test(row, region, statement, table, "region")));
      }
      rules.add(Rule.and(rulesOfRow));
    }
    return divided(statement, insert, String.valueOf(table.keyspace()), rules);
  }

  /**
   * An INSERT for each shard.
   *
   * @throws SqlRefused if the statement draws numbers of a sequence, of which each shard has
   *     another
   */
  @Override
  public WritePlan plan(Destination destination, ParameterValues values, Topology topology) {
    if (drawsNumbers) {
      throw new SqlRefused(
          Reason.NOT_OVER_SHARDS,
          "over several shards: the numbers of a sequence, of which each shard has its own; draw"
              + " them in the application");
    }
    SortedMap<ShardId, List<Integer>> rowsByShard = new TreeMap<>();
    List<Destination.OneShard> places = new ArrayList<>();
    for (int row = 0; row < rules.size(); row++) {
      Destination.OneShard place = place(rules.get(row), values, topology);
      places.add(place);
      rowsByShard.computeIfAbsent(place.shard(), shard -> new ArrayList<>()).add(row);
    }
    List<ShardWrite> writes = new ArrayList<>();
    for (Map.Entry<ShardId, List<Integer>> entry : rowsByShard.entrySet()) {
      writes.add(
          new ShardWrite(
              together(entry.getKey(), entry.getValue().stream().map(places::get).toList()),
              text(entry.getValue()),
              entry.getValue()));
    }
    return new WritePlan(writes, false);
  }

  private Destination.OneShard place(Rule rule, ParameterValues values, Topology topology) {
    Destination destination =
        new StatementRoute(List.of(new Sharded(keyspace, rule, true)), Set.of(), false)
            .destination(values, topology);
    if (destination instanceof Destination.OneShard one) {
      return one;
    }
    throw new SqlRefused(
        Reason.KEY, "a row to be inserted has no place in keyspace " + keyspace + " for its key");
  }

  private Destination.OneShard together(ShardId shard, List<Destination.OneShard> places) {
    Set<Object> keys = new LinkedHashSet<>();
    Set<Region> regions = new LinkedHashSet<>();
    for (Destination.OneShard place : places) {
      keys.addAll(place.keys());
      regions.add(place.region());
    }
    return new Destination.OneShard(
        keyspace,
        regions.size() == 1 ? regions.iterator().next() : Region.ALL,
        shard,
        List.copyOf(keys));
  }

  private SqlText text(List<Integer> chosen) {
    StringBuilder text = new StringBuilder(head.text());
    List<Binding> bindings = new ArrayList<>(head.bindings());
    String comma = "";
    for (int row : chosen) {
      text.append(comma).append(rows.get(row).text());
      bindings.addAll(rows.get(row).bindings());
      comma = ", ";
    }
    text.append(tail.text());
    bindings.addAll(tail.bindings());
    return new SqlText(text.toString(), bindings);
  }

  /** One row stands there as it is, several in a list. */
  private static List<? extends List<? extends Expression>> rows(ExpressionList<?> values) {
    if (values instanceof ParenthesedExpressionList<?> row) {
      return List.of(row);
    }
    List<List<? extends Expression>> rows = new ArrayList<>();
    for (Object row : values) {
      if (!(row instanceof ParenthesedExpressionList<?> list)) {
        throw new SqlRefused(Reason.NOT_UNDERSTOOD, "a row of VALUES is not understood: " + row);
      }
      rows.add(list);
    }
    return rows;
  }

  private static OptionalInt position(Insert insert, String column) {
    List<Column> columns = insert.getColumns() == null ? List.of() : insert.getColumns();
    for (int i = 0; i < columns.size(); i++) {
      if (Names.fold(columns.get(i).getColumnName()).equals(column)) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  private static KeyTest test(
      List<? extends Expression> row,
      OptionalInt at,
      ParsedStatement statement,
      Registered table,
      String what) {
    Optional<Operand> operand =
        at.isPresent() && at.getAsInt() < row.size()
            ? Operand.of(row.get(at.getAsInt()), statement)
            : Optional.empty();
    return new KeyTest.Is(
        operand.orElseThrow(
            () ->
                new SqlRefused(
                    Reason.KEY,
                    ("a row to be inserted into %s needs its %s before its shard can be known: name"
                            + " the columns, and give it as a constant or a parameter, not as a"
                            + " default or an expression; draw generated keys in the application")
                        .formatted(table.name(), what))));
  }

  /** Cuts the printed statement before the first row, between rows and after the last. */
  private static InsertRows divided(
      ParsedStatement statement, Insert insert, String keyspace, List<Rule> rules) {
    String printed =
        Moments.isIn(insert) ? Moments.bound(statement).of(insert).toString() : insert.toString();
    List<Token> tokens = SqlScanner.rescan(printed);
    int at = firstRow(tokens);
    int headEnd = tokens.get(at).start();
    List<SqlText> rows = new ArrayList<>();
    int end;
    do {
      int close = closing(tokens, at);
      end = tokens.get(close).start() + 1;
      rows.add(statement.printPiece(printed.substring(tokens.get(at).start(), end)));
      at = close + 2;
    } while (at - 1 < tokens.size() && tokens.get(at - 1).isSign(","));
    if (rows.size() != rules.size()) {
      throw new SqlRefused(Reason.NOT_UNDERSTOOD, "the rows of VALUES are not understood");
    }
    return new InsertRows(
        keyspace,
        rules,
        statement.printPiece(printed.substring(0, headEnd)),
        rows,
        statement.printPiece(printed.substring(end)),
        Nodes.all(insert, Function.class).stream()
            .anyMatch(call -> SEQUENCE_FUNCTIONS.contains(Functions.name(call))));
  }

  /** The bracket that opens the first row of the INSERT's own VALUES. */
  private static int firstRow(List<Token> tokens) {
    int depth = 0;
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      depth += token.isSign("(") ? 1 : token.isSign(")") ? -1 : 0;
      if (depth == 0 && token.is("values")) {
        return i + 1;
      }
    }
    throw new SqlRefused(Reason.NOT_UNDERSTOOD, "the rows of VALUES are not understood");
  }

  private static int closing(List<Token> tokens, int opening) {
    int depth = 0;
    for (int i = opening; i < tokens.size(); i++) {
      depth += tokens.get(i).isSign("(") ? 1 : tokens.get(i).isSign(")") ? -1 : 0;
      if (depth == 0) {
        return i;
      }
    }
    throw new SqlRefused(Reason.NOT_UNDERSTOOD, "the rows of VALUES are not understood");
  }
}
