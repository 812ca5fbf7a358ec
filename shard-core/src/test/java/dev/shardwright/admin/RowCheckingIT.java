package dev.shardwright.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.ring.KeyType;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Keys below 500 belong on s1, the others on s2. */
class RowCheckingIT {
  private static final String T = "create table public.t (k bigint primary key)";

  private TestCluster cluster;

  @BeforeEach
  void twoShards() throws SQLException {
    cluster = new TestCluster();
    cluster.admin.init();
    cluster.admin.addShard(cluster.database("s1", T));
    cluster.admin.addShard(cluster.database("s2", T));
    cluster.admin.createKeyspace(NewKeyspace.range("ks", KeyType.BIGINT, List.of("500")));
    cluster.admin.registerTable("ks", GuardIT.keyed("t", "k"));
  }

  @AfterEach
  void close() throws SQLException {
    cluster.close();
  }

  @Test
  void findsATableThatIsMissingWhereItIsNeeded() throws SQLException {
    assertThat(problems()).isEmpty();
    cluster.asAdmin("s2", "drop table t");
    assertThat(problems()).containsExactly("there is no table public.t on shard s2");
  }

  private List<String> problems() {
    return cluster.admin.checkRows().stream().flatMap(check -> check.problems().stream()).toList();
  }
}
