package dev.shardwright.router.internal.sql.keys;

import dev.shardwright.router.internal.sql.tables.Locality;
import dev.shardwright.router.internal.sql.tables.TableUse;
import dev.shardwright.router.internal.sql.tables.TableUse.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.select.PlainSelect;

/**
 * Locality by the flow of keys. A block can be worked out on each shard by itself if there is a key
 * of stored rows, its anchor, such that each of the block's rows has exactly one, and the values of
 * the anchor flow to the key of every sharded table within the block: then the rows of one key are
 * made of stored rows of that key only, which are on one shard together.
 */
final class GraphLocality implements Locality {
  private final List<QueryBlock> blocks;
  private final List<Use> uses;
  private final IdentityHashMap<PlainSelect, QueryBlock> bySelect = new IdentityHashMap<>();

  GraphLocality(List<QueryBlock> blocks, List<Use> uses) {
    this.blocks = blocks;
    this.uses = uses;
    for (QueryBlock block : blocks) {
      if (block.select() != null) {
        bySelect.putIfAbsent(block.select(), block);
      }
    }
  }

  @Override
  public List<TableUse> uses() {
    IdentityHashMap<Table, TableUse> found = new IdentityHashMap<>();
    List<TableUse> inOrder = new ArrayList<>();
    for (Use use : uses) {
      PlainSelect select = use.block().select();
      if (select == null) {
        continue;
      }
      TableUse before = found.get(use.node());
      boolean nullable = use.source().nullable() || (before != null && before.nullable());
      TableUse now =
          new TableUse(
              use.node(),
              use.table().name(),
              use.table().kind(),
              select,
              nullable,
              use.table().keyColumn());
      found.put(use.node(), now);
      if (before == null) {
        inOrder.add(now);
      }
    }
    inOrder.replaceAll(use -> found.getOrDefault(use.node(), use));
    return List.copyOf(inOrder);
  }

  @Override
  public boolean isLocal(PlainSelect select) {
    QueryBlock block = bySelect.get(select);
    return block != null && isLocal(block);
  }

  @Override
  public boolean isKey(PlainSelect select, Expression expression) {
    QueryBlock block = bySelect.get(select);
    KeyColumn column = block == null ? null : ConditionReader.column(expression, block);
    return column != null
        && block != null
        && column.isKeyOfRows()
        && !column.nullable()
        && column.source().block().equals(block)
        && isLocal(block)
        && (!isRegional(block) || (column.region() != null && isPinned(column.region(), block)));
  }

  /**
   * Whether an UPDATE or DELETE can be worked out on each shard by itself: the keys of all sharded
   * tables in it are those of the rows that are changed.
   */
  boolean isLocalWrite() {
    List<QueryBlock> changing = blocks.stream().filter(QueryBlock::isChanging).toList();
    if (changing.size() != 1
        || blocks.stream().anyMatch(block -> block.isChoosy() || roundsReferences(block, uses))) {
      return false;
    }
    QueryBlock write = changing.get(0);
    boolean all =
        uses.stream()
            .allMatch(use -> use.block().isWithin(write) && use.table().kind() != Kind.SINGLE);
    return all
        && uses.stream()
            .filter(use -> use.source().equals(write.target()))
            .anyMatch(use -> use.key() != null && holdsTogether(write, use.key(), uses));
  }

  private boolean isLocal(QueryBlock block) {
    List<Use> within = new ArrayList<>();
    for (Use use : uses) {
      if (use.block().isWithin(block)) {
        within.add(use);
      }
    }
    boolean plain = within.stream().noneMatch(use -> use.table().kind() == Kind.SINGLE);
    return plain
        && isSteady(block, within)
        && block.anchors().stream().anyMatch(anchor -> holdsTogether(block, anchor, within));
  }

  private static boolean holdsTogether(QueryBlock block, KeyColumn anchor, List<Use> within) {
    Set<KeyColumn> sameKey = reached(anchor, block);
    Set<KeyColumn> sameRegion =
        anchor.region() == null ? Set.of() : reached(anchor.region(), block);
    for (Use use : within) {
      if (use.table().kind() == Kind.SHARDED) {
        boolean keyspace =
            anchor.domain().keyspace() != null
                && anchor.domain().keyspace().equals(use.table().keyspace());
        boolean region =
            use.region() == null
                || sameRegion.contains(use.region())
                || (anchor.region() != null && isPinnedAlike(anchor.region(), use.region(), block));
        if (!keyspace || !sameKey.contains(use.key()) || !region) {
          return false;
        }
      }
    }
    return true;
  }

  /** The columns within the block that the values of one flow to, by ways within the block. */
  private static Set<KeyColumn> reached(KeyColumn from, QueryBlock block) {
    return from.reached(column -> column.source().block().isWithin(block));
  }

  /**
   * What is the same on all shards must come out the same on all: not so where PostgreSQL may
   * choose among rows of a reference table, or adds them up in the order that each shard has.
   */
  private boolean isSteady(QueryBlock block, List<Use> within) {
    for (QueryBlock inner : blocks) {
      if (inner.isChanging()) {
        return false;
      }
      boolean open = inner.isChoosy() || inner.isRounding();
      if (inner.isWithin(block) && open && readsReferencesOnly(inner, within)) {
        return false;
      }
    }
    return true;
  }

  /** Whether it adds floats up that each shard has in an order of its own. */
  private static boolean roundsReferences(QueryBlock block, List<Use> uses) {
    return block.isRounding() && readsReferencesOnly(block, uses);
  }

  private static boolean readsReferencesOnly(QueryBlock block, List<Use> uses) {
    Set<Kind> kinds =
        uses.stream()
            .filter(use -> use.block().isWithin(block))
            .map(use -> use.table().kind())
            .collect(Collectors.toSet());
    return kinds.contains(Kind.REFERENCE) && !kinds.contains(Kind.SHARDED);
  }

  private boolean isRegional(QueryBlock block) {
    return uses.stream().anyMatch(use -> use.block().isWithin(block) && use.region() != null);
  }

  /** Whether all rows of the block have one region, which a constant or a parameter says. */
  private static boolean isPinned(KeyColumn region, QueryBlock block) {
    return !region.pins(block).isEmpty();
  }

  private static boolean isPinnedAlike(KeyColumn one, KeyColumn other, QueryBlock block) {
    return !Collections.disjoint(one.pins(block), other.pins(block));
  }
}
