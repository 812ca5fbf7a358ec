package dev.shardwright.rebalance.internal.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.internal.schema.SqlStates;
import dev.shardwright.rebalance.internal.Intercepted;
import dev.shardwright.rebalance.internal.TwoShards;
import dev.shardwright.rebalance.internal.database.MoverTransaction;
import dev.shardwright.rebalance.internal.table.RowKey;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

@Tag("slow")
class KeyLogDrainIT {
  private static final KeyRangeSet TEENS = KeyRangeSet.of(new KeyRange(10, 19));
  private static final String LOG = "select count(*) from shardwright.key_log_7_1";

  private TwoShards shards;
  private Connection from;
  private Connection to;

  @BeforeEach
  void open() throws SQLException {
    shards =
        TwoShards.withTable(
            TEENS,
            """
            create table t (k bigint, id int, u int unique, big text, note text,
              primary key (k, id));
            alter table t alter big set storage external;
            """);
    from = shards.from();
    to = shards.to();
  }

  @AfterEach
  void close() throws SQLException {
    from.close();
    to.close();
    shards.close();
  }

  @Test
  void appliesWhatBecameOfEachRow() throws Exception {
    write(
        "insert into t select 10 + i % 10, i, i, repeat('x', 10000), 'old' from"
            + " generate_series(1, 100) i");
    drainAll();
    write("update t set note = 'new' where id <= 50"); // the big value is not touched
    write("delete from t where id between 51 and 60");
    write("delete from t where id = 1");
    write("insert into t values (11, 1, 1, 'back', 'again')");
    write("update t set k = 30 where id = 2"); // out of the ranges
    write("update t set k = 19 where id = 3"); // within
    write("insert into t values (5, 500, 500, '', '')");
    write("update t set k = 10 where id = 500"); // into the ranges
    drainAll();
    assertSame();
    assertThat(TwoShards.query(shards.target(), "select count(*) from t where k = 30"))
        .containsExactly("0");
    assertThat(TwoShards.query(shards.source(), LOG)).containsExactly("0");
  }

  @Test
  void bringsARowOnceThatWasChangedAThousandTimes() throws Exception {
    write("insert into t values (10, 1, 1, '', '')");
    write("do $$ begin for i in 1..1000 loop update t set note = i::text; end loop; end $$");
    Drained all = new KeyLogDrain(shards.table(), TEENS, TwoShards.MOVER, 5_000).drain(from, to);
    assertThat(all.applied()).isEqualTo(2_001);
    assertThat(all.remaining()).isZero();
    assertSame();
  }

  /** To count a long log after each batch would take longer than the batch. */
  @Test
  void saysAboutWhatRemainsWithoutCountingIt() throws Exception {
    String insert = "insert into t select 10, i, i, '', '' from generate_series(%d, %d) i";
    write(insert.formatted(1, 150));
    write("begin; " + insert.formatted(151, 200) + "; rollback");
    write(insert.formatted(201, 250));
    KeyLogDrain drain = shards.drain();
    assertThat(drain.drain(from, to)).isEqualTo(new Drained(100, 150));
    assertThat(drain.drain(from, to).remaining()).isZero();
    assertSame();
  }

  @Test
  void saysWhatRemains() throws Exception {
    write("insert into t select 10, i, i, '', '' from generate_series(1, 250) i");
    KeyLogDrain drain = shards.drain();
    assertThat(drain.drain(from, to)).isEqualTo(new Drained(100, 150));
    assertThat(drain.length(from)).isEqualTo(150);
    assertThat(TwoShards.drainAll(drain, from, to)).isEqualTo(new Drained(150, 0));
    assertThat(drain.drain(from, to)).isEqualTo(Drained.NOTHING);
    assertThat(drain.length(from)).isZero();
    assertSame();
  }

  @Test
  void takesMoreAtATimeWhileTheLogIsLongAndLessAgainAfterThat() throws Exception {
    String rows = "insert into t select 10, i, i, '', '' from generate_series(%d, %d) i";
    write(rows.formatted(1, 5_000));
    KeyLogDrain drain = shards.drain();
    List<Long> batches = new ArrayList<>();
    for (Drained next = drain.drain(from, to); next.applied() > 0; next = drain.drain(from, to)) {
      batches.add(next.applied());
    }
    assertThat(batches).containsExactly(100L, 200L, 400L, 800L, 1_600L, 1_600L, 300L);
    write(rows.formatted(5_001, 5_200));
    assertThat(drain.drain(from, to).applied()).isEqualTo(100);
    drainAll();
    assertSame();
  }

  @Test
  void appliesAWriteThatTookItsPlaceInTheLogEarlierAndCommitsLater() throws Exception {
    KeyLogDrain drain = shards.drain();
    try (Connection writer = shards.source().connect()) {
      writer.setAutoCommit(false);
      execute(writer, "insert into t values (10, 1, 1, '', 'late')");
      write("insert into t values (10, 2, 2, '', 'early')");
      TwoShards.drainAll(drain, from, to);
      TwoShards.drainAll(drain, from, to);
      TwoShards.drainAll(drain, from, to);
      writer.commit();
    }
    TwoShards.drainAll(drain, from, to);
    assertSame();
    assertThat(shards.moving(shards.target())).hasSize(2);
  }

  /** Its row of the log has a lower number than one that was read, and was not read itself. */
  @Test
  void keepsARowOfTheLogThatWasCommittedBetweenReadingAndDeleting() throws Exception {
    try (Connection writer = shards.source().connect()) {
      writer.setAutoCommit(false);
      execute(writer, "insert into t values (10, 1, 1, '', 'late')");
      write("insert into t values (10, 2, 2, '', 'early')");
      Connection committing =
          Intercepted.calls(
              to,
              method -> {
                if (method.equals("commit")) {
                  writer.commit();
                }
              });
      shards.drain().drain(from, committing);
    }
    drainAll();
    assertSame();
    assertThat(shards.moving(shards.target())).hasSize(2);
  }

  /** The mark must wait for a transaction that no other one has ended after. */
  @Test
  void appliesAWriteThatWasTheNewestTransactionWhenTheLogWasSeenEmpty() throws Exception {
    KeyLogDrain drain = shards.drain();
    try (Connection writer = shards.source().connect()) {
      writer.setAutoCommit(false);
      execute(writer, "insert into t values (10, 1, 1, '', 'late')");
      drain.drain(from, to);
      drain.drain(from, to);
      writer.commit();
    }
    drain.drain(from, to);
    assertSame();
    assertThat(shards.moving(shards.target())).hasSize(1);
  }

  @Test
  void raisesItsMarkOnceNothingCanComeBelowIt() throws Exception {
    KeyLog log = new KeyLog(shards.table(), 7);
    LowWaterMark mark = new LowWaterMark(log);
    write("insert into t values (10, 1, 1, '', '')");
    look(mark, log);
    assertThat(mark.position()).isZero();
    execute(from, "delete from shardwright.key_log_7_1");
    look(mark, log);
    assertThat(mark.position()).isEqualTo(1);
    try (Connection writer = shards.source().connect()) {
      writer.setAutoCommit(false);
      execute(writer, "insert into t values (10, 2, 2, '', '')");
      look(mark, log);
      look(mark, log);
      assertThat(mark.position()).isEqualTo(1);
      writer.rollback();
    }
    look(mark, log);
    assertThat(mark.position()).isEqualTo(2);
  }

  @Test
  void raisesItsMarkWhileOthersWriteElsewhere() throws Exception {
    KeyLog log = new KeyLog(shards.table(), 7);
    LowWaterMark mark = new LowWaterMark(log);
    shards.source().execute("create table other (id int)");
    try (Connection other = shards.source().connect()) {
      other.setAutoCommit(false);
      execute(other, "insert into other values (1)");
      write("insert into t values (10, 1, 1, '', '')");
      drainAll();
      look(mark, log);
      assertThat(mark.position()).isEqualTo(1);
    }
  }

  /** A savepoint that is rolled back to gives up the lock, and the position with it. */
  @Test
  void keepsItsMarkBelowWhoHasRolledBackAPartOrIsPrepared() throws Exception {
    KeyLog log = new KeyLog(shards.table(), 7);
    LowWaterMark mark = new LowWaterMark(log);
    try (Connection writer = shards.source().connect()) {
      writer.setAutoCommit(false);
      execute(writer, "savepoint a; insert into t values (10, 1, 1, '', ''); rollback to a");
      look(mark, log);
      assertThat(mark.position()).isEqualTo(1);
      execute(writer, "insert into t values (10, 2, 2, '', '')");
      execute(writer, "savepoint b; insert into t values (10, 3, 3, '', ''); rollback to b");
      look(mark, log);
      execute(writer, "prepare transaction 'kept'");
      look(mark, log);
      look(mark, log);
      assertThat(mark.position()).isEqualTo(1);
      writer.setAutoCommit(true);
      execute(writer, "commit prepared 'kept'");
    }
    look(mark, log);
    assertThat(mark.position()).isEqualTo(1);
    drainAll();
    assertSame();
    look(mark, log);
    assertThat(mark.position()).isEqualTo(3);
  }

  private void look(LowWaterMark mark, KeyLog log) throws SQLException {
    mark.beforeReading(from);
    mark.afterReading(log.read(from, mark.position(), 10));
  }

  @Test
  void swapsUniqueValuesWithinABatchAndAcrossBatches() throws Exception {
    write("insert into t select 10, i, i, '', '' from generate_series(0, 299) i");
    drainAll();
    // All move on by one: each is in the way of the next, and the last of the first.
    write("update t set u = -1 - (u + 1) % 300; update t set u = -1 - u");
    drainAll();
    assertSame();
    assertThat(TwoShards.query(shards.target(), "select u from t where id = 299"))
        .containsExactly("0");
  }

  /** What is in the way of the first row is named by the last of the log. */
  @Test
  void makesWayForAValueThatWanderedThroughALogOfManyBatches() throws Exception {
    write("insert into t select 10, i, i, '', '' from generate_series(0, 299) i");
    drainAll();
    write("update t set u = null where id = 299");
    write(
        """
        do $$ begin
          for i in reverse 298..0 loop
            update t set u = null where id = i;
            update t set u = i where id = i + 1;
          end loop;
        end $$
        """);
    KeyLogDrain drain = new KeyLogDrain(shards.table(), TEENS, TwoShards.MOVER, 1);
    assertThat(drain.drain(from, to).applied()).isEqualTo(1);
    TwoShards.drainAll(drain, from, to);
    assertSame();
  }

  /** However often the log is read anew, the rows are read later. */
  @Test
  void bringsARowThatTakesAnothersValueEachTimeTheLogHasBeenRead() throws Exception {
    write("insert into t select 10, i, i, '', '' from generate_series(0, 999) i");
    drainAll();
    write("update t set note = 'new' where id = 0");
    AtomicInteger other = new AtomicInteger();
    Connection raced =
        Intercepted.calls(
            to,
            method -> {
              if (method.equals("createStatement")) {
                write(
                    "update t set u = null where id in (0, %d)".formatted(other.incrementAndGet()));
                write("update t set u = %d where id = 0".formatted(other.get()));
              }
            });
    assertThat(shards.drain().drain(from, raced).applied()).isPositive();
    assertThat(other.get()).as("statements of two attempts").isBetween(2, 5);
    drainAll();
    assertSame();
  }

  @Test
  void namesTheValueThatARowOfTheOtherSideHasForGood() throws Exception {
    shards.target().execute("insert into t values (99, 1, 5, '', '')");
    write("insert into t values (10, 2, 5, '', '')");
    assertThatThrownBy(this::drainAll)
        .isInstanceOf(LastingConflict.class)
        .hasMessageContaining("public.t")
        .hasMessageContaining("Key (u)=(5) already exists");
    assertThat(TwoShards.query(shards.source(), LOG)).containsExactly("1");
    assertThat(TwoShards.query(shards.target(), "select k from t")).containsExactly("99");
  }

  /** A fail-over may have left such a row, and whoever looks finds it only later. */
  @Test
  void bringsARowToThatNoWriteNamesAndThatHasAValueOfOneToCome() throws Exception {
    write("insert into t select 10, i, i, '', '' from generate_series(1, 5) i");
    drainAll();
    write("update t set u = 11 where id = 1; update t set u = 12 where id = 5");
    shards.target().execute("update t set u = 11 where id = 2; update t set u = 2 where id = 3");
    drainAll();
    assertSame();
  }

  @Test
  void findsARowInTheWayByEachUniqueIndex() throws Exception {
    for (String index :
        List.of(
            "(id, note)",
            "(lower(note), big)",
            "((id + 1), note) where u > 0",
            "((note::character(30)))")) {
      String ddl = "create unique index other on t " + index;
      shards.source().execute(ddl);
      shards.target().execute(ddl);
      write("delete from t; insert into t values (10, 1, 1, 'x', 'it''s'), (11, 1, 2, 'x', 'b')");
      drainAll();
      write("update t set note = 'A \"new\" one, \\' where k = 10");
      shards.target().execute("update t set note = 'A \"new\" one, \\' where k = 11");
      drainAll();
      assertSame();
      shards.source().execute("drop index other");
      shards.target().execute("drop index other");
    }
  }

  @Test
  void endsWhereARowIsRefusedAndSaysNothingOfIt() throws Exception {
    shards.target().execute("alter table t add constraint low check (u < 5)");
    write("insert into t values (10, 2, 5, 'secret', '')");
    assertThatThrownBy(this::drainAll)
        .isInstanceOf(RowsRefused.class)
        .hasMessageContaining("public.t")
        .hasMessageContaining("check constraint \"low\"")
        .hasMessageNotContaining("secret");
    shards.target().execute("alter table t drop constraint low");
    drainAll();
    assertSame();
  }

  /** Nothing of them is kept, and the log still names them. */
  @Test
  void bringsNoRowsThatTheOtherSideAlters() throws Exception {
    shards
        .target()
        .execute(
            """
            create function alter_row() returns trigger language plpgsql as
              $$ begin new.note := 'altered'; return new; end $$;
            create trigger aaa before insert on t for each row when (new.u = 5)
              execute function alter_row();
            alter table t enable always trigger aaa;
            """);
    write("insert into t values (10, 1, 4, '', ''), (10, 2, 5, '', '')");
    assertThatThrownBy(this::drainAll)
        .isInstanceOfSatisfying(
            RowsDiffer.class, e -> assertThat(e.keys()).isEqualTo(List.of(RowKey.of("10", "2"))));
    assertThat(TwoShards.query(shards.source(), LOG)).containsExactly("2");
    assertThat(TwoShards.query(shards.target(), "select k from t")).isEmpty();
    shards.target().execute("drop trigger aaa on t");
    drainAll();
    assertSame();
  }

  @Test
  void appliesTheLastRowsBehindTheGateAndAgainIfTheAttemptIsOver() throws Exception {
    write("insert into t select 10, i, i, '', '' from generate_series(1, 250) i");
    KeyLogDrain drain = shards.drain();
    assertThatThrownBy(
            () ->
                MoverTransaction.in(
                    from,
                    TwoShards.MOVER,
                    () -> {
                      drain.drainLast(from, to, TimeLeft.UNHURRIED);
                      throw new SQLException("the attempt is over");
                    }))
        .hasMessage("the attempt is over");
    assertSame();
    write("update t set note = 'later' where id in (1, 250)");
    long again =
        MoverTransaction.in(
            from, TwoShards.MOVER, () -> drain.drainLast(from, to, TimeLeft.UNHURRIED));
    assertThat(again).as("each update logs its row as it was and as it is").isEqualTo(254);
    assertSame();
  }

  @Test
  void takesFewerAtATimeWhereThereIsNoTimeForSoMany() throws Exception {
    TwoShards.refuseMoreAtOnce(shards.target(), 10);
    write("insert into t select 10, i, i, '', '' from generate_series(1, 100) i");
    KeyLogDrain drain = shards.drain();
    assertThatThrownBy(() -> drain.drain(from, to, () -> 60_000))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
    assertThat(drain.drain(from, to)).isEqualTo(new Drained(6, 94));
    TwoShards.drainAll(drain, from, to);
    assertSame();
    assertThat(TwoShards.timesRefused(shards.target())).isGreaterThan(1);
  }

  /** A conflict that lasts would be told after six turns. */
  @Test
  void takesNoMoreTurnsThanThereIsTimeFor() throws Exception {
    shards.target().execute("insert into t values (99, 1, 5, '', '')");
    write("insert into t values (10, 2, 5, '', '')");
    AtomicInteger asked = new AtomicInteger();
    TimeLeft left = () -> asked.incrementAndGet() < 6 ? 1_000 : 0;
    assertThatThrownBy(() -> shards.drain().drain(from, to, left))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
  }

  @Test
  void waitsForOthersOnTheTargetOnlyAsLongAsThereIsTime() throws Exception {
    write("insert into t values (10, 1, 1, '', '')");
    drainAll();
    write("update t set note = 'new'");
    try (Connection other = shards.target().connect()) {
      other.setAutoCommit(false);
      execute(other, "select from t for update");
      long began = System.nanoTime();
      assertThatThrownBy(() -> shards.drain().drain(from, to, () -> 100))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isIn("55P03", "57014"));
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
    }
    assertThat(TwoShards.query(to, "show statement_timeout")).containsExactly("2min");
    drainAll();
    assertSame();
  }

  @Test
  void losesNothingIfEitherSessionEndsAtAnyStatement() throws Exception {
    write("insert into t select 10, i, i, '', '' from generate_series(1, 20) i");
    drainAll();
    for (int statement = 1; ; statement++) {
      write("update t set note = '" + statement + "' where id % 2 = 0");
      write("delete from t where id = 1");
      write("insert into t values (10, 1, 1, '', '" + statement + "')");
      AtomicBoolean ended = new AtomicBoolean();
      for (boolean source : List.of(true, false)) {
        try (Connection one = shards.from();
            Connection other = shards.to()) {
          TwoShards.drainAll(
              shards.drain(),
              source ? ending(one, statement, ended) : one,
              source ? other : ending(other, statement, ended));
        } catch (SQLException e) {
          assertThat(ended).as("ended on purpose: " + e).isTrue();
        }
      }
      drainAll();
      assertSame();
      if (!ended.get()) {
        assertThat(statement).as("statements that had their turn").isGreaterThan(5);
        return;
      }
    }
  }

  /** The connection, whose session ends before the nth time that it is asked to do something. */
  private Connection ending(Connection connection, int nth, AtomicBoolean ended) {
    int[] count = {0};
    return Intercepted.calls(
        connection,
        method -> {
          boolean counts =
              method.endsWith("Statement") || method.equals("unwrap") || method.equals("commit");
          if (counts && ++count[0] == nth) {
            ended.set(true);
            int pid = connection.unwrap(PGConnection.class).getBackendPID();
            TwoShards.query(shards.source(), "select pg_terminate_backend(" + pid + ", 10000)");
          }
        });
  }

  @Test
  void refusesAMoverThatWasSuperseded() throws Exception {
    write("insert into t values (10, 1, 1, '', '')");
    shards.target().execute("update shardwright.mover set token = 4");
    assertThatThrownBy(this::drainAll)
        .isInstanceOfSatisfying(
            SQLException.class,
            e -> assertThat(e.getSQLState()).isEqualTo(SqlStates.MOVER_SUPERSEDED));
    assertThat(TwoShards.query(shards.target(), "select k from t")).isEmpty();
  }

  @Test
  void bringsNoRowThatIsOutsideTheRanges() throws Exception {
    write("insert into t values (30, 1, 1, '', '')");
    shards.source().execute("insert into shardwright.key_log_7_1 (k1, k2) values (30, 1)");
    shards.target().execute("insert into t values (30, 1, 9, '', 'of the target')");
    drainAll();
    assertThat(TwoShards.query(shards.target(), "select note from t"))
        .containsExactly("of the target");
  }

  private void drainAll() throws SQLException {
    TwoShards.drainAll(shards.drain(), from, to);
  }

  private void assertSame() throws SQLException {
    assertThat(shards.moving(shards.target())).isEqualTo(shards.moving(shards.source()));
  }

  private void write(String sql) throws SQLException {
    shards.source().execute(sql);
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
