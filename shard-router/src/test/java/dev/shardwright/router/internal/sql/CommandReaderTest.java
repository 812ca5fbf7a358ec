package dev.shardwright.router.internal.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.router.internal.sql.Analysis.Kind;
import dev.shardwright.router.internal.sql.ExplainReader.Explained;
import dev.shardwright.router.internal.sql.scan.Scan;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlRefused.Reason;
import dev.shardwright.router.internal.sql.scan.SqlScanner;
import dev.shardwright.router.internal.sql.scan.SqlText;
import dev.shardwright.topology.Topology;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandReaderTest {
  private static final String MODES = "modes=TransactionModes";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      value = {
        "begin                                  | Begin[isolation=, readOnly=, deferrable=]",
        "BEGIN work                             | Begin[isolation=, readOnly=, deferrable=]",
        "begin transaction read only            | Begin[isolation=, readOnly=true, deferrable=]",
        "start transaction isolation level repeatable read, read write, not deferrable"
            + " | Begin[isolation=REPEATABLE_READ, readOnly=false, deferrable=false]",
        "begin isolation level serializable deferrable"
            + " | Begin[isolation=SERIALIZABLE, readOnly=, deferrable=true]",
        "begin isolation level read uncommitted"
            + " | Begin[isolation=READ_UNCOMMITTED, readOnly=, deferrable=]",
        "commit                                 | Commit[chain=false]",
        "end transaction and chain              | Commit[chain=true]",
        "commit work and no chain;              | Commit[chain=false]",
        "commit prepared 'x'                    | OneShardOnly[command=COMMIT PREPARED]",
        "rollback                               | Rollback[chain=false]",
        "abort and chain                        | Rollback[chain=true]",
        "savepoint A                            | Savepoint[name=a]",
        "savepoint \"A b\"                      | Savepoint[name=A b]",
        "release a                              | Release[name=a]",
        "release savepoint a                    | Release[name=a]",
        "rollback to a                          | RollbackTo[name=a]",
        "rollback work to savepoint a           | RollbackTo[name=a]",
        "set transaction isolation level read committed"
            + " | SetTransaction[isolation=READ_COMMITTED, readOnly=, deferrable=]",
        "set session characteristics as transaction read only"
            + " | SetCharacteristics[isolation=, readOnly=true, deferrable=]",
        "set search_path to a, \"B\", 'c d'     | Assign[name=search_path, values=[a, B, c d],"
            + " local=false]",
        "SET SESSION Search_Path = public       | Assign[name=search_path, values=[public],"
            + " local=false]",
        "set local statement_timeout = '5s'     | Assign[name=statement_timeout, values=[5s],"
            + " local=true]",
        "set local statement_timeout = 5000 -- x| Assign[name=statement_timeout, values=[5000],"
            + " local=true]",
        "set time zone 'UTC'                    | Assign[name=timezone, values=[UTC], local=false]",
        "set local time zone -7                 | Assign[name=timezone, values=[-7], local=true]",
        "set time zone default                  | Reset[name=timezone, local=false]",
        "set time zone local                    | Reset[name=timezone, local=false]",
        "set timezone = default                 | Reset[name=timezone, local=false]",
        "set time zone interval '1' hour to minute | OneShardOnly[command=SET TIMEZONE]",
        "set schema 'a'                         | Assign[name=search_path, values=[a],"
            + " local=false]",
        "set names 'utf8'                       | Assign[name=client_encoding, values=[utf8],"
            + " local=false]",
        "set my.setting to E'a\\tb'             | Assign[name=my.setting, values=[a\tb],"
            + " local=false]",
        "set local = 1                          | Assign[name=local, values=[1], local=false]",
        "set role app                           | OneShardOnly[command=SET ROLE]",
        "set session authorization app          | OneShardOnly[command=SET SESSION AUTHORIZATION]",
        "set constraints all deferred           | OneShardOnly[command=SET CONSTRAINTS]",
        "set transaction snapshot 'x'           | OneShardOnly[command=SET TRANSACTION SNAPSHOT]",
        "reset search_path                      | Reset[name=search_path, local=false]",
        "reset time zone                        | Reset[name=timezone, local=false]",
        "reset all                              | Reset[name=, local=false]",
        "reset role                             | OneShardOnly[command=RESET ROLE]",
        "show search_path                       | Show[name=search_path]",
        "show transaction isolation level       | Show[name=transaction_isolation]",
        "show all                               | Show[name=all]",
        "discard all                            | DiscardAll[]",
        "discard plans                          | OneShardOnly[command=DISCARD]",
        "listen x                               | OneShardOnly[command=LISTEN]",
        "notify x, 'y'                          | OneShardOnly[command=NOTIFY]",
        "copy t from stdin                      | OneShardOnly[command=COPY]",
        "call f(?)                              | OneShardOnly[command=CALL]",
        "do $$ begin end $$                     | OneShardOnly[command=DO]",
        "lock table t                           | OneShardOnly[command=LOCK]",
        "declare c cursor with hold for select 1| OneShardOnly[command=DECLARE]",
        "prepare transaction 'x'                | OneShardOnly[command=PREPARE]",
        "create temp table x (a int)            | OneShardOnly[command=CREATE TEMPORARY]",
        "create or replace local temporary view x as select 1"
            + " | OneShardOnly[command=CREATE TEMPORARY]",
        "create table pg_temp.users (a int)     | OneShardOnly[command=CREATE in pg_temp]",
        "create view \"pg_temp\" . users as select 1 | OneShardOnly[command=CREATE in pg_temp]",
        "create function PG_TEMP_12.f() returns int language sql return 1"
            + " | OneShardOnly[command=CREATE in pg_temp]",
        "alter table pg_temp.users add b int    | OneShardOnly[command=ALTER in pg_temp]",
        "drop table if exists t, pg_temp.users  | OneShardOnly[command=DROP in pg_temp]",
        "create table x as select 1             | OneShardOnly[command=CREATE TABLE AS]",
        "create unlogged table if not exists x (a) as select 1"
            + " | OneShardOnly[command=CREATE TABLE AS]",
        "create materialized view x as select 1 | OneShardOnly[command=CREATE TABLE AS]",
      })
  void readsWhatIsSaidToTheSession(String sql, String expected) {
    CommandAnalysis command = CommandReader.read(SqlScanner.scan(sql)).orElseThrow();
    assertThat(command.kind()).isEqualTo(Kind.SESSION);
    String said =
        command
            .session()
            .orElseThrow()
            .toString()
            .replace("Optional.empty", "")
            .replaceAll("Optional\\[([^]]*)]", "$1")
            .replaceAll(MODES + "\\[(.*)]]", "$1]");
    assertThat(said).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "create table x (a int generated always as (1) stored)",
        "create index concurrently i on t (a)",
        "create view v as select 1",
        "create function f() returns int language sql as 'select 1'",
        "alter table t add column b int",
        "drop table t",
        "truncate t, u",
        "comment on table t is 'pg_temp.x'",
        "create table pg_temporary.users (a int)",
        "create table \"PG_TEMP\".users (a int)",
        "grant select on t to app",
        "vacuum analyze t",
        "refresh materialized view v",
      })
  void knowsSchemaChanges(String sql) {
    CommandAnalysis command = CommandReader.read(SqlScanner.scan(sql)).orElseThrow();
    assertThat(command.kind()).isEqualTo(Kind.SCHEMA_CHANGE);
    assertThat(command.session()).isEmpty();
    assertThat(command.text()).isEqualTo(SqlText.of(sql));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select 1",
        "(select 1)",
        "values (1)",
        "table t",
        "with x as (select 1) select 1",
        "insert into t values (1)",
        "update t set a = 1",
        "delete from t",
        "merge into t using u on true when matched then delete",
        "\"begin\"",
      })
  void leavesTheRestToTheParser(String sql) {
    assertThat(CommandReader.read(SqlScanner.scan(sql))).isEmpty();
    assertThat(ExplainReader.read(SqlScanner.scan(sql))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "explain select ? from t                               | false | select ? from t",
        "explain analyze verbose select 1                      | true  | select 1",
        "explain verbose select 1                              | false | select 1",
        "explain (select 1)                                    | false | (select 1)",
        "explain ((select 1) union (select 2))                 | false | ((select 1) union (select"
            + " 2))",
        "explain (analyze) select 1                            | true  | select 1",
        "explain (analyze false, format json) select 1         | false | select 1",
        "explain (costs off, analyze on, format 'json') update t set a = 1 | true | update t set a"
            + " = 1",
      })
  void findsWhatIsExplained(String sql, boolean analyze, String statement) {
    assertThat(ExplainReader.read(SqlScanner.scan(sql)))
        .contains(new Explained(statement, analyze));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "begin x",
        "begin isolation level chaos",
        "commit and",
        "commit 1",
        "start",
        "rollback to",
        "savepoint 'a'",
        "savepoint a b",
        "set",
        "set a",
        "set a =",
        "set a = 1 2",
        "set a = (1)",
        "set a = -",
        "set search_path = ?",
        "reset",
        "reset a b",
        "show",
        "show a.",
        "explain",
        "explain (",
        "explain explain select 1",
        "explain (analyze select 1",
      })
  void refusesWhatPostgresWouldRefuse(String sql) {
    assertThatThrownBy(
            () -> {
              Scan scan = SqlScanner.scan(sql);
              CommandReader.read(scan);
              ExplainReader.read(scan);
            })
        .isInstanceOfSatisfying(
            SqlRefused.class, refused -> assertThat(refused.reason()).isEqualTo(Reason.SYNTAX));
  }

  @Test
  void sendsOneShardStatementsNowhereWithoutAKey() {
    CommandAnalysis command = CommandReader.read(SqlScanner.scan("listen x")).orElseThrow();
    assertThatThrownBy(() -> command.destination(place -> null, Topology.INITIAL))
        .isInstanceOf(SqlRefused.class)
        .hasMessage(
            "LISTEN has a meaning on one shard only: use a connection that is bound to a key");
  }
}
