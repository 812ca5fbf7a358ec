package dev.shardwright.router.internal.sql.tables;

import dev.shardwright.ring.KeyType;
import dev.shardwright.topology.TableName;
import org.jspecify.annotations.Nullable;

/**
 * What the text of a statement needs to know of a registered table.
 *
 * @param keyspace null for a reference table
 * @param keyType null unless the table is sharded
 * @param keyColumn null unless the table is sharded
 * @param regionColumn null unless its keyspace has regions
 */
public record Registered(
    TableName name,
    TableUse.Kind kind,
    @Nullable String keyspace,
    @Nullable KeyType keyType,
    @Nullable String keyColumn,
    @Nullable String regionColumn) {}
