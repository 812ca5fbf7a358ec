package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.rebalance.internal.table.DefinitionDigest;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.rebalance.internal.table.MovingTables;
import java.sql.SQLException;
import java.util.List;

/** The tables are defined alike on both shards, down to the version of a key's collation. */
final class Definitions implements Check {
  @Override
  public String name() {
    return "definitions";
  }

  @Override
  public void look(IntendedMove move, Findings findings) throws SQLException {
    Side source = move.source();
    Side target = move.target();
    List<MovingTable> tables = MovingTables.read(source.session(), move.keyspace());
    DefinitionDigest here = DefinitionDigest.read(source.session(), tables);
    DefinitionDigest there = DefinitionDigest.read(target.session(), tables);
    for (String difference : here.differences(there, source.toString(), target.toString())) {
      findings.block(
          difference,
          "make both alike by a schema change; where only a collation's version differs, run both"
              + " servers with the same C library or ICU");
    }
  }
}
