package dev.shardwright.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Topology;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Keys below 500 belong on s1, the others on s2. */
class RowCheckingIT {
  private static final String T = "create table public.t (k bigint primary key)";

  private final InterferingStore store = new InterferingStore();
  private TestCluster cluster;

  @BeforeEach
  void twoShards() throws SQLException {
    cluster = new TestCluster(store);
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

  @Test
  void doesNotBlameRowsAndGuardsForWhatChangedWhileItCounted() throws SQLException {
    Topology before = cluster.admin.topology();
    cluster.admin.pin("ks", "7", ShardId.of("s2"));
    cluster.asApp("s2", "insert into t values (7)");
    assertThat(problems()).isEmpty();
    store.readNext(before);
    assertThat(problems())
        .containsExactly(
            "ranges or tables of the keyspace changed while public.t was counted on shard s1: look again",
            "ranges or tables of the keyspace changed while public.t was counted on shard s2: look again");
  }

  @Test
  void tellsWhatIsWrongWithAKeyspaceThatDidNotChange() throws SQLException {
    Topology before = cluster.admin.topology();
    cluster.admin.createKeyspace(NewKeyspace.hash("other", KeyType.BIGINT));
    cluster.asAdmin("s1", "drop trigger zz_shardwright_guard on t");
    store.readNext(before);
    assertThat(problems())
        .containsExactly("the guard of public.t on shard s1 is not what the topology says");
  }

  @Test
  void doesNotBlameRowsAndGuardsWhereRangesBeganToMove() throws SQLException {
    Topology before = cluster.admin.topology();
    cluster.beginMove(3, "ks", "s1", "s2");
    cluster.admin.repairGuards();
    cluster.asApp("s2", "insert into t values (7)");
    store.readNext(before);
    assertThat(problems())
        .containsExactly(
            "ranges or tables of the keyspace changed while public.t was counted on shard s2: look again");
  }

  private List<String> problems() {
    return cluster.admin.checkRows().stream().flatMap(check -> check.problems().stream()).toList();
  }
}
