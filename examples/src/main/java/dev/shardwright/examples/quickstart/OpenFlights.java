package dev.shardwright.examples.quickstart;

import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.admin.NewKeyspace;
import dev.shardwright.ring.KeyType;
import dev.shardwright.router.Keyspace;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The OpenFlights data: airlines and their routes, sharded by airline, with bookings on top;
 * airports are a reference table. Routes that name no airline have no sharding key and are
 * rejected.
 */
final class OpenFlights implements Dataset {
  /** The files that must be in the folder. */
  static final List<String> FILES = List.of("airlines.dat", "airports.dat", "routes.dat");

  private static final CheckedTable AIRLINES =
      new CheckedTable("airlines", "airline_id", "airline_id::text");
  private static final CheckedTable ROUTES =
      new CheckedTable(
          "routes", "airline_id", "concat_ws(':', airline_id, airline, source, destination)");
  private static final CheckedTable BOOKINGS =
      new CheckedTable("bookings", "airline_id", "airline_id || ':' || booking_id");

  private static final WorkSql WORK =
      new WorkSql(
          """
          select r.destination, r.source, a.name
          from routes r left join airports a on a.iata = r.destination
          where r.airline_id = ? order by r.source, r.destination limit 10""",
          "insert into bookings (airline_id, booking_id) values (?, ?)",
          "update airlines set bookings = bookings + 1 where airline_id = ?");

  private final Path folder;
  private final TreeSet<Long> airlines = new TreeSet<>();

  OpenFlights(Path folder) {
    this.folder = folder;
  }

  @Override
  public String title() {
    return "the OpenFlights data: airlines, routes and bookings sharded by airline_id";
  }

  @Override
  public String keyspace() {
    return "flights";
  }

  @Override
  public List<String> tableDefinitions() {
    return List.of(
        """
        create table airlines (
          airline_id bigint primary key,
          name text not null,
          country text,
          bookings bigint not null default 0)""",
        """
        create table routes (
          airline_id bigint not null,
          airline text not null,
          source text not null,
          destination text not null,
          codeshare boolean not null,
          stops integer not null,
          equipment text,
          primary key (airline_id, airline, source, destination))""",
        """
        create table bookings (
          airline_id bigint not null,
          booking_id bigint not null,
          booked_at timestamptz not null default now(),
          primary key (airline_id, booking_id))""",
        """
        create table airports (
          airport_id bigint primary key,
          name text not null,
          city text,
          country text not null,
          iata text,
          latitude double precision not null,
          longitude double precision not null)""",
        "create index on airlines (pg_catalog.hashint8extended(airline_id, 0))",
        "create index on routes (pg_catalog.hashint8extended(airline_id, 0))",
        "create index on bookings (pg_catalog.hashint8extended(airline_id, 0))");
  }

  @Override
  public void register(ClusterAdmin admin) {
    admin.createKeyspace(NewKeyspace.hash(keyspace(), KeyType.BIGINT));
    for (CheckedTable table : checkedTables()) {
      admin.registerTable(keyspace(), ShardedTable.of(TableName.of(table.name()), table.key()));
    }
    admin.registerReferenceTable(TableName.of("airports"));
  }

  @Override
  public List<CheckedTable> checkedTables() {
    return List.of(ROUTES, AIRLINES, BOOKINGS);
  }

  @Override
  public CheckedCounter checkedCounter() {
    return new CheckedCounter("airlines", "airline_id", "bookings");
  }

  @Override
  public int load(ShardRouter router, Ledger ledger) throws IOException, SQLException {
    loadAirports(router);
    Keyspace flights = router.keyspace(keyspace());
    loadAirlines(router, flights, ledger);
    return loadRoutes(router, flights, ledger);
  }

  /** A reference table is kept whole on every shard. */
  private void loadAirports(ShardRouter router) throws IOException, SQLException {
    List<List<@Nullable String>> airports =
        new DataFile(folder.resolve("airports.dat"), 14).records();
    for (var shard : router.topology().shards().keySet()) {
      try (Connection connection = router.shard(shard.value()).connection()) {
        connection.setAutoCommit(false);
        try (PreparedStatement insert =
            connection.prepareStatement("insert into airports values (?, ?, ?, ?, ?, ?, ?)")) {
          for (List<@Nullable String> airport : airports) {
            insert.setLong(1, Long.parseLong(required(airport, 0)));
            insert.setString(2, required(airport, 1));
            insert.setString(3, airport.get(2));
            insert.setString(4, required(airport, 3));
            insert.setString(5, airport.get(4));
            insert.setDouble(6, Double.parseDouble(required(airport, 6)));
            insert.setDouble(7, Double.parseDouble(required(airport, 7)));
            insert.addBatch();
          }
          insert.executeBatch();
        }
        connection.commit();
      }
    }
  }

  private void loadAirlines(ShardRouter router, Keyspace flights, Ledger ledger)
      throws IOException, SQLException {
    String insert = "insert into airlines (airline_id, name, country) values (?, ?, ?)";
    ShardedLoad load = new ShardedLoad(router, flights, AIRLINES, insert, ledger);
    for (List<@Nullable String> airline :
        new DataFile(folder.resolve("airlines.dat"), 8).records()) {
      long id = Long.parseLong(required(airline, 0));
      load.add(id, Long.toString(id), id, airline.get(1), airline.get(6));
      airlines.add(id);
    }
    load.finish();
  }

  private int loadRoutes(ShardRouter router, Keyspace flights, Ledger ledger)
      throws IOException, SQLException {
    String insert = "insert into routes values (?, ?, ?, ?, ?, ?, ?)";
    ShardedLoad load = new ShardedLoad(router, flights, ROUTES, insert, ledger);
    int rejected = 0;
    for (List<@Nullable String> route : new DataFile(folder.resolve("routes.dat"), 9).records()) {
      String id = route.get(1);
      if (id == null) {
        rejected++;
        continue;
      }
      String airline = required(route, 0);
      String source = required(route, 2);
      String destination = required(route, 4);
      load.add(
          Long.parseLong(id),
          String.join(":", id, airline, source, destination),
          Long.parseLong(id),
          airline,
          source,
          destination,
          "Y".equals(route.get(6)),
          Integer.parseInt(required(route, 7)),
          route.get(8));
    }
    load.finish();
    return rejected;
  }

  /** The routes: they are what the data is about. */
  @Override
  public long loadedRows(Ledger ledger) {
    return ledger.rows(ROUTES).size();
  }

  @Override
  public List<Long> keys() {
    return List.copyOf(airlines);
  }

  @Override
  public WorkSql work() {
    return WORK;
  }

  @Override
  public String overview() {
    return """
        select a.country, count(*) as routes, count(distinct r.airline_id) as airlines,
          round(avg(r.stops), 4) as stops
        from routes r join airports a on a.iata = r.source
        group by a.country order by routes desc limit 5""";
  }

  @Override
  public CheckedTable written() {
    return BOOKINGS;
  }

  private static String required(List<@Nullable String> record, int column) {
    return Objects.requireNonNull(
        record.get(column), () -> "column " + column + " is NULL in " + record);
  }
}
