package dev.shardwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What is said of tables that are not registered. */
class UnregisteredTableIT {
  @Test
  void aTableThatIsNotRegisteredIsNotSaidToBeForgotten() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1")) {
      assertThat(cluster.run("table", "remove", "order").is(1).err())
          .contains("Table public.order is not registered. Remove guards");
      assertThat(cluster.run("table", "remove", "order", "--yes").done().out())
          .contains("Table public.order was not registered")
          .doesNotContain("forgotten");
      assertThat(cluster.run("table", "list").done().out()).contains("public.orders");
      assertThat(cluster.run("table", "remove", "orders", "--yes").done().out())
          .contains("Table public.orders is forgotten");
    }
  }
}
