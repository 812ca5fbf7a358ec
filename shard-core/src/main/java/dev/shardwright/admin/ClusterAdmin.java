package dev.shardwright.admin;

import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.credentials.EnvironmentCredentials;
import dev.shardwright.ring.Pin;
import dev.shardwright.ring.Pins;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.ring.TokenFunction;
import dev.shardwright.ring.TokenFunctions;
import dev.shardwright.topology.CompareAndSet;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardState;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.TopologyStore;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import dev.shardwright.topology.zookeeper.ZooKeeperOptions;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The one way to set up and change a cluster.
 *
 * <p>Commands may race with each other, from any number of processes: whoever loses looks again and
 * decides anew, and no change is lost. A command that finds its work done says so; one that broke
 * on the way may be run again: then {@link #init}, {@link #dropKeyspace}, {@link #removeShard} and
 * {@link #restore} are refused where their work was done. Every wait is bounded by {@link
 * ClusterAdminOptions}.
 *
 * <p>Commands throw {@link ChangeRefused} if the change is not possible as things are, {@link
 * ChangeFailed} if it broke on the way, {@link dev.shardwright.TopologyUnavailable} if the topology
 * cannot be reached, and {@link IllegalArgumentException} for values that cannot be.
 *
 * <p>Speaks to the shards' primaries as the admin role, which must own the registered tables and be
 * allowed to create a schema; the app role needs no more than its rights on the tables.
 * Thread-safe.
 */
public final class ClusterAdmin implements AutoCloseable {
  private final TopologyStore store;
  private final Runnable closing;
  private final ShardDatabases databases;
  private final TopologyEditor topologies;
  private final GuardKeeping guards;
  private final ShardEntry shards;
  private final ReferenceTables referenceTables;
  private final TableRegistration tables;
  private final Adoption adoption;
  private final PlacementChange placements;
  private final RowChecking rows;
  private final Recovery recovery;

  /** Connects with the default options and {@link EnvironmentCredentials}. */
  public static ClusterAdmin connect(String zooKeeper, String cluster) {
    return connect(
        zooKeeper,
        cluster,
        ZooKeeperOptions.DEFAULTS,
        new EnvironmentCredentials(),
        ClusterAdminOptions.DEFAULTS);
  }

  /**
   * Connects to the cluster of that name; it need not be set up yet.
   *
   * @param zooKeeper {@code host:port}, several divided by commas
   * @throws dev.shardwright.TopologyUnavailable if ZooKeeper cannot be reached in time
   */
  public static ClusterAdmin connect(
      String zooKeeper,
      String cluster,
      ZooKeeperOptions zooKeeperOptions,
      CredentialsProvider credentials,
      ClusterAdminOptions options) {
    ZooKeeperCluster connected = ZooKeeperCluster.connect(zooKeeper, cluster, zooKeeperOptions);
    return new ClusterAdmin(
        connected.topologyStore(), connected::close, cluster, credentials, options);
  }

  /**
   * Administers the cluster whose topology is in that store, and closes the store in the end.
   *
   * @param cluster the cluster's name, which its databases are marked with
   */
  public ClusterAdmin(
      TopologyStore store,
      String cluster,
      CredentialsProvider credentials,
      ClusterAdminOptions options) {
    this(store, store::close, cluster, credentials, options);
  }

  private ClusterAdmin(
      TopologyStore store,
      Runnable closing,
      String cluster,
      CredentialsProvider credentials,
      ClusterAdminOptions options) {
    this.store = store;
    this.closing = closing;
    this.databases = new ShardDatabases(credentials, options);
    this.topologies = new TopologyEditor(store);
    this.guards = new GuardKeeping(topologies, databases);
    this.referenceTables = new ReferenceTables(topologies, databases);
    this.shards = new ShardEntry(cluster, topologies, databases, referenceTables);
    this.tables = new TableRegistration(topologies, databases, guards);
    this.adoption = new Adoption(topologies, shards, tables);
    this.placements = new PlacementChange(topologies, databases, guards);
    this.rows = new RowChecking(topologies, databases);
    this.recovery = new Recovery(cluster, store, databases);
  }

  /**
   * Sets up the cluster: from now on there is a topology, still empty. If this is refused when it
   * is run again after a lost answer, since the cluster is set up, that is done.
   */
  public AdminOutcome init() {
    CompareAndSet result = store.compareAndSet(Topology.INITIAL);
    if (result instanceof CompareAndSet.Lost lost) {
      throw new ChangeRefused("the cluster is set up already, it is at epoch " + lost.current());
    }
    if (result instanceof CompareAndSet.Unknown unknown) {
      throw new ChangeFailed(
          "the cluster may or may not have been set up (" + unknown.reason() + "): look", null);
    }
    return AdminOutcome.at(Topology.INITIAL.epoch());
  }

  /** The topology in force. */
  public Topology topology() {
    return store.read();
  }

  /** As {@link #addShard(Shard, TableDefinitions)}, for a database that has all tables. */
  public AdminOutcome addShard(Shard shard) {
    return addShard(shard, TableDefinitions.COMPARE);
  }

  /**
   * Makes a database a shard: checks the server, installs the schema {@code shardwright}, compares
   * table definitions, and copies the reference tables. The new shard owns nothing until a
   * rebalance or {@link #layOut} gives it something.
   */
  public AdminOutcome addShard(Shard shard, TableDefinitions definitions) {
    return databases.sharing(() -> shards.add(shard, definitions));
  }

  /**
   * Refuses what would be refused on the way where an existing database, with its rows, is to be
   * the first shard: by {@link #addShard}, then {@link #createKeyspace}, then {@link
   * #registerTable} for each of the tables. Changes nothing. What is done of that already is in no
   * one's way.
   *
   * @param keyspace of strategy {@link Strategy#HASH}, without regions
   */
  public void checkAdoptable(Shard shard, NewKeyspace keyspace, Collection<ShardedTable> tables) {
    databases.sharing(
        () -> {
          adoption.check(shard, keyspace, tables);
          return shard;
        });
  }

  /** Changes a shard's share; the next rebalance or {@link #layOut} acts on it. */
  public AdminOutcome setWeight(ShardId id, int weight) {
    return changeShard(id, shard -> shard.withWeight(weight));
  }

  /**
   * Says where a shard's primary is from now on: after its server has moved, or a replica was
   * promoted, which is no replica any more then. Refused unless the database there says that it is
   * this shard; whether it has all that the old one had, only the operator knows. Routers follow.
   */
  public AdminOutcome setPrimary(ShardId id, Endpoint primary) {
    return databases.sharing(() -> shards.setPrimary(id, primary));
  }

  /**
   * Gives a shard whose database is lost for good another one, without rows: its range moves end
   * then, and it can be removed. It has no replicas any more. May be done again where it was
   * interrupted.
   *
   * @param primary may be where the lost one was
   * @throws ChangeRefused if the shard owns tokens, whose rows would be missing, or if the database
   *     is another shard's, or has rows of registered tables
   */
  public AdminOutcome replaceDatabase(ShardId id, Endpoint primary, TableDefinitions definitions) {
    return databases.sharing(() -> shards.replace(id, primary, definitions));
  }

  /**
   * Says which replicas a shard has from now on; none, if there are none. Routers read from the
   * primary only; moves wait until one of the standbys has the rows that they bring.
   *
   * @throws ChangeRefused if one of them is the primary
   */
  public AdminOutcome setReplicas(ShardId id, List<Endpoint> replicas) {
    return databases.sharing(() -> shards.setReplicas(id, replicas));
  }

  /** Marks a shard as one to be emptied: rebalances move what it owns away. */
  public AdminOutcome drainShard(ShardId id) {
    return changeShard(id, shard -> shard.withState(ShardState.DRAINING));
  }

  /** Takes {@link #drainShard} back. */
  public AdminOutcome activateShard(ShardId id) {
    return changeShard(id, shard -> shard.withState(ShardState.ACTIVE));
  }

  /**
   * Removes a shard that owns nothing. Its tables stay as they are, and go on refusing writes, so
   * that a router that has not heard of it yet cannot write there; run {@code drop schema
   * shardwright cascade} in the database to use it for something else. It may be added again.
   *
   * <p>If this is refused when it is run again after a lost answer, since there is no such shard,
   * the shard is removed, but its database still takes itself for it: the same statement helps.
   */
  public AdminOutcome removeShard(ShardId id) {
    return databases.sharing(() -> shards.remove(id));
  }

  /**
   * Keys that split the rows of an existing table into ranges of about the same size, for {@link
   * NewKeyspace#range}: one fewer than ranges, or less where single keys have more rows than a
   * range should have.
   *
   * <p>Reads the whole table, or, of one with more than 400 pages for each range, a random sample
   * of about so many pages. Of the rows that were read, no range gets more than an equal share and
   * the rows of its first key. The same rows give the same keys. Changes nothing, keeps nobody
   * waiting.
   *
   * @param shard whose primary has the table; need not be in the cluster yet
   * @param column of type {@code smallint}, {@code integer}, {@code bigint} or {@code timestamptz}
   * @param ranges 2 to 256
   * @return the keys as text, ascending
   */
  public List<String> sampleSplitKeys(Shard shard, TableName table, String column, int ranges) {
    return SplitKeys.sample(databases, shard, table, column, ranges);
  }

  /**
   * Creates a keyspace without tables. One that is there already and is just what would be made is
   * left as it is.
   */
  public AdminOutcome createKeyspace(NewKeyspace wanted) {
    return done(
        topologies.change(
            topology -> {
              KeyspaceTopology made = Layout.keyspace(topology, wanted);
              Optional<KeyspaceTopology> there = topology.keyspace(wanted.name());
              if (there.isPresent() && !there.get().equals(made)) {
                throw new ChangeRefused(
                    "there is a keyspace %s already, and it is another".formatted(wanted.name()));
              }
              return topology.withKeyspace(made);
            }));
  }

  /**
   * Drops a keyspace that has no tables any more, and no ranges that move. If this is refused when
   * it is run again after a lost answer, since there is no such keyspace, it is dropped.
   */
  public AdminOutcome dropKeyspace(String name) {
    return done(
        topologies.change(
            topology -> {
              KeyspaceTopology keyspace = Lookup.keyspace(topology, name);
              if (!keyspace.tables().isEmpty()) {
                throw new ChangeRefused(
                    "keyspace %s has tables %s: unregister them first"
                        .formatted(name, keyspace.tables().keySet()));
              }
              Lookup.refuseMoves(name, topology.movesOf(name));
              return topology.withoutKeyspace(name);
            }));
  }

  /**
   * Registers a table, which must be on all shards of the keyspace, defined alike; each of its rows
   * must be on the shard that owns it. From now on each shard refuses rows that do not belong
   * there.
   *
   * @return with advice on indexes
   */
  public AdminOutcome registerTable(String keyspace, ShardedTable table) {
    return databases.sharing(() -> tables.register(keyspace, table));
  }

  /** Forgets a table of either kind, and removes its guards. Its rows stay where they are. */
  public AdminOutcome unregisterTable(TableName table) {
    return databases.sharing(() -> tables.unregister(table));
  }

  /**
   * Registers a small table that is kept whole on every shard. Shards where it is empty are filled
   * from one that has rows; then all must be alike.
   */
  public AdminOutcome registerReferenceTable(TableName table) {
    return databases.sharing(() -> referenceTables.register(table));
  }

  /** As {@link #pin(String, Region, String, ShardId)}, in a keyspace without regions. */
  public AdminOutcome pin(String keyspace, String key, ShardId shard) {
    return pin(keyspace, Region.ALL, key, shard);
  }

  /**
   * Gives a key without rows to a chosen shard, apart from the ring.
   *
   * @param key the key as text
   */
  public AdminOutcome pin(String keyspace, Region region, String key, ShardId shard) {
    return changePins(
        keyspace,
        region,
        key,
        (topology, pins, token) -> {
          Lookup.shard(topology, shard);
          return pins.with(new Pin(key, token, shard));
        });
  }

  /** As {@link #unpin(String, Region, String)}, in a keyspace without regions. */
  public AdminOutcome unpin(String keyspace, String key) {
    return unpin(keyspace, Region.ALL, key);
  }

  /** Gives a pinned key without rows back to the ring. */
  public AdminOutcome unpin(String keyspace, Region region, String key) {
    return changePins(keyspace, region, key, (topology, pins, token) -> pins.without(token));
  }

  /**
   * Lays the keyspace out anew over today's active shards by weight, as if it were new; pins stay.
   * Refused if a row would have to move.
   */
  public AdminOutcome layOut(String keyspaceName) {
    return place(
        keyspaceName,
        (topology, keyspace) -> {
          KeyspaceTopology changed = keyspace;
          for (Region region : keyspace.placements().keySet()) {
            Pins pins = keyspace.placement(region).pins();
            Placement anew = new Placement(Layout.again(topology, keyspace, region), pins);
            changed = changed.withPlacement(region, anew);
          }
          return changed;
        });
  }

  /** Makes the guards on all shards what the topology says, after a command broke half-way. */
  public AdminOutcome repairGuards() {
    return done(databases.sharing(guards::repair));
  }

  /**
   * Looks whether every row is on the shard that owns it and none is twice, whether each shard has
   * the tables that it needs and its guards are what the topology says, and whether reference
   * tables are alike. Reads all rows of all tables, on the servers; changes nothing. Where ranges
   * began to move meanwhile, what seems wrong may be right: then the problem is to look again.
   */
  public List<RowCheck> checkRows() {
    return databases.sharing(() -> rows.run());
  }

  /**
   * What the databases of the shards say against a topology that was kept, in sentences: that it is
   * older than what they own, or of other databases, or that one cannot be asked. Empty if it may
   * be restored.
   */
  public List<String> objectionsTo(Topology kept) {
    return databases.sharing(() -> recovery.objections(kept));
  }

  /**
   * Refuses a topology that {@link #restore} would refuse, and changes nothing: ask before anything
   * is done that only a lost store needs.
   */
  public void checkRestorable(Topology kept) {
    recovery.checkRestorable(kept);
  }

  /**
   * Puts a topology that was kept into a store that has lost everything, at a much later epoch. Ask
   * {@link #objectionsTo} first. Refused if ranges were moving in it: nobody could finish that.
   */
  public AdminOutcome restore(Topology kept) {
    return databases.sharing(() -> recovery.restore(kept));
  }

  /**
   * Looks whether a shard's database can be reached, is fit, and is the shard's own.
   *
   * @throws ChangeRefused if it is not fit, or another's
   * @throws ChangeFailed if it cannot be reached
   */
  public void checkShard(ShardId id) {
    shards.check(id);
  }

  /** Ends the connection to the topology. Safe to call twice. */
  @Override
  public void close() {
    closing.run();
  }

  private AdminOutcome changeShard(ShardId id, UnaryOperator<Shard> change) {
    return done(
        topologies.change(
            topology -> topology.withShard(change.apply(Lookup.shard(topology, id)))));
  }

  @FunctionalInterface
  private interface PinChange {
    Pins of(Topology topology, Pins pins, long token);
  }

  private AdminOutcome changePins(
      String keyspaceName, Region region, String key, PinChange change) {
    return place(
        keyspaceName,
        (topology, keyspace) -> {
          if (keyspace.strategy() == Strategy.SINGLE) {
            throw new ChangeRefused(
                "keyspace %s of strategy SINGLE has no keys to pin".formatted(keyspaceName));
          }
          TokenFunction tokens = TokenFunctions.of(keyspace.strategy(), keyspace.keyType());
          Placement placement = keyspace.placement(region);
          long token = tokens.tokenOf(tokens.parse(key));
          Pins pins = change.of(topology, placement.pins(), token);
          return keyspace.withPlacement(region, new Placement(placement.ring(), pins));
        });
  }

  private AdminOutcome place(String keyspace, PlacementChange.Wanted wanted) {
    return done(databases.sharing(() -> placements.make(keyspace, wanted)));
  }

  private static AdminOutcome done(Topology topology) {
    return AdminOutcome.at(topology.epoch());
  }
}
