package dev.shardwright.router.frameworks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jooq.impl.DSL.count;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.sum;
import static org.jooq.impl.DSL.table;

import dev.shardwright.router.TestCluster;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.LongStream;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SQLDialect;
import org.jooq.Table;
import org.jooq.exception.DataAccessException;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A service that writes its SQL with jOOQ, over three shards. */
class JooqIT {
  private static final Table<Record> ORDERS = table(name("orders"));
  private static final Field<Long> USER = field(name("user_id"), Long.class);
  private static final Field<Long> ID = field(name("id"), Long.class);
  private static final Field<Integer> AMOUNT = field(name("amount"), Integer.class);

  private static TestCluster cluster;
  private static DSLContext jooq;

  @BeforeAll
  static void start() {
    System.setProperty("org.jooq.no-logo", "true");
    System.setProperty("org.jooq.no-tips", "true");
    cluster = TestCluster.withShards(3);
    jooq = DSL.using(cluster.router().dataSource(), SQLDialect.POSTGRES);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void fill() throws SQLException {
    for (String shard : List.of("s1", "s2", "s3")) {
      cluster.execute(shard, "delete from users; delete from orders");
    }
    int[] counts =
        jooq.batch(
                LongStream.rangeClosed(1, 20)
                    .mapToObj(
                        user ->
                            jooq.insertInto(ORDERS, USER, ID, AMOUNT).values(user, 1L, (int) user))
                    .toList())
            .execute();
    assertThat(counts).hasSize(20).containsOnly(1);
  }

  @Test
  void readsByKey() {
    assertThat(jooq.select(AMOUNT).from(ORDERS).where(USER.eq(7L).and(ID.eq(1L))).fetchOne(AMOUNT))
        .isEqualTo(7);
    assertThat(jooq.selectFrom(ORDERS).where(USER.in(3L, 4L)).orderBy(USER).fetch(AMOUNT))
        .containsExactly(3, 4);
  }

  @Test
  void asksAllShards() {
    var totals = jooq.select(count(), sum(AMOUNT)).from(ORDERS).where(AMOUNT.gt(10)).fetchSingle();
    assertThat(totals.value1()).isEqualTo(10);
    assertThat(totals.value2()).isEqualByComparingTo("155");
    assertThat(jooq.select(USER).from(ORDERS).orderBy(AMOUNT.desc()).limit(3).offset(5).fetch(USER))
        .containsExactly(15L, 14L, 13L);
  }

  @Test
  void getsRowsBackFromWrites() {
    var returned =
        jooq.insertInto(ORDERS, USER, ID, AMOUNT)
            .values(5L, 2L, 50)
            .onConflict(USER, ID)
            .doUpdate()
            .set(AMOUNT, 51)
            .returningResult(ID, AMOUNT)
            .fetchSingle();
    assertThat(returned.value2()).isEqualTo(50);
    assertThat(
            jooq.update(ORDERS)
                .set(AMOUNT, AMOUNT.plus(1))
                .where(USER.eq(5L))
                .returningResult(AMOUNT)
                .fetch(AMOUNT))
        .containsExactlyInAnyOrder(6, 51);
  }

  @Test
  void commitsOrRollsBackTransactions() {
    jooq.transaction(
        within -> {
          within.dsl().update(ORDERS).set(AMOUNT, 100).where(USER.eq(1L)).execute();
          within.dsl().insertInto(ORDERS, USER, ID, AMOUNT).values(1L, 2L, 100).execute();
        });
    assertThatThrownBy(
            () ->
                jooq.transaction(
                    within -> {
                      within.dsl().deleteFrom(ORDERS).where(USER.eq(1L)).execute();
                      throw new IllegalStateException("changed my mind");
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(jooq.select(AMOUNT).from(ORDERS).where(USER.eq(1L)).fetch(AMOUNT))
        .containsExactly(100, 100);
    assertThatThrownBy(() -> jooq.insertInto(ORDERS, USER, ID, AMOUNT).values(1L, 2L, 1).execute())
        .isInstanceOfSatisfying(
            DataAccessException.class, e -> assertThat(e.sqlState()).isEqualTo("23505"));
  }
}
