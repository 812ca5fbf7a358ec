package dev.shardwright.router.internal.jdbc.statement;

import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.tables.SearchPath;
import dev.shardwright.topology.Topology;

/** Reads texts by the tables that are registered now. */
public interface Analyser {
  /** Where the tables are registered. */
  Topology topology();

  /** What a text is about, of which tables without a schema are looked for along that path. */
  Analysis analyse(String sql, SearchPath path);
}
