package dev.shardwright.rebalance.internal.cutover;

import dev.shardwright.rebalance.internal.copy.KeyLogDrain;
import dev.shardwright.rebalance.internal.migration.ComparedRows;
import dev.shardwright.rebalance.internal.table.MovingTable;
import java.util.List;

/**
 * What an attempt copies.
 *
 * @param tables that move
 * @param drains one for each table
 * @param definitions what the tables have to look like: {@link
 *     dev.shardwright.rebalance.internal.table.DefinitionDigest#fingerprints}
 * @param compared the tables whose rows were compared: {@link
 *     dev.shardwright.rebalance.internal.capture.StoredRows#stamp}
 */
public record Drains(
    List<MovingTable> tables,
    List<KeyLogDrain> drains,
    String definitions,
    ComparedRows compared) {}
