package dev.shardwright.router.internal.sql.write;

import com.google.common.base.Suppliers;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.sql.destination.Destination;
import dev.shardwright.router.internal.sql.destination.ParameterValues;
import dev.shardwright.router.internal.sql.functions.Moments;
import dev.shardwright.router.internal.sql.functions.SpreadCheck;
import dev.shardwright.router.internal.sql.scan.SqlText;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Topology;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;

/** A write that each shard carries out on its own rows, or on its own copy of the same rows. */
public final class EveryShard implements WriteDivision {
  private final String keyspace;
  private final boolean replicated;
  private final Supplier<SqlText> text;

  /**
   * @param keyspace of the table that is written to; empty for a reference table, whose rows every
   *     shard has
   */
  public EveryShard(ParsedStatement statement, String keyspace) {
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

  @Override
  public WritePlan plan(Destination destination, ParameterValues values, Topology topology) {
    SqlText same = text.get();
    return new WritePlan(
        shards(destination).stream()
            .map(
                shard ->
                    new ShardWrite(
                        new Destination.OneShard(keyspace, Region.ALL, shard, List.of()),
                        same,
                        List.of()))
            .toList(),
        replicated);
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
