package dev.shardwright.router.internal.sql;

import dev.shardwright.router.internal.sql.Analysis.Kind;
import dev.shardwright.router.internal.sql.functions.SessionCheck;
import dev.shardwright.router.internal.sql.functions.SpreadCheck;
import dev.shardwright.router.internal.sql.keys.StatementKeys;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.tables.Registered;
import dev.shardwright.router.internal.sql.tables.Registrations;
import dev.shardwright.router.internal.sql.tables.SearchPath;
import dev.shardwright.router.internal.sql.tables.TableUse;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import dev.shardwright.router.internal.sql.tree.Unsupported;
import dev.shardwright.router.internal.sql.write.EveryShard;
import dev.shardwright.router.internal.sql.write.InsertRows;
import dev.shardwright.router.internal.sql.write.KeyUpdates;
import dev.shardwright.router.internal.sql.write.WriteDivision;
import java.util.Optional;
import net.sf.jsqlparser.statement.Statement;
import net.sf.jsqlparser.statement.delete.Delete;
import net.sf.jsqlparser.statement.insert.Insert;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.Values;
import net.sf.jsqlparser.statement.update.Update;

/** Reads queries and writes as a whole. */
final class StatementReader {
  private final ParsedStatement statement;
  private final StatementKeys keys;
  private final Optional<InsertRows> rows;
  private final SearchPath path;

  private StatementReader(
      ParsedStatement statement, StatementKeys keys, Optional<InsertRows> rows, SearchPath path) {
    this.statement = statement;
    this.path = path;
    this.keys = keys;
    this.rows = rows;
  }

  /**
   * Reads a statement.
   *
   * @throws SqlRefused if it cannot be carried out, wherever its rows are
   */
  static Analysis read(ParsedStatement statement, SearchPath path, Registrations registrations) {
    SessionCheck.check(statement);
    KeyUpdates.check(statement, table -> registrations.find(table, path));
    Optional<InsertRows> rows = rows(statement, path, registrations);
    StatementKeys keys = StatementKeys.of(statement, path, registrations);
    SpreadCheck.checkTables(statement, keys.tables());
    return new StatementReader(statement, keys, rows, path).analysis();
  }

  /** The rows of an INSERT … VALUES into a sharded table, if all of them are inserted. */
  private static Optional<InsertRows> rows(
      ParsedStatement statement, SearchPath path, Registrations registrations) {
    if (!(statement.tree() instanceof Insert insert)) {
      return Optional.empty();
    }
    Registered table = registrations.find(insert.getTable(), path);
    return table.kind() == TableUse.Kind.SHARDED
            && insert.getSelect() instanceof Values values
            && !StatementKeys.isCut(values)
            && !Unsupported.any(insert.getWithItemsList())
        ? Optional.of(InsertRows.of(statement, insert, values, table))
        : Optional.empty();
  }

  private Analysis analysis() {
    return new ReadStatement(
        keys.isWrite() ? Kind.WRITE : Kind.QUERY,
        givesRows(),
        statement,
        keys.route(),
        keys.lists(statement.text()),
        division(),
        keys.locality(),
        path);
  }

  private boolean givesRows() {
    Statement tree = statement.tree();
    return tree instanceof Select
        || (tree instanceof Insert insert && insert.getReturningClause() != null)
        || (tree instanceof Update update && update.getReturningClause() != null)
        || (tree instanceof Delete delete && delete.getReturningClause() != null);
  }

  private Optional<WriteDivision> division() {
    if (statement.tree() instanceof Select) {
      return Optional.empty();
    }
    if (!(statement.tree() instanceof Insert)) {
      return everyShard();
    }
    if (!keys.isOfOneTable()) {
      return Optional.empty(); // with queries in it, which each shard would answer for itself
    }
    return keys.changed().kind() == TableUse.Kind.SHARDED
        ? rows.map(WriteDivision.class::cast)
        : everyShard();
  }

  /** A write that each shard can carry out by itself. */
  private Optional<WriteDivision> everyShard() {
    Registered changed = keys.changed();
    return switch (changed.kind()) {
      case SHARDED ->
          keys.isLocalWrite()
              ? Optional.of(
                  new EveryShard(statement, changed.name(), String.valueOf(changed.keyspace())))
              : Optional.empty();
      // With other tables in it, PostgreSQL might choose among rows otherwise on each shard.
      case REFERENCE ->
          keys.isOfOneTable()
              ? Optional.of(new EveryShard(statement, changed.name(), ""))
              : Optional.empty();
      case SINGLE -> Optional.empty();
    };
  }
}
