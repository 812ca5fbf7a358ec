package dev.shardwright.router.differential;

import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.admin.ClusterAdminOptions;
import dev.shardwright.admin.NewKeyspace;
import dev.shardwright.credentials.Credentials;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.credentials.Role;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.TokenFunction;
import dev.shardwright.router.RouterOptions;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.TestDatabase;
import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.core.TypeInfo;
import org.postgresql.jdbc.PgConnection;

/**
 * A cluster of four shards, and one PostgreSQL that holds the rows of all of them; and a second one
 * that holds them in another physical order, to tell what PostgreSQL leaves open.
 */
final class FourAndOne implements AutoCloseable {
  static final List<String> SHARDS = List.of("s1", "s2", "s3", "s4");
  private static final String PASSWORD = "app-secret";

  /** What the driver says of an array's bounds depends on whether it has met the type before. */
  private static final List<String> ARRAYS =
      List.of(
          "_bool",
          "_bytea",
          "_date",
          "_float4",
          "_float8",
          "_int2",
          "_int4",
          "_int8",
          "_interval",
          "_jsonb",
          "_mood",
          "_numeric",
          "_text",
          "_time",
          "_timestamp",
          "_timestamptz",
          "_uuid");

  private static final AtomicInteger NUMBER = new AtomicInteger();

  /** With gaps and repetitions in spring and autumn. */
  private static final String TIME_ZONE = "Europe/Berlin";

  private final TimeZone formerTimeZone = TimeZone.getDefault();
  private final PostgresServer server = PostgresServer.shared();
  private final ZooKeeperServer zooKeeper = ZooKeeperServer.shared();
  private final String name = "differential" + NUMBER.incrementAndGet();
  private final String app = name + "_app";
  private final Map<String, TestDatabase> databases = new TreeMap<>();
  private final List<ShardRouter> routers = new ArrayList<>();
  private final ClusterAdmin admin;
  private final int majorVersion;
  private @Nullable ZooKeeperCluster link;

  private FourAndOne(String schema) throws SQLException {
    this(schema, "");
  }

  /**
   * @param settings of the databases, as in CREATE DATABASE
   */
  private FourAndOne(String schema, String settings) throws SQLException {
    TimeZone.setDefault(TimeZone.getTimeZone(TIME_ZONE));
    server.createRole(app, PASSWORD);
    for (String database : List.of("s1", "s2", "s3", "s4", "one", "other")) {
      databases.put(database, server.freshDatabase(settings));
      execute(database, schema);
      grantAll(database);
    }
    try (Connection one = database("one").connect()) {
      majorVersion = one.getMetaData().getDatabaseMajorVersion();
    }
    admin =
        ClusterAdmin.connect(
            zooKeeper.connectString(),
            name,
            RouterOptions.DEFAULTS.zookeeper(),
            credentials(),
            ClusterAdminOptions.DEFAULTS);
    admin.init();
    for (String shard : SHARDS) {
      Region region = Region.of(shard.compareTo("s2") <= 0 ? "eu" : "us");
      admin.addShard(
          Shard.of(ShardId.of(shard), new Endpoint(database(shard).url(), app)).withRegion(region));
    }
  }

  /** The tables of {@code schema.sql} with the rows of {@code rows.sql}. */
  static FourAndOne withAllTables() throws SQLException {
    return withAllTables("");
  }

  /** The same in databases with other settings. */
  static FourAndOne withAllTables(String settings) throws SQLException {
    FourAndOne made = new FourAndOne(Resources.text("schema.sql"), settings);
    made.execute("one", Resources.text("rows.sql"));
    made.createKeyspaces();
    made.distribute();
    return made;
  }

  /** The tables of {@code flights.sql}. */
  static FourAndOne withFlights() throws SQLException {
    Flights flights = Flights.atHand();
    FourAndOne made = new FourAndOne(Resources.text("flights.sql"));
    try (Connection one = made.connect("one")) {
      copyIn(one, TableName.of("airlines"), flights.airlines());
      copyIn(one, TableName.of("routes"), flights.routes());
      copyIn(one, TableName.of("airports"), flights.airports());
      copyIn(one, TableName.of("places"), flights.airports());
    }
    made.hash("flights", KeyType.BIGINT);
    made.register("flights", "airlines", "airline_id");
    made.register("flights", "routes", "airline_id");
    made.hash("ground", KeyType.BIGINT);
    made.register("ground", "places", "airport_id");
    made.reference("airports");
    made.distribute();
    return made;
  }

  private void createKeyspaces() throws SQLException {
    hash("shop", KeyType.BIGINT);
    register("shop", "people", "id");
    register("shop", "orders", "person_id");
    register("shop", "order_lines", "person_id");
    register("shop", "rare", "id");
    register("shop", "nobody", "id");
    register("shop", "Odd Names", "Key");
    register("shop", "archive.orders", "person_id");
    register("shop", "wallets", "owner");
    register("shop", "entries", "owner");
    hash("accounts", KeyType.TEXT);
    register("accounts", "accounts", "email");
    register("accounts", "logins", "email");
    register("accounts", "labels", "name");
    hash("devices", KeyType.UUID);
    register("devices", "devices", "id");
    admin.createKeyspace(
        NewKeyspace.range(
            "events",
            KeyType.TIMESTAMPTZ,
            List.of("2000-01-01 00:00+00", "2024-04-01 00:00+00", "2024-12-01 00:00+00")));
    register("events", "events", "at");
    admin.createKeyspace(NewKeyspace.range("blocks", KeyType.BIGINT, List.of("100", "400", "800")));
    register("blocks", "blocks", "height");
    register("blocks", "slots", "height");
    admin.createKeyspace(
        NewKeyspace.hash("visits", KeyType.BIGINT)
            .withRegions(List.of(Region.of("eu"), Region.of("us"))));
    regional("visits", "person_id");
    regional("stays", "guest");
    admin.createKeyspace(NewKeyspace.single("office", ShardId.of("s2")));
    for (String table : List.of("settings", "audit", "notes")) {
      admin.registerTable(
          "office", new ShardedTable(TableName.of(table), Optional.empty(), Optional.empty()));
    }
    reference("countries");
    reference("products");
    reference("rates");
    reference("archive.rare");
    reference("banned");
    reference("stamps");
  }

  private void hash(String keyspace, KeyType type) {
    admin.createKeyspace(NewKeyspace.hash(keyspace, type));
  }

  private void register(String keyspace, String table, String key) {
    admin.registerTable(keyspace, ShardedTable.of(TableName.of(table), key));
  }

  private void regional(String table, String key) {
    admin.registerTable(
        "visits", new ShardedTable(TableName.of(table), Optional.of(key), Optional.of("region")));
  }

  private void reference(String table) {
    admin.registerReferenceTable(TableName.of(table));
  }

  /** Copies every row of the one database to the shard that owns it, and to the other one. */
  private void distribute() throws SQLException {
    Topology topology = admin.topology();
    for (KeyspaceTopology keyspace : topology.keyspaces().values()) {
      for (ShardedTable table : keyspace.tables().values()) {
        distribute(keyspace, table);
      }
    }
    for (TableName table : topology.referenceTables()) {
      distributeReference(table);
    }
    try (Connection one = database("one").connect()) {
      for (ShardedTable table : tables(topology)) {
        copyAll(one, table.name(), "other");
      }
      for (TableName table : topology.referenceTables()) {
        copyAll(one, table, "other");
      }
    }
    for (TestDatabase database : databases.values()) {
      database.execute("analyze");
    }
  }

  private static List<ShardedTable> tables(Topology topology) {
    return topology.keyspaces().values().stream()
        .flatMap(keyspace -> keyspace.tables().values().stream())
        .toList();
  }

  /** Copies every row to the shard that owns it. */
  void distribute(KeyspaceTopology keyspace, ShardedTable table) throws SQLException {
    try (Connection one = database("one").connect()) {
      place(one, keyspace, table);
      for (String shard : SHARDS) {
        copy(one, table.name(), placed(table, shard), shard);
      }
    }
  }

  /** Range moves of all rings, none of them begun. */
  HalfMoved halfMoved() {
    link = ZooKeeperCluster.connect(zooKeeper.connectString(), name);
    return new HalfMoved(this, link.topologyStore());
  }

  /** Lets rows that move come to their targets. */
  void openForMoves() {
    admin.repairGuards();
  }

  /** Copies the rows of a table that move to where they move to, and counts them. */
  long copyMoving(KeyspaceTopology keyspace, ShardedTable table, RangeMove move)
      throws SQLException {
    String moving =
        table
            .keyColumn()
            .map(key -> keyspace.tokenFunction().sqlCondition(quoted(key), move.ranges()))
            .orElse("true");
    String regional =
        table
            .regionColumn()
            .map(region -> quoted(region) + " = '" + move.region() + "'")
            .orElse("true");
    String rows = "%s where %s and %s".formatted(quoted(table.name()), moving, regional);
    try (Connection source = database(move.source().value()).connect()) {
      return copy(source, table.name(), rows, move.target().value());
    }
  }

  /** Copies every row to every shard, in another order to each. */
  void distributeReference(TableName table) throws SQLException {
    try (Connection one = database("one").connect()) {
      for (String shard : SHARDS) {
        copyAll(one, table, shard);
      }
    }
  }

  /** Writes down in a temporary table which shard owns each key. */
  private static void place(Connection one, KeyspaceTopology keyspace, ShardedTable table)
      throws SQLException {
    String key = table.keyColumn().map(FourAndOne::quoted).orElse("''");
    String region = table.regionColumn().map(FourAndOne::quoted).orElse("'all'");
    try (Statement statement = one.createStatement()) {
      statement.execute("drop table if exists placed");
      statement.execute(
          "create temp table placed (placed_key text, placed_region text, on_shard text)");
    }
    String keys =
        "select distinct %s::text, %s from %s".formatted(key, region, quoted(table.name()));
    try (Statement statement = one.createStatement();
        ResultSet rows = statement.executeQuery(keys);
        PreparedStatement insert = one.prepareStatement("insert into placed values (?, ?, ?)")) {
      while (rows.next()) {
        insert.setString(1, rows.getString(1));
        insert.setString(2, rows.getString(2));
        insert.setString(
            3, owner(keyspace, Region.of(rows.getString(2)), rows.getString(1)).value());
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  private static ShardId owner(KeyspaceTopology keyspace, Region region, String key) {
    TokenFunction tokens = keyspace.tokenFunction();
    long token = keyspace.keyType().isEmpty() ? 0 : tokens.tokenOf(tokens.parse(key));
    return keyspace.placement(region).ownerOf(token);
  }

  private static String placed(ShardedTable table, String shard) {
    return "%s t, placed where on_shard = '%s' and placed_key = %s and placed_region = %s"
        .formatted(
            quoted(table.name()),
            shard,
            table.keyColumn().map(key -> "t." + quoted(key) + "::text").orElse("''"),
            table.regionColumn().map(region -> "t." + quoted(region)).orElse("'all'"));
  }

  private void copyAll(Connection one, TableName table, String to) throws SQLException {
    copy(one, table, quoted(table) + " t order by md5('" + to + "' || t::text)", to);
  }

  /** The columns that can be written to. */
  private static String columns(Connection one, TableName table) throws SQLException {
    String query =
        "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute"
            + " where attrelid = '%s'::regclass and attnum > 0 and attgenerated = ''";
    try (Statement statement = one.createStatement();
        ResultSet row = statement.executeQuery(query.formatted(quoted(table)))) {
      row.next();
      return row.getString(1);
    }
  }

  private long copy(Connection one, TableName table, String from, String to) throws SQLException {
    try (Connection target = database(to).connect()) {
      return copyIn(target, table, copyOut(one, table, from));
    }
  }

  /** All rows, as COPY writes them. */
  static String copyOut(Connection session, TableName table) throws SQLException {
    return copyOut(session, table, quoted(table));
  }

  private static String copyOut(Connection session, TableName table, String from)
      throws SQLException {
    ByteArrayOutputStream rows = new ByteArrayOutputStream();
    try {
      session
          .unwrap(PGConnection.class)
          .getCopyAPI()
          .copyOut(
              "copy (select %s from %s) to stdout".formatted(columns(session, table), from), rows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows.toString(StandardCharsets.UTF_8);
  }

  /** Adds rows that COPY wrote, and counts them. */
  static long copyIn(Connection session, TableName table, String rows) throws SQLException {
    try {
      return session
          .unwrap(PGConnection.class)
          .getCopyAPI()
          .copyIn(
              "copy %s (%s) from stdin".formatted(quoted(table), columns(session, table)),
              new StringReader(rows));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A router of this cluster, closed with it. */
  ShardRouter router(MeterRegistry meters) {
    ShardRouter router =
        ShardRouter.connect(
            zooKeeper.connectString(),
            name,
            RouterOptions.DEFAULTS.withCredentials(credentials()).withMeters(meters));
    routers.add(router);
    return router;
  }

  /** The cluster's JDBC URL. */
  String url(boolean writesToSeveralShards) {
    return "jdbc:shardwright://%s/%s?user=%s&password=%s&multiShardWrites=%s"
        .formatted(
            zooKeeper.connectString(),
            name,
            app,
            PASSWORD,
            writesToSeveralShards ? "per-shard" : "refused");
  }

  /** A session of the app role on a database: a shard, {@code one} or {@code other}. */
  Connection connect(String database) throws SQLException {
    Connection connection = DriverManager.getConnection(database(database).url(), app, PASSWORD);
    TypeInfo types = connection.unwrap(PgConnection.class).getTypeInfo();
    for (String array : ARRAYS) {
      types.getPGArrayElement(types.getPGType(array));
    }
    return connection;
  }

  /** Where its topology is. */
  String zooKeeper() {
    return zooKeeper.connectString();
  }

  /** The cluster's name. */
  String name() {
    return name;
  }

  /** The major version of the servers. */
  int majorVersion() {
    return majorVersion;
  }

  Topology topology() {
    return admin.topology();
  }

  /** As superuser. */
  void execute(String database, String sql) throws SQLException {
    database(database).execute(sql);
  }

  private void grantAll(String database) throws SQLException {
    execute(
        database,
        """
        do $$ declare s text; begin
          for s in select quote_ident(nspname) from pg_namespace
            where nspname !~ '^pg_' and nspname <> 'information_schema'
          loop
            execute format('grant usage on schema %%s to %1$s', s);
            execute format('grant all on all tables in schema %%s to %1$s', s);
          end loop;
        end $$\
        """
            .formatted(app));
  }

  /** Of every role. */
  CredentialsProvider credentials() {
    return (shard, endpoint, role) ->
        role == Role.ADMIN
            ? Credentials.of(server.user(), server.password())
            : Credentials.of(app, PASSWORD);
  }

  private TestDatabase database(String database) {
    return Objects.requireNonNull(databases.get(database), database);
  }

  private static String quoted(TableName table) {
    return quoted(table.schema()) + "." + quoted(table.name());
  }

  private static String quoted(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }

  @Override
  public void close() throws SQLException {
    try {
      routers.forEach(ShardRouter::close);
      admin.close();
      if (link != null) {
        link.close();
      }
      for (TestDatabase database : databases.values()) {
        database.close();
      }
    } finally {
      TimeZone.setDefault(formerTimeZone);
    }
  }
}
