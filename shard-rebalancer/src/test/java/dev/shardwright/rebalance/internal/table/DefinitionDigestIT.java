package dev.shardwright.rebalance.internal.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.rebalance.internal.TwoShards;
import dev.shardwright.ring.KeyRangeSet;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DefinitionDigestIT {
  private static final String DDL =
      """
      create type mood as enum ('sad', 'ok');
      create type tag as enum ('new');
      create domain zip as text check (value <> '');
      create type address as (street text, city text);
      create domain home as address;
      create table t (k bigint, at date, name varchar(10) collate "C", m mood, tags tag[], code zip,
        at_home home,
        twice bigint generated always as (k * 2) stored, primary key (k, at), check (k > 0))
        partition by range (at);
      create table t_old partition of t for values from (minvalue) to ('2024-01-01');
      create table t_new partition of t for values from ('2024-01-01') to (maxvalue);
      """;

  @Test
  void isTheSameForEqualTablesOnBothSides() throws Exception {
    try (TwoShards shards = TwoShards.withTable(KeyRangeSet.ALL, DDL);
        Connection from = shards.from();
        Connection to = shards.to()) {
      DefinitionDigest one = DefinitionDigest.read(from, shards.tables());
      DefinitionDigest other = DefinitionDigest.read(to, shards.tables());
      assertThat(one).isEqualTo(other);
      assertThat(one.differences(other, "S", "T")).isEmpty();
      assertThat(one.parts()).hasSizeGreaterThan(8);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "alter table t add c int",
        "alter table t drop name",
        "alter table t alter name type varchar(11)",
        "alter table t alter name type varchar(10) collate \"POSIX\"",
        "alter table t rename name to title",
        "alter table t alter m set not null",
        "alter type mood add value 'happy'",
        "alter type tag add value 'old'",
        "alter type address rename attribute street to road",
        "alter type address add attribute country text",
        "alter type address drop attribute street, add attribute street text",
        "alter domain zip add check (length(value) = 5)",
        "alter domain zip set not null",
        "alter table t add unique (k, at, name)",
        "alter table t drop constraint t_k_check",
        "alter table t detach partition t_old",
        "drop table t_new",
        "create table t_rest partition of t default",
        "alter table t_old set unlogged"
      })
  void seesEachChange(String change) throws Exception {
    try (TwoShards shards = TwoShards.withTable(KeyRangeSet.ALL, DDL);
        Connection from = shards.from()) {
      DefinitionDigest before = DefinitionDigest.read(from, shards.tables());
      shards.source().execute(change);
      DefinitionDigest after = DefinitionDigest.read(from, shards.tables());
      assertThat(after).isNotEqualTo(before);
      assertThat(before.differences(after, "before", "after")).isNotEmpty();
      assertThat(before.changedSince(before.fingerprints())).isEmpty();
      assertThat(after.changedSince(before.fingerprints())).containsExactly("public.t");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "alter table t set unlogged",
        "create table child () inherits (t)",
        "drop table t cascade",
        "alter table t rename to u"
      })
  void seesWhatBecomesOfAnOrdinaryTable(String change) throws Exception {
    try (TwoShards shards =
            TwoShards.withTable(KeyRangeSet.ALL, "create table t (k bigint primary key)");
        Connection from = shards.from()) {
      DefinitionDigest before = DefinitionDigest.read(from, shards.tables());
      assertThat(before.parts().keySet()).noneMatch(part -> part.contains("persistence"));
      List<MovingTable> tables = shards.tables();
      shards.source().execute(change);
      for (boolean autoCommit : List.of(true, false)) {
        from.setAutoCommit(autoCommit);
        DefinitionDigest after = DefinitionDigest.read(from, tables);
        assertThat(before.differences(after, "before", "after")).isNotEmpty();
        assertThat(after.changedSince(before.fingerprints())).containsExactly("public.t");
      }
      from.rollback();
    }
  }

  @Test
  void keepsTheTablesAsTheyAreUntilTheTransactionEnds() throws Exception {
    try (TwoShards shards = TwoShards.withTable(KeyRangeSet.ALL, DDL);
        Connection from = shards.from()) {
      from.setAutoCommit(false);
      DefinitionDigest.read(from, shards.tables());
      for (String change :
          List.of(
              "alter table t add c int",
              "drop table t_old",
              "alter table t disable trigger user")) {
        assertThatThrownBy(() -> shards.source().execute("set lock_timeout = '20ms'; " + change))
            .isInstanceOf(SQLException.class)
            .hasMessageContaining("lock timeout");
      }
      shards.source().execute("insert into t values (1, '2024-01-01')");
      from.rollback();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "create table t (k bigint)|no primary key",
        "create table t (k bigint, n int, twice int generated always as (n * 2) stored,"
            + " primary key (twice, k))|generates from others"
      })
  void refusesTablesWhoseRowsCannotBeTold(String ddl, String reason) {
    assertThatThrownBy(() -> TwoShards.withTable(KeyRangeSet.ALL, ddl).close())
        .isInstanceOf(UnfitTable.class)
        .hasMessageContaining("public.t")
        .hasMessageContaining(reason);
  }
}
