package dev.shardwright.router.internal.run;

import dev.shardwright.ShardException;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.route.RoutedMove;
import dev.shardwright.router.internal.route.Routing;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.topology.RangeMove;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the database of a shard what a range move has come to. Registers only grow, so whoever
 * comes too late changes nothing.
 */
public final class RegisterAdvance extends OnConnection<Boolean> {
  private static final Logger log = LoggerFactory.getLogger(RegisterAdvance.class);

  /** The patience of those who have something else to do. */
  public static final Duration ASIDE = Duration.ofSeconds(1);

  private final RangeMove move;
  private final Duration patience;

  private RegisterAdvance(RangeMove move, Duration patience) {
    super(StatementKind.QUERY);
    this.move = move;
    this.patience = patience;
  }

  /** The move of which the topology knows more than the shard's gate that refused a row of it. */
  public static Optional<RangeMove> missing(Routing routing, ShardId shard, GuardDetail detail) {
    return routing.moves().all().stream()
        .map(RoutedMove::move)
        .filter(move -> detail.migration().equals(OptionalLong.of(move.number())))
        .filter(move -> move.owner().equals(shard))
        .filter(move -> detail.value().orElse(Long.MAX_VALUE) < move.value())
        .findFirst();
  }

  /**
   * Tells the owner of the ranges; says whether it knows then.
   *
   * @param patience how long that may take
   */
  public static boolean run(Runner runner, RangeMove move, Duration patience) {
    try {
      boolean told =
          runner.run(new Target.OfShard(move.owner()), new RegisterAdvance(move, patience));
      log.info(
          "told shard {} of range move {} at value {}", move.owner(), move.number(), move.value());
      return told;
    } catch (ShardException e) {
      log.warn("shard {} could not be told of range move {}", move.owner(), move.number(), e);
      return false;
    }
  }

  @Override
  public Boolean on(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select shardwright.advance(?, ?)")) {
      statement.setInt(1, move.number());
      statement.setLong(2, move.value());
      sending(statement);
      statement.executeQuery().close();
      return true;
    }
  }

  @Override
  public Duration deadline(Duration usual) {
    return patience.compareTo(usual) < 0 ? patience : usual;
  }

  @Override
  public Repeat repeat() {
    return Repeat.ALWAYS;
  }
}
