package dev.shardwright.rebalance.internal.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.internal.schema.AdvisoryLocks;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GateHoldersIT {
  private static final int MIGRATION = 7;
  private static final int OTHER = 8;

  private final List<Connection> writers = new ArrayList<>();
  private TestDatabase database;
  private Connection mover;

  @BeforeEach
  void setUp() throws SQLException {
    database = PostgresServer.shared().freshDatabase();
    mover = database.connect();
  }

  @AfterEach
  void close() throws SQLException {
    for (Connection writer : writers) {
      writer.close();
    }
    mover.close();
    database.close();
  }

  @Test
  void namesTheOldestThreeAndSaysHowManyMoreThereAre() throws SQLException {
    write(OTHER, "other");
    for (String application : List.of("a", "b", "c")) {
      write(MIGRATION, application);
    }
    String three = "session .*'a', .*, session .*'b', .*, session .*'c', [^)]*\\)";
    assertThat(GateHolders.describe(mover, MIGRATION)).matches(three);
    write(MIGRATION, "d");
    assertThat(GateHolders.describe(mover, MIGRATION)).matches(three + " and 1 more");
  }

  @Test
  void namesAPreparedTransactionAsItIsEndedWithoutWhatWouldSteerATerminal() throws SQLException {
    Connection writer = write(MIGRATION, "two-phase");
    String gid = "it''s\u001b[2J" + database.name();
    execute(writer, "prepare transaction '%s'".formatted(gid));
    writer.setAutoCommit(true);
    try {
      assertThat(GateHolders.describe(mover, MIGRATION))
          .matches(
              "prepared transaction 'it''s \\[2J%s' \\(prepared \\d+ s ago\\)"
                  .formatted(database.name()));
    } finally {
      execute(writer, "rollback prepared '%s'".formatted(gid));
    }
  }

  @Test
  void namesASessionOfWhichItMaySeeNoMoreThanItsNumberAndNames() throws SQLException {
    Connection writer = write(MIGRATION, "hidden");
    String role = "onlooker_" + database.name();
    execute(mover, "create role %s".formatted(role));
    execute(mover, "set role " + role);
    try {
      assertThat(GateHolders.describe(mover, MIGRATION))
          .isEqualTo(
              "session %d (user %s, application 'hidden')"
                  .formatted(pid(writer), writer.getMetaData().getUserName()));
    } finally {
      execute(mover, "reset role");
      execute(mover, "drop role " + role);
    }
  }

  @Test
  void saysSoIfTheyHaveEndedSince() {
    assertThat(GateHolders.describe(mover, MIGRATION))
        .isEqualTo("transactions that ended too late");
  }

  @Test
  void doesNotFailIfTheSessionIsGone() throws SQLException {
    database.execute("select pg_terminate_backend(%d)".formatted(pid(mover)));
    assertThat(GateHolders.describe(mover, MIGRATION))
        .matches("transactions that could not be looked up \\(SQLSTATE \\w{5}\\)");
  }

  /** Which is looked at without a lock of one's own. */
  @Test
  void namesWhoHasAPartitionToHimself() throws SQLException {
    database.execute("create table t (id int primary key) partition by list (id)");
    database.execute("create table t_1 partition of t for values in (1)");
    List<String> tables = List.of("public.t");
    assertThat(GateHolders.ofTables(mover, tables)).isEmpty();
    Connection writer = write(OTHER, "rebuilding");
    execute(writer, "lock table only t_1 in access exclusive mode");
    execute(writer, "lock table only t_1 in share mode");
    assertThat(GateHolders.ofTables(mover, tables))
        .hasValueSatisfying(
            who ->
                assertThat(who)
                    .matches("session \\d+ [^)]*'rebuilding'[^)]*\\) to unlock the tables"));
  }

  /** As the gate lets one in. */
  private Connection write(int migration, String application) throws SQLException {
    Connection writer = database.connect();
    writers.add(writer);
    writer.setAutoCommit(false);
    execute(writer, "set application_name = '%s'".formatted(application));
    execute(
        writer,
        "select pg_advisory_xact_lock_shared(%d, %d)".formatted(AdvisoryLocks.GATE, migration));
    return writer;
  }

  private static int pid(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select pg_backend_pid()")) {
      row.next();
      return row.getInt(1);
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
