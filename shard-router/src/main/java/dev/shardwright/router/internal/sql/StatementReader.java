package dev.shardwright.router.internal.sql;

import dev.shardwright.router.internal.sql.Analysis.Kind;
import dev.shardwright.router.internal.sql.SqlRefused.Reason;
import dev.shardwright.router.internal.sql.StatementRoute.Sharded;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.operators.conditional.AndExpression;
import net.sf.jsqlparser.expression.operators.relational.EqualsTo;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.Statement;
import net.sf.jsqlparser.statement.delete.Delete;
import net.sf.jsqlparser.statement.insert.Insert;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.Values;
import net.sf.jsqlparser.statement.update.Update;
import org.jspecify.annotations.Nullable;

/** Reads statements that name at most one table. */
final class StatementReader {
  private final ParsedStatement statement;
  private final SearchPath path;
  private final Registrations registrations;

  private StatementReader(ParsedStatement statement, SearchPath path, Registrations registrations) {
    this.statement = statement;
    this.path = path;
    this.registrations = registrations;
  }

  static Analysis read(ParsedStatement statement, SearchPath path, Registrations registrations) {
    return new StatementReader(statement, path, registrations).read();
  }

  private Analysis read() {
    Statement tree = statement.tree();
    KeyUpdates.check(statement, table -> registrations.find(table, path));
    long selects = statement.scan().tokens().stream().filter(token -> token.is("select")).count();
    if (tree instanceof PlainSelect select
        && selects == 1
        && none(select.getJoins())
        && (select.getFromItem() == null || select.getFromItem() instanceof Table)) {
      boolean locks = select.getForUpdate() != null;
      return analysis(
          locks ? Kind.WRITE : Kind.QUERY, true, (Table) select.getFromItem(), select.getWhere());
    }
    if (tree instanceof Update update
        && selects == 0
        && update.getFromItem() == null
        && none(update.getJoins())
        && none(update.getStartJoins())) {
      return analysis(
          Kind.WRITE, update.getReturningClause() != null, update.getTable(), update.getWhere());
    }
    if (tree instanceof Delete delete
        && selects == 0
        && none(delete.getUsingFromItemList())
        && none(delete.getJoins())) {
      return analysis(
          Kind.WRITE, delete.getReturningClause() != null, delete.getTable(), delete.getWhere());
    }
    if (tree instanceof Insert insert
        && selects == 0
        && insert.getSelect() instanceof Values values) {
      return insert(insert, values);
    }
    throw new SqlRefused(
        Reason.NOT_UNDERSTOOD,
        "the statement is not understood; say its sharding key, so that it can go to one shard as"
            + " it is");
  }

  private static boolean none(@Nullable List<?> parts) {
    return parts == null || parts.isEmpty();
  }

  private Analysis insert(Insert insert, Values values) {
    Registered table = registrations.find(insert.getTable(), path);
    boolean givesRows = insert.getReturningClause() != null;
    if (table.kind() != TableUse.Kind.SHARDED) {
      return analysis(Kind.WRITE, givesRows, table, Rule.ALL, Optional.empty());
    }
    InsertRows rows = InsertRows.of(statement, insert, values, table);
    return analysis(Kind.WRITE, givesRows, table, rows.rule(), Optional.of(rows));
  }

  private Analysis analysis(
      Kind kind, boolean givesRows, @Nullable Table table, @Nullable Expression where) {
    if (table == null) {
      return analysis(kind, givesRows, null, Rule.ALL, Optional.empty());
    }
    Registered registered = registrations.find(table, path);
    List<Rule> rules = new ArrayList<>();
    Expression rest = where;
    while (rest instanceof AndExpression and) {
      rule(and.getRightExpression(), registered).ifPresent(rules::add);
      rest = and.getLeftExpression();
    }
    rule(rest, registered).ifPresent(rules::add);
    return analysis(kind, givesRows, registered, Rule.and(rules), Optional.empty());
  }

  private Optional<Rule> rule(@Nullable Expression condition, Registered table) {
    return condition instanceof EqualsTo equals
            && equals.getLeftExpression() instanceof Column column
            && Names.fold(column.getColumnName()).equals(table.keyColumn())
        ? Operand.of(equals.getRightExpression(), statement)
            .map(operand -> new Rule.Key(new KeyTest.Is(operand)))
        : Optional.empty();
  }

  private Analysis analysis(
      Kind kind,
      boolean givesRows,
      @Nullable Registered table,
      Rule rule,
      Optional<InsertRows> rows) {
    if (table == null) {
      return new ReadStatement(
          kind,
          givesRows,
          statement.text(),
          statement.parameters(),
          new StatementRoute(List.of(), Set.of(), false),
          rows);
    }
    StatementRoute route =
        switch (table.kind()) {
          case SHARDED ->
              new StatementRoute(
                  List.of(new Sharded(String.valueOf(table.keyspace()), rule, rows.isPresent())),
                  Set.of(),
                  false);
          case SINGLE ->
              new StatementRoute(List.of(), Set.of(String.valueOf(table.keyspace())), false);
          case REFERENCE -> new StatementRoute(List.of(), Set.of(), kind == Kind.WRITE);
        };
    return new ReadStatement(
        kind, givesRows, statement.text(), statement.parameters(), route, rows);
  }
}
