package dev.shardwright.router.internal.jdbc.statement;

import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.tables.SearchPath;
import dev.shardwright.topology.Topology;
import java.sql.SQLException;

/**
 * A text that was analysed. Immutable.
 *
 * @param path where it was looked for names without a schema
 * @param registered the topology that it was analysed under
 */
public record Analysed(Analysis analysis, SearchPath path, Topology registered) {
  /**
   * Analyses a text.
   *
   * @throws SQLException if that cannot be done
   */
  public static Analysed of(String sql, SearchPath path, Analyser analyser) throws SQLException {
    try {
      Topology topology = analyser.topology();
      return new Analysed(analyser.analyse(sql, path), path, topology);
    } catch (RuntimeException e) {
      throw SqlFailures.of(e);
    }
  }

  /**
   * The analysis, made anew if it may be another by now.
   *
   * @param sql the text
   */
  @SuppressWarnings("ReferenceEquality") // a snapshot is nearly always the very one seen last
  public Analysed still(String sql, SearchPath now, Analyser analyser) throws SQLException {
    try {
      return path.equals(now) && registered == analyser.topology() ? this : of(sql, now, analyser);
    } catch (RuntimeException e) {
      throw SqlFailures.of(e);
    }
  }
}
