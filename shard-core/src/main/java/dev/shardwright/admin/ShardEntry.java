package dev.shardwright.admin;

import dev.shardwright.internal.schema.DatabaseIdentity;
import dev.shardwright.internal.schema.Guard;
import dev.shardwright.internal.schema.GuardInstaller;
import dev.shardwright.internal.schema.RowsInTheWay;
import dev.shardwright.internal.schema.SchemaInstaller;
import dev.shardwright.internal.schema.TablePresence;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardState;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Makes a database a shard, and lets it go again. Thread-safe. */
final class ShardEntry {
  private final String cluster;
  private final TopologyEditor topologies;
  private final ShardDatabases databases;
  private final ReferenceTables referenceTables;

  ShardEntry(
      String cluster,
      TopologyEditor topologies,
      ShardDatabases databases,
      ReferenceTables referenceTables) {
    this.cluster = cluster;
    this.topologies = topologies;
    this.databases = databases;
    this.referenceTables = referenceTables;
  }

  AdminOutcome add(Shard shard, TableDefinitions definitions) {
    Topology done =
        topologies.attempt(
            current -> {
              if (isThere(current, shard)) {
                requireOwnDatabase(shard);
                claim(shard);
                admit(shard);
                return Optional.of(current);
              }
              return enter(current, shard, definitions);
            });
    return AdminOutcome.at(done.epoch());
  }

  /**
   * Lets routers in last: those that know the shard already, whose database was lost, would find
   * reference tables empty. Those that knew it when it owned tokens would find no rows at all.
   */
  private Optional<Topology> enter(Topology current, Shard shard, TableDefinitions definitions) {
    checkDatabase(current, shard);
    checkTables(current, shard, definitions);
    claim(shard);
    installEmptyGuards(current, shard);
    return referenceTables.copyTo(
        shard,
        current,
        () -> {
          admit(shard);
          return topologies.swap(current, current.withShard(shard));
        });
  }

  /** Refuses a database that could not be added, as far as that is seen without changing it. */
  void checkNewcomer(Topology current, Shard shard) {
    isThere(current, shard);
    checkDatabase(current, shard);
    databases.run(
        shard,
        "looking whose database it is",
        connection -> {
          refuseForeign(shard, SchemaInstaller.holder(connection));
          for (String role : appRoles(shard)) {
            if (!SchemaInstaller.isRole(connection, role)) {
              throw new ChangeRefused(
                  "there is no role %s on the server of %s: create it, or name the app role with --user"
                      .formatted(role, shard.primary().url()));
            }
          }
        });
  }

  AdminOutcome replace(ShardId id, Endpoint primary, TableDefinitions definitions) {
    Topology done =
        topologies.attempt(
            current -> {
              Shard lost = Lookup.shard(current, id);
              Shard replacement = lost.withPrimary(primary).withReplicas(List.of());
              refuseSharedDatabase(current, replacement);
              refuseLossOfRows(current, lost);
              return enter(current, replacement, definitions);
            });
    return AdminOutcome.at(done.epoch());
  }

  private static void refuseLossOfRows(Topology topology, Shard shard) {
    List<String> owned = keyspacesOwnedBy(topology, shard);
    if (!owned.isEmpty()) {
      throw new ChangeRefused(
          "shard %s owns tokens of %s, whose rows an empty database lacks: restore a backup of it, and say with shard-admin shard set-url where that is"
              .formatted(shard.id(), owned));
    }
  }

  private static List<String> keyspacesOwnedBy(Topology topology, Shard shard) {
    return topology.keyspaces().values().stream()
        .filter(keyspace -> !Guard.ownedBy(keyspace, shard).isEmpty())
        .map(KeyspaceTopology::name)
        .toList();
  }

  AdminOutcome setPrimary(ShardId id, Endpoint primary) {
    Topology done =
        topologies.attempt(
            current -> {
              Shard found = Lookup.shard(current, id);
              Shard moved = found.withPrimary(primary).withReplicas(without(found, primary.url()));
              refuseSharedDatabase(current, moved);
              Lookup.another(current, moved)
                  .ifPresent(model -> TextOrder.requireSameWhereKnown(databases, model, moved));
              databases.run(
                  moved,
                  "looking whose database it is",
                  connection -> {
                    requireIdentity(connection, moved);
                    ServerFitness.check(connection);
                    SchemaInstaller.admit(connection, Set.of(primary.user()));
                  });
              Topology next = current.withShard(moved);
              return next.equals(current) ? Optional.of(current) : topologies.swap(current, next);
            });
    return AdminOutcome.at(done.epoch());
  }

  /** A replica that was promoted is none any more. */
  private static List<Endpoint> without(Shard shard, String url) {
    return shard.replicas().stream().filter(replica -> !replica.url().equals(url)).toList();
  }

  AdminOutcome setReplicas(ShardId id, List<Endpoint> replicas) {
    Topology done =
        topologies.attempt(
            current -> {
              Shard found = Lookup.shard(current, id);
              Shard changed = found.withReplicas(replicas);
              if (!without(changed, found.primary().url()).equals(replicas)) {
                throw new ChangeRefused(
                    "%s is the primary of shard %s: it can be no replica of its own"
                        .formatted(found.primary().url(), id));
              }
              admitNewRoles(found, changed);
              return changed.equals(found)
                  ? Optional.of(current)
                  : topologies.swap(current, current.withShard(changed));
            });
    return AdminOutcome.at(done.epoch());
  }

  /** Asks nothing of the primary where no role is new: it may be away. */
  private void admitNewRoles(Shard before, Shard after) {
    Set<String> roles = appRoles(after);
    roles.removeAll(appRoles(before));
    if (!roles.isEmpty()) {
      databases.run(
          after,
          "letting the app role of its replicas in",
          connection -> SchemaInstaller.admit(connection, roles));
    }
  }

  private static Set<String> appRoles(Shard shard) {
    Set<String> roles = new LinkedHashSet<>();
    roles.add(shard.primary().user());
    shard.replicas().stream().map(Endpoint::user).forEach(roles::add);
    return roles;
  }

  void check(ShardId id) {
    Topology topology = topologies.read();
    Shard shard = Lookup.shard(topology, id);
    databases.run(shard, "checking the server", ServerFitness::check);
    databases.run(
        shard, "looking whose database it is", connection -> requireIdentity(connection, shard));
    topology.shards().values().stream()
        .findFirst()
        .ifPresent(model -> TextOrder.requireSameWhereKnown(databases, model, shard));
  }

  AdminOutcome remove(ShardId id) {
    Shard shard = Lookup.shard(topologies.read(), id);
    Topology done =
        topologies.change(
            current -> {
              current.shard(id).ifPresent(found -> refuseOwner(current, found));
              return current.withoutShard(id);
            });
    try {
      databases.run(
          shard,
          "releasing the database",
          connection -> SchemaInstaller.release(connection, new DatabaseIdentity(cluster, id)));
      return AdminOutcome.at(done.epoch());
    } catch (ChangeFailed e) {
      String advice =
          ("shard %s is removed, but its database still takes itself for it (%s): before it is used"
                  + " again, run there: drop schema shardwright cascade")
              .formatted(id, e.getMessage());
      return new AdminOutcome(done.epoch(), List.of(advice));
    }
  }

  private static boolean isThere(Topology topology, Shard shard) {
    Optional<Shard> known = topology.shard(shard.id());
    if (known.isPresent() && !known.get().equals(shard)) {
      throw new ChangeRefused(
          "there is a shard %s already, and it is another: %s".formatted(shard.id(), known.get()));
    }
    refuseSharedDatabase(topology, shard);
    if (known.isEmpty() && shard.state() != ShardState.ACTIVE) {
      throw new ChangeRefused("shard %s must be ACTIVE to be added".formatted(shard.id()));
    }
    return known.isPresent();
  }

  private static void refuseSharedDatabase(Topology topology, Shard shard) {
    for (Shard other : topology.shards().values()) {
      boolean sameDatabase = other.primary().url().equals(shard.primary().url());
      if (sameDatabase && !other.id().equals(shard.id())) {
        throw new ChangeRefused(
            "%s is shard %s already: a database can be one shard only"
                .formatted(shard.primary().url(), other.id()));
      }
    }
  }

  private void checkDatabase(Topology topology, Shard shard) {
    databases.run(shard, "checking the server", ServerFitness::check);
    Lookup.another(topology, shard)
        .ifPresent(model -> TextOrder.requireSame(databases, model, shard));
  }

  private void checkTables(Topology topology, Shard shard, TableDefinitions definitions) {
    SortedSet<TableName> needed = new TreeSet<>(topology.referenceTables());
    for (KeyspaceTopology keyspace : topology.keyspaces().values()) {
      if (TableRegistration.needs(keyspace, shard)) {
        needed.addAll(keyspace.tables().keySet());
      }
    }
    SortedMap<Shard, SortedSet<TableName>> byModel = new TreeMap<>(Comparator.comparing(Shard::id));
    for (TableName table : needed) {
      byModel.computeIfAbsent(modelOf(topology, table, shard), model -> new TreeSet<>()).add(table);
    }
    if (definitions == TableDefinitions.TAKE_OVER) {
      byModel.forEach((model, tables) -> takeOver(model, shard, tables));
    }
    byModel.forEach(
        (model, tables) -> new DefinitionComparison(databases, model).require(shard, tables));
  }

  private void takeOver(Shard model, Shard shard, SortedSet<TableName> tables) {
    databases.run(
        model,
        "reading table definitions",
        source ->
            databases.run(
                shard,
                "creating tables",
                target ->
                    TableTakeOver.createMissing(
                        source, model.primary().user(), target, shard.primary().user(), tables)));
  }

  /** A shard that has the table for certain; one that comes again only if no other has it. */
  private static Shard modelOf(Topology topology, TableName table, Shard newcomer) {
    return topology.shards().values().stream()
        .sorted(Comparator.comparing(shard -> shard.id().equals(newcomer.id())))
        .filter(
            shard ->
                Lookup.keyspaceOf(topology, table)
                    .map(keyspace -> TableRegistration.needs(keyspace, shard))
                    .orElse(true))
        .findFirst()
        .orElseThrow();
  }

  /** The app role's right to enter, on replicas too. */
  private void admit(Shard shard) {
    databases.run(
        shard,
        "letting routers in",
        connection -> SchemaInstaller.admit(connection, appRoles(shard)));
  }

  /** The schema and the identity. */
  private void claim(Shard shard) {
    DatabaseIdentity wanted = new DatabaseIdentity(cluster, shard.id());
    databases.run(
        shard,
        "installing the schema shardwright",
        connection -> refuseForeign(shard, Optional.of(SchemaInstaller.claim(connection, wanted))));
  }

  private void refuseForeign(Shard shard, Optional<DatabaseIdentity> found) {
    DatabaseIdentity wanted = new DatabaseIdentity(cluster, shard.id());
    found
        .filter(holder -> !holder.equals(wanted))
        .ifPresent(
            holder -> {
              throw new ChangeRefused(
                  ("%s belongs to shard %s of cluster %s already: name another database, or remove it"
                          + " from there first; if that cluster is no more, run in the database:"
                          + " drop schema shardwright cascade")
                      .formatted(shard.primary().url(), holder.shard(), holder.cluster()));
            });
  }

  /**
   * A shard that routers know had its identity before they did. Without one, what is at its address
   * is another database, or an old one: claimed, it would give no rows for its keys.
   */
  private void requireOwnDatabase(Shard shard) {
    databases.run(
        shard,
        "looking whose database it is",
        connection -> {
          Optional<DatabaseIdentity> holder = SchemaInstaller.holder(connection);
          if (!isOwn(holder, shard)) {
            throw new ChangeRefused(
                ("there is a shard %s already, but %s is not its database (%s): if that is elsewhere,"
                        + " say where with shard-admin shard set-url; if it is lost, restore a"
                        + " backup of it with its schema shardwright, or, if the shard owned"
                        + " nothing, give it an empty one with shard-admin shard replace")
                    .formatted(shard.id(), shard.primary().url(), found(holder)));
          }
        });
  }

  /** The database must be the shard's own, moved or promoted: another would hide all its rows. */
  private void requireIdentity(Connection connection, Shard shard) throws SQLException {
    Optional<DatabaseIdentity> holder = SchemaInstaller.holder(connection);
    if (!isOwn(holder, shard)) {
      throw new ChangeRefused(
          "%s is not the database of shard %s of cluster %s (%s): name where that one is now"
              .formatted(shard.primary().url(), shard.id(), cluster, found(holder)));
    }
  }

  private boolean isOwn(Optional<DatabaseIdentity> holder, Shard shard) {
    return holder.equals(Optional.of(new DatabaseIdentity(cluster, shard.id())));
  }

  private static String found(Optional<DatabaseIdentity> holder) {
    return holder
        .map(other -> "it is shard " + other.shard() + " of " + other.cluster())
        .orElse("it is no shard");
  }

  /**
   * A new shard owns nothing, so rows that it brings along belong elsewhere; and routers that know
   * only a topology in which it had some are kept out.
   */
  private void installEmptyGuards(Topology topology, Shard shard) {
    databases.run(
        shard,
        "installing guards",
        connection -> {
          SchemaInstaller.refuseBefore(connection, topology.epoch());
          for (KeyspaceTopology keyspace : topology.keyspaces().values()) {
            for (ShardedTable table : keyspace.tables().values()) {
              if (TablePresence.isThere(connection, table.name())) {
                Guard guard = Guard.of(topology, keyspace, table, shard);
                refuseRows(GuardInstaller.installOverRows(connection, guard));
              }
            }
          }
        });
  }

  private static void refuseRows(RowsInTheWay rows) {
    if (rows.any()) {
      throw new ChangeRefused(
          "a new shard owns nothing yet, but there are %s: delete them, or add them through a router"
              .formatted(rows));
    }
  }

  private static void refuseOwner(Topology topology, Shard shard) {
    List<String> holders = keyspacesOwnedBy(topology, shard);
    if (!holders.isEmpty()) {
      throw new ChangeRefused(
          "shard %s still owns tokens of %s: drain it and rebalance, or lay out keyspaces without rows anew, then remove it"
              .formatted(shard.id(), holders));
    }
    List<RangeMove> moves = topology.movesOf(shard.id());
    if (!moves.isEmpty()) {
      throw new ChangeRefused(
          "shard %s takes part in migrations %s until they are cleaned up: wait for them with shard-admin migration watch, then remove it"
              .formatted(shard.id(), moves.stream().map(RangeMove::number).toList()));
    }
  }
}
