package dev.shardwright.router.frameworks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.router.TestCluster;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.LongStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.annotation.Transactional;

/** A service with Spring's {@code JdbcTemplate} and declared transactions, over three shards. */
class SpringJdbcIT {
  private static TestCluster cluster;
  private static AnnotationConfigApplicationContext spring;
  private static Shop shop;
  private static JdbcTemplate jdbc;

  interface Shop {
    void placeOrders(long user, int... amounts);

    long placeTwoElsewhere(long first, long second);
  }

  static class JdbcShop implements Shop {
    private final JdbcTemplate jdbc;

    JdbcShop(JdbcTemplate jdbc) {
      this.jdbc = jdbc;
    }

    @Override
    @Transactional(isolation = Isolation.READ_COMMITTED)
    public void placeOrders(long user, int... amounts) {
      long id = 0;
      for (int amount : amounts) {
        id++;
        jdbc.update("insert into orders (user_id, id, amount) values (?, ?, ?)", user, id, amount);
        if (amount < 0) {
          throw new IllegalArgumentException("an amount is negative");
        }
      }
    }

    @Override
    @Transactional
    public long placeTwoElsewhere(long first, long second) {
      jdbc.update("insert into orders (user_id, id, amount) values (?, 1, 1)", first);
      return jdbc.update("insert into orders (user_id, id, amount) values (?, 1, 1)", second);
    }
  }

  @Configuration
  @EnableTransactionManagement
  static class Application {
    @Bean
    DataSource dataSource() {
      return cluster.router().dataSource();
    }

    @Bean
    JdbcTemplate jdbcTemplate(DataSource dataSource) {
      return new JdbcTemplate(dataSource);
    }

    @Bean
    PlatformTransactionManager transactions(DataSource dataSource) {
      return new DataSourceTransactionManager(dataSource);
    }

    @Bean
    Shop shop(JdbcTemplate jdbc) {
      return new JdbcShop(jdbc);
    }
  }

  @BeforeAll
  static void start() {
    cluster = TestCluster.withShards(3);
    spring = new AnnotationConfigApplicationContext(Application.class);
    shop = spring.getBean(Shop.class);
    jdbc = spring.getBean(JdbcTemplate.class);
  }

  @AfterAll
  static void stop() {
    spring.close();
    cluster.close();
  }

  @BeforeEach
  void empty() throws SQLException {
    for (String shard : List.of("s1", "s2", "s3")) {
      cluster.execute(shard, "delete from users; delete from orders");
    }
  }

  @Test
  void readsByKeyWhatItWroteInTransactions() {
    LongStream.rangeClosed(1, 12).forEach(user -> shop.placeOrders(user, 10, 20));
    assertThat(
            jdbc.queryForList(
                "select amount from orders where user_id = ? order by id", Integer.class, 7))
        .containsExactly(10, 20);
  }

  @Test
  void rollsBackWhenTheCallThrows() {
    assertThatThrownBy(() -> shop.placeOrders(1, 10, -1, 30))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(jdbc.queryForObject("select count(*) from orders", Long.class)).isZero();
  }

  @Test
  void learnsThatATransactionStaysOnOneShard() {
    var router = cluster.router();
    assertThatThrownBy(
            () ->
                shop.placeTwoElsewhere(
                    TestCluster.keyOn(router, "s1"), TestCluster.keyOn(router, "s2")))
        .isInstanceOf(DataAccessException.class)
        .hasMessageContaining("the transaction is on shard s1");
    assertThat(jdbc.queryForObject("select count(*) from orders", Long.class)).isZero();
  }

  @Test
  void writesInBatchesAndAsksAllShards() {
    List<Object[]> rows =
        LongStream.rangeClosed(1, 40).mapToObj(user -> new Object[] {user, 1, user}).toList();
    int[] counts =
        jdbc.batchUpdate("insert into orders (user_id, id, amount) values (?, ?, ?)", rows);
    assertThat(counts).hasSize(40).containsOnly(1);
    assertThat(jdbc.queryForMap("select count(*) as n, sum(amount) as total from orders"))
        .containsEntry("n", 40L)
        .containsEntry("total", 820L);
    assertThat(
            jdbc.queryForList(
                "select user_id from orders order by amount desc limit ? offset ?",
                Long.class,
                3,
                2))
        .containsExactly(38L, 37L, 36L);
    assertThat(jdbc.queryForObject("select avg(amount) from orders", Double.class)).isEqualTo(20.5);
  }

  @Test
  void getsGeneratedKeys() {
    GeneratedKeyHolder keys = new GeneratedKeyHolder();
    jdbc.update(
        connection -> {
          var statement =
              connection.prepareStatement(
                  "insert into users (user_id, name) values (?, ?)", new String[] {"user_id"});
          statement.setLong(1, 4711);
          statement.setString(2, "somebody");
          return statement;
        },
        keys);
    assertThat(keys.getKey()).isEqualTo(4711L);
  }

  @Test
  void translatesWhatPostgresSays() {
    jdbc.update("insert into users (user_id, name) values (1, 'a')");
    assertThatThrownBy(() -> jdbc.update("insert into users (user_id, name) values (1, 'a')"))
        .isInstanceOf(DuplicateKeyException.class);
  }
}
