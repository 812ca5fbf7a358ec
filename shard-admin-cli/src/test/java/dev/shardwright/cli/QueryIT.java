package dev.shardwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QueryIT {
  @Test
  void asksOneShardOrAllOfThem() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1", "s2")) {
      for (int key = 1; key <= 4; key++) {
        assertThat(
                cluster
                    .run("query", "insert into orders (user_id, id) values (" + key + ", 1)")
                    .done()
                    .out())
            .isEqualTo("changed rows  1\n");
      }
      assertThat(cluster.run("query", "select count(*), sum(user_id) from orders").done().out())
          .isEqualTo("count  sum\n    4   10\n");
      assertThat(
              cluster
                  .run(
                      "query",
                      "select user_id, note, id = 1 as first, 1.50 as price from orders where user_id = 3",
                      "--output",
                      "json")
                  .done()
                  .out()
                  .replaceAll("\\s", ""))
          .isEqualTo(
              "{\"columns\":[\"user_id\",\"note\",\"first\",\"price\"],\"rows\":[[3,null,true,1.50]],\"complete\":true}");
      assertThat(
              cluster
                  .run("query", "select user_id from orders order by 1", "--max-rows", "2")
                  .done())
          .satisfies(
              result -> {
                assertThat(result.out()).isEqualTo("user_id\n      1\n      2\n");
                assertThat(result.err()).contains("more rows than 2");
              });
      assertThat(cluster.run("explain", "select count(*) from orders").done().out())
          .contains("level:", "shards: s1, s2");
      cluster.run("query", "select * from nowhere").refused("nowhere");
      cluster.run("query", "selec 1").refused("not understood for certain");
      cluster.run("explain", "delete from orders").refused("scatter is for queries that read");
    }
  }

  @Test
  void letsStatementsTakeAsLongAsItIsTold() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1")) {
      String bound = "select current_setting('statement_timeout')";
      assertThat(cluster.run("query", bound).done().out()).contains("30s");
      assertThat(cluster.run("query", bound, "--timeout", "1h").done().out()).contains("1h");
      cluster.run("query", "select pg_sleep(5)", "--timeout", "1s").refused("statement timeout");
    }
  }

  @Test
  void readsNoMoreOfAShardThanItShows() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1")) {
      cluster.execute("s1", "create sequence counted");
      cluster.execute("s1", "insert into orders select 7, n from generate_series(1, 5000) n");
      assertThat(
              cluster
                  .run(
                      "query",
                      "select nextval('counted') from orders where user_id = 7",
                      "--max-rows",
                      "10")
                  .done()
                  .err())
          .contains("more rows than 10");
      assertThat(cluster.query("s1", "select last_value from counted")).containsExactly("11");
    }
  }
}
