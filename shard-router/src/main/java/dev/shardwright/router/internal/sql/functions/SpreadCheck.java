package dev.shardwright.router.internal.sql.functions;

import static com.google.common.collect.ImmutableSet.toImmutableSet;

import com.google.common.base.Ascii;
import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableSet;
import dev.shardwright.router.internal.sql.scan.Literal;
import dev.shardwright.router.internal.sql.scan.Names;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlRefused.Reason;
import dev.shardwright.router.internal.sql.tables.TableUse;
import dev.shardwright.router.internal.sql.tree.FromItems;
import dev.shardwright.router.internal.sql.tree.Nodes;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import net.sf.jsqlparser.expression.AnalyticExpression;
import net.sf.jsqlparser.expression.CastExpression;
import net.sf.jsqlparser.expression.DateTimeLiteralExpression;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.expression.JsonAggregateFunction;
import net.sf.jsqlparser.expression.JsonExpression;
import net.sf.jsqlparser.expression.RowGetExpression;
import net.sf.jsqlparser.expression.StringValue;
import net.sf.jsqlparser.expression.operators.relational.ComparisonOperator;
import net.sf.jsqlparser.expression.operators.relational.InExpression;
import net.sf.jsqlparser.expression.operators.relational.LikeExpression;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.select.FromItem;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.SampleClause;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.TableFunction;
import net.sf.jsqlparser.statement.select.WithItem;

/**
 * Refuses what has no exact answer over several shards, however it is put together: what differs
 * from shard to shard, and what may not be repeated.
 */
public final class SpreadCheck {
  private static final ImmutableSet<String> SYSTEM_COLUMNS =
      ImmutableSet.of("ctid", "xmin", "xmax", "cmin", "cmax", "tableoid");

  private static final ImmutableSet<String> SESSION_WORDS =
      ImmutableSet.of(
          "current_catalog",
          "current_role",
          "current_schema",
          "current_user",
          "session_user",
          "system_user",
          "user");

  private static final ImmutableSet<String> CATALOG_NUMBERS =
      ImmutableSet.of(
          "regclass",
          "regcollation",
          "regconfig",
          "regdictionary",
          "regnamespace",
          "regoper",
          "regoperator",
          "regproc",
          "regprocedure",
          "regrole",
          "regtype");

  /** What the names of types begin with that hold times, ranges and arrays of them included. */
  private static final ImmutableSet<String> TIMES =
      ImmutableSet.of("date", "time", "tsmultirange", "tsrange", "tstz");

  private static final Splitter WORDS = Splitter.on(CharMatcher.inRange('a', 'z').negate());

  /** Words that may stand among others, as in {@code today 12:00}. */
  private static final ImmutableSet<String> MOVING_TIMES =
      ImmutableSet.of("now", "today", "tomorrow", "yesterday");

  private final ParsedStatement statement;

  private SpreadCheck(ParsedStatement statement) {
    this.statement = statement;
  }

  /**
   * Looks at every node of a query.
   *
   * @throws SqlRefused naming the first thing that has no exact answer
   */
  public static void check(ParsedStatement statement, List<TableUse> uses) {
    if (uses.stream().anyMatch(use -> use.kind() == TableUse.Kind.SINGLE)) {
      throw refused(
          "a table of a keyspace that is not sharded cannot be joined with sharded tables; query"
              + " them one after the other");
    }
    checkNodes(statement);
    checkTables(statement, uses.stream().map(TableUse::node).toList());
  }

  /**
   * Looks at every node, but not at which tables there are.
   *
   * @throws SqlRefused naming the first thing that has no exact answer
   */
  public static void checkNodes(ParsedStatement statement) {
    SpreadCheck check = new SpreadCheck(statement);
    Nodes.all(statement.tree(), Object.class).forEach(check::look);
  }

  /**
   * Looks at every node of a query that one shard answers, with a moment that is not its own.
   *
   * @throws SqlRefused naming the first thing that would have another
   */
  public static void checkMoments(ParsedStatement statement) {
    SpreadCheck check = new SpreadCheck(statement);
    Nodes.all(statement.tree(), Object.class).forEach(check::lookForMoments);
  }

  /**
   * The last net: of a table that nobody saw, one shard's rows would be taken for all.
   *
   * @throws SqlRefused naming the first table in a FROM that is not among those known
   */
  public static void checkTables(ParsedStatement statement, List<Table> known) {
    Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    seen.addAll(known);
    Set<String> queries =
        Nodes.all(statement.tree(), WithItem.class).stream()
            .map(item -> Names.fold(item.getAlias().getName()))
            .collect(toImmutableSet());
    for (FromItem item : FromItems.below(statement.tree())) {
      if (item instanceof Table table
          && !seen.contains(table)
          && !(table.getSchemaName() == null && queries.contains(Names.fold(table.getName())))) {
        throw new SqlRefused(
            Reason.NOT_UNDERSTOOD,
            "the place of %s in FROM is not understood; write it in another way".formatted(table));
      }
    }
  }

  /** Whether calls of that name give the same on all shards at all times. */
  public static boolean isAlike(String function) {
    return Functions.isHarmless(function)
        && !Moments.isMoment(function)
        && !function.equals("age"); // of one time, it is the age today
  }

  /** Whether an unquoted word, in small letters, stands for what each shard says for itself. */
  public static boolean isOwnToEach(String word) {
    return SESSION_WORDS.contains(word) || Moments.isMoment(word);
  }

  /** Whether a text, as a time, is another at each moment. */
  public static boolean isMoving(String text) {
    return WORDS.splitToStream(Ascii.toLowerCase(text)).anyMatch(MOVING_TIMES::contains);
  }

  private void look(Object node) {
    lookForMoments(node);
    if (node instanceof Function call && !(call instanceof TableFunction)) {
      called(Functions.name(call));
      if (call.getParameters() != null && call.getParameters().size() == 1) {
        cast(Functions.name(call));
      }
    } else if (node instanceof AnalyticExpression call) {
      called(Functions.name(call));
    } else if (node instanceof Column column) {
      named(column);
    } else if (node instanceof RowGetExpression field) {
      field(field.getColumnName());
    } else if (node instanceof CastExpression cast && cast.getColDataType() != null) {
      cast(cast.getColDataType().toString());
    } else if (node instanceof Select select) {
      selected(select);
    } else if (node instanceof SampleClause) {
      throw refused("TABLESAMPLE gives other rows on each shard; use a condition instead");
    } else if (node instanceof WithItem<?> item
        && !(item.getParenthesedStatement() instanceof Select)) {
      throw refused("a statement in WITH that changes rows; run it by itself");
    } else if (node instanceof JsonAggregateFunction) {
      throw refused("JSON_ARRAYAGG and JSON_OBJECTAGG; write json_agg or json_object_agg");
    }
  }

  private void lookForMoments(Object node) {
    if (node instanceof Function call && !(call instanceof TableFunction)) {
      if (call.getParameters() != null && call.getParameters().size() == 1) {
        moving(Functions.name(call), call.getParameters().get(0)); // as timestamptz('now') is one
      }
    } else if (node instanceof CastExpression cast && cast.getColDataType() != null) {
      moving(cast.getColDataType().toString(), cast.getLeftExpression());
    } else if (node instanceof DateTimeLiteralExpression literal) {
      moving(new StringValue(literal.getValue()));
    }
  }

  private static void called(String name) {
    if (!Functions.isHarmless(name) && !Moments.isMoment(name)) {
      throw refused(
          "the function %s() is not known to give the same on every shard; call it in the"
                  .formatted(name)
              + " application, or say the sharding key");
    }
  }

  private static void named(Column column) {
    String name = Names.fold(column.getColumnName());
    field(name);
    if (OutputNames.isBareWord(column) && SESSION_WORDS.contains(name)) {
      throw refused("%s may differ from shard to shard; pass its value".formatted(name));
    }
  }

  /** Also of a row, as in {@code (p).ctid}. */
  private static void field(String written) {
    String name = Names.fold(written);
    if (SYSTEM_COLUMNS.contains(name)) {
      throw refused("the column %s means something else on each shard".formatted(name));
    }
  }

  private static void cast(String type) {
    String name = typeName(type);
    if (CATALOG_NUMBERS.stream().anyMatch(name::startsWith)) {
      throw refused("numbers of %s differ from shard to shard".formatted(name));
    }
  }

  private void moving(String type, Object operand) {
    if (TIMES.stream().anyMatch(typeName(type)::startsWith)) {
      moving(operand);
    }
  }

  private static String typeName(String written) {
    return Ascii.toLowerCase(written).replace("\"", "").replace("pg_catalog.", "");
  }

  /** Looks at the texts that may become a time, be it as another type first, or one of several. */
  private void moving(Object operand) {
    for (StringValue text : Nodes.all(operand, StringValue.class, SpreadCheck::givesText)) {
      String value = statement.literal(text).map(Literal::value).orElse("");
      if (isMoving(value)) {
        throw refused("'%s' as a time; write current_timestamp or current_date".formatted(value));
      }
    }
  }

  /** Conditions, and the names of fields, do not become a time. */
  private static boolean givesText(Object node) {
    return !(node instanceof Select
        || node instanceof JsonExpression
        || node instanceof ComparisonOperator
        || node instanceof LikeExpression
        || node instanceof InExpression);
  }

  private static void selected(Select select) {
    if (select.getForMode() != null) {
      throw refused("%s locks rows; lock those of one sharding key".formatted(select.getForMode()));
    }
    if (select instanceof PlainSelect plain && plain.getIntoTables() != null) {
      throw refused("SELECT INTO makes a table; create it by itself");
    }
  }

  private static SqlRefused refused(String message) {
    return new SqlRefused(Reason.NOT_OVER_SHARDS, "over several shards: " + message);
  }
}
