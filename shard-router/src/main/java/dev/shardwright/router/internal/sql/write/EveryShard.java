package dev.shardwright.router.internal.sql.write;

import com.google.common.base.Suppliers;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.sql.destination.Destination;
import dev.shardwright.router.internal.sql.destination.ParameterValues;
import dev.shardwright.router.internal.sql.functions.Moments;
import dev.shardwright.router.internal.sql.functions.SpreadCheck;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlRefused.Reason;
import dev.shardwright.router.internal.sql.scan.SqlText;
import dev.shardwright.router.internal.sql.tables.HiddenRows;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import dev.shardwright.router.internal.sql.tree.TreeCopy;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.delete.Delete;
import net.sf.jsqlparser.statement.update.Update;
import org.jspecify.annotations.Nullable;

/** A write that each shard carries out on its own rows, or on its own copy of the same rows. */
public final class EveryShard implements WriteDivision {
  private final String keyspace;
  private final boolean replicated;
  private final ParsedStatement statement;
  private final TableName table;
  private final Supplier<SqlText> text;

  /**
   * @param table that is written to
   * @param keyspace of the table that is written to; empty for a reference table, whose rows every
   *     shard has
   */
  public EveryShard(ParsedStatement statement, TableName table, String keyspace) {
    this.statement = statement;
    this.table = table;
    this.keyspace = keyspace;
    this.replicated = keyspace.isEmpty();
    this.text = Suppliers.memoize(() -> text(statement));
  }

  /** The statement with the same instant for all shards. */
  private static SqlText text(ParsedStatement statement) {
    SpreadCheck.checkNodes(statement);
    return Moments.isIn(statement.tree())
        ? statement.print(Moments.bound(statement).root().toString())
        : statement.print(statement.tree().toString());
  }

  /**
   * The statement for a shard that does not see all rows. What it reads is of the keys of the rows
   * that it changes, so hiding these hides all.
   */
  private SqlText hiding(String condition) {
    SpreadCheck.checkNodes(statement);
    TreeCopy copy = Moments.bound(statement);
    if (copy.root() instanceof Update update) {
      update.setWhere(and(update.getWhere(), condition));
    } else if (copy.root() instanceof Delete delete) {
      delete.setWhere(and(delete.getWhere(), condition));
    } else {
      throw new IllegalStateException("not written by every shard: " + copy.root());
    }
    return statement.print(copy.root().toString());
  }

  private static TreeCopy.Verbatim and(@Nullable Expression written, String condition) {
    return new TreeCopy.Verbatim(
        written == null ? condition : "(" + written + ") AND (" + condition + ")");
  }

  @Override
  public WritePlan plan(Destination destination, ParameterValues values, Topology topology) {
    checkOneMatch();
    return new WritePlan(
        shards(destination).stream()
            .map(
                shard ->
                    new ShardWrite(
                        new Destination.OneShard(keyspace, Region.ALL, shard, List.of()),
                        textFor(shard, topology),
                        List.of()))
            .toList(),
        replicated);
  }

  /** Of several rows that match one, PostgreSQL takes which its plan comes upon. */
  private void checkOneMatch() {
    if (replicated && statement.tree() instanceof Update update && update.getFromItem() != null) {
      throw new SqlRefused(
          Reason.NOT_OVER_SHARDS,
          ("over several shards: where rows of FROM match the same row of %s, each shard may take"
                  + " other rows of them, and all have to hold the same: update row by row, or use"
                  + " INSERT … ON CONFLICT … DO UPDATE, which takes no two for one")
              .formatted(table));
    }
  }

  @Override
  public Optional<ReferenceWrite> toReferenceTable() {
    return replicated ? Optional.of(ReferenceWriteReader.read(statement, table)) : Optional.empty();
  }

  private SqlText textFor(ShardId shard, Topology topology) {
    Optional<String> condition =
        topology.moves().isEmpty()
            ? Optional.empty()
            : HiddenRows.on(shard, topology).condition(table, target() + ".");
    return condition.map(this::hiding).orElseGet(text);
  }

  private String target() {
    Table target =
        statement.tree() instanceof Update update
            ? update.getTable()
            : statement.tree() instanceof Delete delete ? delete.getTable() : null;
    if (target == null) {
      return table.name();
    }
    return target.getAlias() == null ? target.getName() : target.getAlias().getName();
  }

  private static Collection<ShardId> shards(Destination destination) {
    if (destination instanceof Destination.SeveralShards several) {
      return several.shards();
    }
    if (destination instanceof Destination.OneShard one) {
      return List.of(one.shard());
    }
    throw new IllegalStateException("a write for " + destination + " is not divided");
  }
}
