package dev.shardwright.router.internal.scatter.query;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.ScatterOptions;
import dev.shardwright.router.internal.loan.BoundShard;
import dev.shardwright.router.internal.loan.SessionState;
import dev.shardwright.router.internal.route.Stay;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.scatter.fanout.MissingShards;
import dev.shardwright.router.internal.scatter.part.ParameterSource;
import dev.shardwright.router.internal.sql.Analysis;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.SortedSet;

/**
 * A query over several shards, or over one.
 *
 * @param analysis what its text says
 * @param parameters its parameters
 * @param shards the shards that it is about, as {@link Analysis#destination} told
 * @param only where it goes as it is, if that is one shard, which {@code shards} then names; empty
 *     for several
 * @param repeatable whether it is known to change nothing, so that it may be carried out twice
 * @param options its bounds
 * @param missingShards what to do if a shard fails
 * @param session what the session has set
 * @param bound the shard of the transaction that the query is part of; empty outside transactions
 * @param transactionBegan when that transaction began; empty outside transactions
 * @param stay what it goes by as a whole; empty if it goes to one shard, whose part has its own
 */
public record ScatterQuery(
    Analysis analysis,
    ParameterSource parameters,
    SortedSet<ShardId> shards,
    Optional<Target> only,
    boolean repeatable,
    ScatterOptions options,
    MissingShards missingShards,
    SessionState session,
    Optional<BoundShard> bound,
    Optional<OffsetDateTime> transactionBegan,
    Optional<Stay> stay) {

  /** A query over several shards that fails if one of them does. */
  public ScatterQuery(
      Analysis analysis,
      ParameterSource parameters,
      SortedSet<ShardId> shards,
      ScatterOptions options,
      SessionState session,
      Optional<BoundShard> bound) {
    this(
        analysis,
        parameters,
        shards,
        Optional.empty(),
        /* repeatable= */ true,
        options,
        MissingShards.FAIL,
        session,
        bound,
        Optional.empty());
  }

  /** A query without a stay of its own. */
  public ScatterQuery(
      Analysis analysis,
      ParameterSource parameters,
      SortedSet<ShardId> shards,
      Optional<Target> only,
      boolean repeatable,
      ScatterOptions options,
      MissingShards missingShards,
      SessionState session,
      Optional<BoundShard> bound,
      Optional<OffsetDateTime> transactionBegan) {
    this(
        analysis,
        parameters,
        shards,
        only,
        repeatable,
        options,
        missingShards,
        session,
        bound,
        transactionBegan,
        Optional.empty());
  }

  /** The same as part of a transaction. */
  public ScatterQuery within(OffsetDateTime transaction) {
    return new ScatterQuery(
        analysis,
        parameters,
        shards,
        only,
        repeatable,
        options,
        missingShards,
        session,
        bound,
        Optional.of(transaction),
        stay);
  }

  /** The same as a part of work that was admitted. */
  public ScatterQuery by(Stay whole) {
    return new ScatterQuery(
        analysis,
        parameters,
        shards,
        only,
        repeatable,
        options,
        missingShards,
        session,
        bound,
        transactionBegan,
        Optional.of(whole));
  }
}
