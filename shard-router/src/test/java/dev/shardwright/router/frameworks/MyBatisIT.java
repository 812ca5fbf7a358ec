package dev.shardwright.router.frameworks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.router.TestCluster;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.apache.ibatis.annotations.Insert;
import org.apache.ibatis.annotations.Param;
import org.apache.ibatis.annotations.Select;
import org.apache.ibatis.annotations.Update;
import org.apache.ibatis.exceptions.PersistenceException;
import org.apache.ibatis.mapping.Environment;
import org.apache.ibatis.session.Configuration;
import org.apache.ibatis.session.ExecutorType;
import org.apache.ibatis.session.SqlSession;
import org.apache.ibatis.session.SqlSessionFactory;
import org.apache.ibatis.session.SqlSessionFactoryBuilder;
import org.apache.ibatis.transaction.jdbc.JdbcTransactionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A service with MyBatis mappers, over three shards. */
class MyBatisIT {
  private static TestCluster cluster;
  private static SqlSessionFactory sessions;

  interface Orders {
    @Insert("insert into orders (user_id, id, amount) values (#{user}, #{id}, #{amount})")
    int insert(@Param("user") long user, @Param("id") long id, @Param("amount") int amount);

    @Select("select amount from orders where user_id = #{user} order by id")
    List<Integer> amounts(@Param("user") long user);

    @Update("update orders set amount = amount + 1 where user_id = #{user}")
    int raise(@Param("user") long user);

    @Select(
        "select amount % 2 as odd, count(*) as n, sum(amount) as total"
            + " from orders group by amount % 2 order by 1")
    List<Map<String, Object>> totals();

    @Select("select user_id from orders order by amount limit #{size} offset #{from}")
    List<Long> page(@Param("from") int from, @Param("size") int size);
  }

  @BeforeAll
  static void start() {
    cluster = TestCluster.withShards(3);
    Configuration configuration =
        new Configuration(
            new Environment("test", new JdbcTransactionFactory(), cluster.router().dataSource()));
    configuration.addMapper(Orders.class);
    sessions = new SqlSessionFactoryBuilder().build(configuration);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void empty() throws SQLException {
    for (String shard : List.of("s1", "s2", "s3")) {
      cluster.execute(shard, "delete from users; delete from orders");
    }
  }

  @Test
  void worksByKeyInTransactions() {
    for (long user = 1; user <= 6; user++) {
      try (SqlSession session = sessions.openSession()) {
        Orders orders = session.getMapper(Orders.class);
        orders.insert(user, 1, 10);
        orders.insert(user, 2, 20);
        assertThat(orders.raise(user)).isEqualTo(2);
        if (user != 3) {
          session.commit();
        }
      }
    }
    try (SqlSession session = sessions.openSession(true)) {
      Orders orders = session.getMapper(Orders.class);
      assertThat(orders.amounts(2)).containsExactly(11, 21);
      assertThat(orders.amounts(3)).as("never committed").isEmpty();
    }
  }

  @Test
  void asksAllShards() {
    try (SqlSession session = sessions.openSession(ExecutorType.BATCH, true)) {
      Orders orders = session.getMapper(Orders.class);
      for (int user = 1; user <= 20; user++) {
        orders.insert(user, 1, user);
      }
      session.flushStatements();
    }
    try (SqlSession session = sessions.openSession(true)) {
      Orders orders = session.getMapper(Orders.class);
      assertThat(orders.totals())
          .containsExactly(
              Map.of("odd", 0, "n", 10L, "total", 110L), Map.of("odd", 1, "n", 10L, "total", 100L));
      assertThat(orders.page(4, 3)).containsExactly(5L, 6L, 7L);
    }
  }

  @Test
  void hearsWhatPostgresSays() {
    try (SqlSession session = sessions.openSession(true)) {
      Orders orders = session.getMapper(Orders.class);
      orders.insert(1, 1, 1);
      assertThatThrownBy(() -> orders.insert(1, 1, 1))
          .isInstanceOf(PersistenceException.class)
          .hasMessageContaining("duplicate key");
    }
  }
}
