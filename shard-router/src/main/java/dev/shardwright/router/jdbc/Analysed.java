package dev.shardwright.router.jdbc;

import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import dev.shardwright.router.internal.jdbc.session.Engine;
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
record Analysed(Analysis analysis, SearchPath path, Topology registered) {
  static Analysed of(String sql, SearchPath path, Engine engine) throws SQLException {
    try {
      Topology topology = engine.topology();
      return new Analysed(engine.analyse(sql, path), path, topology);
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
  Analysed still(String sql, SearchPath now, Engine engine) throws SQLException {
    try {
      return path.equals(now) && registered == engine.topology() ? this : of(sql, now, engine);
    } catch (RuntimeException e) {
      throw SqlFailures.of(e);
    }
  }
}
