package dev.shardwright.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.internal.schema.DatabaseIdentity;
import dev.shardwright.internal.schema.SchemaInstaller;
import dev.shardwright.ring.ShardId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SchemaUpgradeIT {
  private static final DatabaseIdentity IDENTITY = new DatabaseIdentity("test", ShardId.of("s1"));

  private final TestCluster cluster = new TestCluster();

  @AfterEach
  void close() throws SQLException {
    cluster.close();
  }

  @Test
  void upgradesVersion1InPlaceAndKeepsWhatItHolds() throws Exception {
    cluster.database("s1", "create table orders (id int8 primary key)");
    cluster.asAdmin("s1", versionOne());
    cluster.asAdmin("s1", "insert into shardwright.identity values (true, 'test', 's1', 1)");
    cluster.asAdmin("s1", "select shardwright.raise_minimum_epoch(5)");
    cluster.asAdmin(
        "s1",
        "grant usage on schema shardwright to app;"
            + " grant execute on function shardwright.enter(int4, int8) to app");

    try (Connection admin = cluster.connect("s1", "admin")) {
      assertThat(SchemaInstaller.claim(admin, IDENTITY)).isEqualTo(IDENTITY);
      SchemaInstaller.admit(admin, List.of("app"));
    }

    assertThat(cluster.query("s1", "select version from shardwright.identity"))
        .containsExactly("2");
    assertThat(cluster.query("s1", "select last_value from shardwright.minimum_epoch"))
        .containsExactly("5");
    assertThat(cluster.query("s1", "select count(*) from shardwright.mover")).containsExactly("0");
    cluster.asApp("s1", "select shardwright.enter(0, 5)");
    cluster.asApp("s1", "select shardwright.advance(1, 1)");
    assertThat(cluster.query("s1", "select shardwright.readmit(6)")).containsExactly("6");
  }

  @Test
  void letsTheAppRoleAdvanceRegistersAndNothingElseOfAMove() throws SQLException {
    cluster.admin.init();
    cluster.admin.addShard(cluster.database("s1", ""));
    cluster.asApp("s1", "select shardwright.advance(1, 1)");
    for (String forbidden :
        List.of(
            "select shardwright.assert_register(1, 1)",
            "select shardwright.begin_mover(1, 1)",
            "select shardwright.take_over(1, 1)",
            "select * from shardwright.mover",
            "select * from shardwright.migration_object",
            "select * from shardwright.copy_position",
            "select * from shardwright.given_up")) {
      assertThatThrownBy(() -> cluster.asApp("s1", forbidden))
          .as(forbidden)
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
    }
  }

  private static String versionOne() throws IOException {
    try (InputStream text =
        Objects.requireNonNull(SchemaUpgradeIT.class.getResourceAsStream("schema-1.sql"))) {
      return new String(text.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
