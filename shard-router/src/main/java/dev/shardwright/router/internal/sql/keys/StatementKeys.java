package dev.shardwright.router.internal.sql.keys;

import dev.shardwright.router.internal.sql.destination.KeyList;
import dev.shardwright.router.internal.sql.destination.StatementRoute;
import dev.shardwright.router.internal.sql.destination.StatementRoute.Sharded;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlText;
import dev.shardwright.router.internal.sql.tables.Locality;
import dev.shardwright.router.internal.sql.tables.Registered;
import dev.shardwright.router.internal.sql.tables.Registrations;
import dev.shardwright.router.internal.sql.tables.SearchPath;
import dev.shardwright.router.internal.sql.tables.TableUse.Kind;
import dev.shardwright.router.internal.sql.tree.Expressions;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.Statement;
import net.sf.jsqlparser.statement.delete.Delete;
import net.sf.jsqlparser.statement.insert.Insert;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.update.Update;

/** What a query or a write says of the tables that it names and of their keys. Immutable. */
public final class StatementKeys {
  private final List<QueryBlock> blocks;
  private final List<Use> uses;
  private final Set<Use> inserted;
  private final boolean locks;
  private final GraphLocality locality;

  private StatementKeys(QueryReader read) {
    this.blocks = List.copyOf(read.blocks());
    this.uses = List.copyOf(read.uses());
    this.inserted = Set.copyOf(read.inserted());
    this.locks = read.locks();
    this.locality = new GraphLocality(blocks, uses);
  }

  /**
   * Reads a statement.
   *
   * @throws SqlRefused if it is none of SELECT, INSERT, UPDATE and DELETE, or is not understood
   */
  public static StatementKeys of(
      ParsedStatement statement, SearchPath path, Registrations registrations) {
    QueryReader queries = new QueryReader(statement, path, registrations);
    WriteReader writes = new WriteReader(queries);
    Statement tree = statement.tree();
    if (tree instanceof Select select) {
      queries.query(select, Ctes.NONE, null, null);
    } else if (tree instanceof Insert insert) {
      writes.insert(insert, Ctes.NONE, null);
    } else if (tree instanceof Update update) {
      writes.update(update, Ctes.NONE, null);
    } else if (tree instanceof Delete delete) {
      writes.delete(delete, Ctes.NONE, null);
    } else {
      throw Expressions.notUnderstood(tree);
    }
    return new StatementKeys(queries);
  }

  /** Whether a query gives only some of its rows, as LIMIT says. */
  public static boolean isCut(Select select) {
    return QueryReader.isCut(select);
  }

  /** Whether it changes or locks rows. */
  public boolean isWrite() {
    return locks || blocks.stream().anyMatch(QueryBlock::isChanging);
  }

  /** Whether it names a registered table only once. */
  public boolean isOfOneTable() {
    return uses.size() == 1;
  }

  /** The nodes of all tables that were read. */
  public List<Table> tables() {
    return uses.stream().map(Use::node).toList();
  }

  /** The table that a write changes. */
  public Registered changed() {
    Registered changed = uses.get(0).table();
    for (Use use : uses) {
      if (use.isChanged()) {
        changed = use.table();
      }
    }
    return changed;
  }

  /** Which parts of it can be worked out on each shard by itself. */
  public Locality locality() {
    return locality;
  }

  /**
   * Whether an UPDATE or DELETE can be worked out on each shard by itself: the keys of all sharded
   * tables in it are those of the rows that are changed.
   */
  public boolean isLocalWrite() {
    return locality.isLocalWrite();
  }

  /**
   * The lists of parameters that keys of stored rows are compared with.
   *
   * @param text of the statement
   */
  public List<KeyList> lists(SqlText text) {
    Set<Integer> once = text.placesBoundOnce();
    List<KeyList> lists = new ArrayList<>();
    for (Use use : uses) {
      String keyspace = use.table().keyspace();
      if (keyspace != null) {
        use.lists().forEach(list -> KeyList.of(keyspace, list, once).ifPresent(lists::add));
      }
    }
    // A CTE is read each time it is named.
    return lists.stream().distinct().toList();
  }

  /** Where it goes. */
  public StatementRoute route() {
    List<Sharded> sharded = new ArrayList<>();
    Set<String> singles = new LinkedHashSet<>();
    boolean everywhere = false;
    for (Use use : uses) {
      String keyspace = use.table().keyspace();
      if (keyspace == null) {
        everywhere |= use.isChanged();
      } else if (use.table().kind() == Kind.SINGLE) {
        singles.add(keyspace);
      } else {
        sharded.add(new Sharded(keyspace, use.rule(), inserted.contains(use)));
      }
    }
    return new StatementRoute(sharded, singles, everywhere);
  }
}
