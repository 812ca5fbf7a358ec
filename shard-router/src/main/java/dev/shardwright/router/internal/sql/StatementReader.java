package dev.shardwright.router.internal.sql;

import dev.shardwright.router.internal.sql.Analysis.Kind;
import dev.shardwright.router.internal.sql.StatementRoute.Sharded;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.sf.jsqlparser.statement.Statement;
import net.sf.jsqlparser.statement.delete.Delete;
import net.sf.jsqlparser.statement.insert.Insert;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.Values;
import net.sf.jsqlparser.statement.update.Update;

/** Reads queries and writes as a whole. */
final class StatementReader {
  private final ParsedStatement statement;
  private final SearchPath path;
  private final Registrations registrations;
  private final QueryReader queries;

  private StatementReader(ParsedStatement statement, SearchPath path, Registrations registrations) {
    this.statement = statement;
    this.path = path;
    this.registrations = registrations;
    this.queries = new QueryReader(statement, path, registrations);
  }

  /**
   * Reads a statement.
   *
   * @throws SqlRefused if it cannot be carried out, wherever its rows are
   */
  static Analysis read(ParsedStatement statement, SearchPath path, Registrations registrations) {
    return new StatementReader(statement, path, registrations).read();
  }

  private Analysis read() {
    Statement tree = statement.tree();
    KeyUpdates.check(statement, table -> registrations.find(table, path));
    WriteReader writes = new WriteReader(queries);
    if (tree instanceof Select select) {
      queries.query(select, Ctes.NONE, null, null);
      boolean changes = queries.blocks().stream().anyMatch(QueryBlock::isChanging);
      return analysis(changes || queries.locks() ? Kind.WRITE : Kind.QUERY, true, Optional.empty());
    }
    if (tree instanceof Insert insert) {
      Optional<InsertRows> rows = rows(insert);
      writes.insert(insert, Ctes.NONE, null);
      return analysis(Kind.WRITE, insert.getReturningClause() != null, insertDivision(rows));
    }
    if (tree instanceof Update update) {
      writes.update(update, Ctes.NONE, null);
      return analysis(Kind.WRITE, update.getReturningClause() != null, everyShard());
    }
    if (tree instanceof Delete delete) {
      writes.delete(delete, Ctes.NONE, null);
      return analysis(Kind.WRITE, delete.getReturningClause() != null, everyShard());
    }
    throw Expressions.notUnderstood(tree);
  }

  /** The rows of an INSERT … VALUES into a sharded table. */
  private Optional<InsertRows> rows(Insert insert) {
    Registered table = registrations.find(insert.getTable(), path);
    return table.kind() == TableUse.Kind.SHARDED
            && insert.getSelect() instanceof Values values
            && !Unsupported.any(insert.getWithItemsList())
        ? Optional.of(InsertRows.of(statement, insert, values, table))
        : Optional.empty();
  }

  private Optional<WriteDivision> insertDivision(Optional<InsertRows> rows) {
    if (queries.uses().size() > 1) {
      return Optional.empty(); // with queries in it, which each shard would answer for itself
    }
    boolean sharded = queries.uses().get(0).table().kind() == TableUse.Kind.SHARDED;
    return sharded ? rows.map(WriteDivision.class::cast) : everyShard();
  }

  /** An UPDATE or DELETE that each shard can carry out by itself. */
  private Optional<WriteDivision> everyShard() {
    Registered target = queries.uses().get(0).table();
    for (Use use : queries.uses()) {
      if (use.block().isChanging() && use.source().equals(use.block().target())) {
        target = use.table();
      }
    }
    return switch (target.kind()) {
      case SHARDED ->
          new GraphLocality(queries.blocks(), queries.uses()).isLocalWrite()
              ? Optional.of(new EveryShard(statement, String.valueOf(target.keyspace())))
              : Optional.empty();
      // With other tables in it, PostgreSQL might choose among rows otherwise on each shard.
      case REFERENCE ->
          queries.uses().size() == 1
              ? Optional.of(new EveryShard(statement, ""))
              : Optional.empty();
      case SINGLE -> Optional.empty();
    };
  }

  private Analysis analysis(Kind kind, boolean givesRows, Optional<WriteDivision> division) {
    List<Sharded> sharded = new ArrayList<>();
    Set<String> singles = new LinkedHashSet<>();
    boolean everywhere = false;
    for (Use use : queries.uses()) {
      String keyspace = use.table().keyspace();
      if (keyspace == null) {
        everywhere |= use.block().isChanging() && use.source().equals(use.block().target());
      } else if (use.table().kind() == TableUse.Kind.SINGLE) {
        singles.add(keyspace);
      } else {
        sharded.add(new Sharded(keyspace, use.rule(), queries.inserted().contains(use)));
      }
    }
    return new ReadStatement(
        kind,
        givesRows,
        statement,
        new StatementRoute(sharded, singles, everywhere),
        division,
        new GraphLocality(queries.blocks(), queries.uses()));
  }
}
