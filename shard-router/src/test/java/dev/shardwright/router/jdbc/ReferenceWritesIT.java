package dev.shardwright.router.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.TestCluster;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Writes to reference tables: each shard has to hold the same rows when they are done. */
class ReferenceWritesIT {
  private static final List<String> SHARDS = List.of("s1", "s2", "s3");

  private static TestCluster cluster;
  private static ShardRouter router;

  private Connection connection;
  private Statement statement;

  @BeforeAll
  static void start() throws SQLException {
    cluster = TestCluster.withShards(SHARDS.size());
    everywhere(
        """
        create domain moment as timestamptz default clock_timestamp();
        create domain nested as moment;
        create table notes (
          id int primary key, body text, at timestamptz, days daterange, first nested,
          made timestamptz default now());
        create table found (id int primary key, body text, words tsvector);
        create trigger finds before insert or update on found for each row
          execute function tsvector_update_trigger(words, 'pg_catalog.english', body);
        create function stamp() returns trigger language plpgsql as
          $$ begin new.made := clock_timestamp(); return new; end $$;
        create function tidy() returns trigger language plpgsql immutable as
          $$ begin new.body := trim(new.body); return new; end $$;
        create table stamped (id int primary key, body text, made timestamptz);
        create trigger stamps before update on stamped for each row execute function stamp();
        create table stamped_first (id int primary key, body text, made timestamptz);
        create trigger stamps before insert on stamped_first
          for each row execute function stamp();
        create table tidied (id int primary key, body text);
        create trigger tidies before insert or update on tidied
          for each row execute function tidy();
        create function tell() returns trigger language plpgsql as $$ begin return null; end $$;
        create trigger tells after insert or update on tidied
          for each row execute function tell();
        create trigger off before insert or update on tidied
          for each row execute function tell();
        alter table tidied disable trigger off;
        grant all on notes, found, stamped, stamped_first, tidied to %s;
        """
            .formatted(cluster.app));
    for (String table : List.of("notes", "found", "stamped", "stamped_first", "tidied")) {
      cluster.admin.registerReferenceTable(TableName.of(table));
    }
    router = cluster.router();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void open() throws SQLException {
    everywhere("delete from notes; delete from stamped; delete from stamped_first");
    connection = PerShardWrites.through(router);
    statement = connection.createStatement();
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
  }

  @Test
  void haveToGiveWhatADefaultWouldDraw() throws SQLException {
    refused("insert into notes (id) values (1)", "first, made");
    refused("insert into notes (id, first) values (1, null)", "default", "made");
    refused("insert into notes (id, made) values (1, now())", "default", "first");
    refused("update notes set made = default", "default");
    statement.execute("insert into notes (id, first, made) values (1, now(), now())");
    assertThatAllHaveTheSame("notes");
  }

  @Test
  void haveNoTextsForAMoment() throws SQLException {
    String insert = "insert into notes (id, first, made, body, at, days) values (%s)";
    for (String moment :
        List.of(
            "1, null, null, 'x', 'now', null",
            "1, null, 'today', 'x', null, null",
            "1, ' Yesterday ', null, 'x', null, null",
            "1, null, null, 'x', coalesce(null, 'now'), null",
            "1, null, null, 'x', $$now$$, null",
            "1, null, null, 'x', null, '[today,tomorrow)'")) {
      refused(insert.formatted(moment), "the moment that '");
    }
    refused("update notes set at = 'now' where id = 1", "the moment that 'now'");
    refused("update notes set (body, at) = ('now', 'today')", "the moment that 'today'");
    refused("delete from notes where at < 'yesterday'", "the moment that 'yesterday'");
    refused(
        insert.formatted("1, null, null, 'x', null, null")
            + " on conflict (id) do update set at = 'now'",
        "the moment that 'now'");
    statement.execute(insert.formatted("1, null, null, 'now', now(), null"));
    statement.execute("update notes set body = 'due today', at = now() where body = 'now'");
    assertThat(statement.getUpdateCount()).isOne();
    for (String accepted :
        List.of(
            "delete from notes where body like '%yesterday%'",
            "delete from notes n where n.body = 'now'",
            "update notes set at = null where body in ('now', 'due today')",
            "update notes set body = body || ' (call now)' where id = 1",
            "update notes set body = 'now'::text where id = 2",
            "insert into notes (id, body, first, made) select 3, 'call now', now(), null")) {
      statement.execute(accepted);
    }
    refused("update notes set at = null where at in ('now', 'today')", "the moment that 'now'");
    refused(
        "insert into notes (id, at, first, made) select 4, 'now', now(), null", "the moment that");
    assertThatAllHaveTheSame("notes");
  }

  @Test
  void areNotLeftToTriggersThatMayGiveEachRowOtherValues() throws SQLException {
    statement.execute("insert into stamped (id, body) values (1, 'a')");
    refused("update stamped set body = 'b'", "the trigger stamps", "IMMUTABLE");
    refused(
        "insert into stamped (id) values (1) on conflict (id) do update set body = 'b'",
        "the trigger stamps");
    refused("insert into stamped_first (id) values (1)", "the trigger stamps");
    statement.execute("update stamped_first set body = 'b'");
    statement.execute("delete from stamped where id = 2");
    assertThatAllHaveTheSame("stamped");
  }

  @Test
  void mayHaveTriggersThatAreDeclaredImmutableOrComeWithPostgresql() throws SQLException {
    statement.execute("insert into found (id, body) values (1, 'a word')");
    assertThatAllHaveTheSame("found");
    statement.execute("insert into tidied (id, body) values (1, ' a '), (2, 'b ')");
    statement.execute("update tidied set body = ' c' where id = 2");
    assertThatAllHaveTheSame("tidied");
    try (ResultSet rows = statement.executeQuery("select string_agg(body, ',') from tidied")) {
      rows.next();
      assertThat(rows.getString(1)).isEqualTo("a,c");
    }
  }

  private void refused(String sql, String... messages) {
    assertThatThrownBy(() -> statement.execute(sql))
        .as(sql)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("SW104"))
        .hasMessageContainingAll(messages);
  }

  private static void assertThatAllHaveTheSame(String table) throws SQLException {
    Set<Long> contents = new HashSet<>();
    for (String shard : SHARDS) {
      assertThat(cluster.count(shard, "select count(*) from " + table)).isPositive();
      contents.add(
          cluster.count(
              shard,
              "select hashtextextended(string_agg(t::text, ';' order by id), 0) from %s t"
                  .formatted(table)));
    }
    assertThat(contents).hasSize(1);
  }

  private static void everywhere(String sql) throws SQLException {
    for (String shard : SHARDS) {
      cluster.execute(shard, sql);
    }
  }
}
