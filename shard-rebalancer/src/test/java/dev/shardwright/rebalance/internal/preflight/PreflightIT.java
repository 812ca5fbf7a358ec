package dev.shardwright.rebalance.internal.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.rebalance.check.Finding;
import dev.shardwright.rebalance.check.Severity;
import dev.shardwright.ring.Strategy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ListAssert;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("slow")
class PreflightIT {
  private static final String INDEX = "create index on t (hashint8extended(k, 0), k, n);";
  private static final String CLEAN =
      "create table t (k bigint, n int, x text, primary key (k, n));" + INDEX;
  private static final String FUNCTION =
      "create function f() returns trigger language plpgsql as 'begin return new; end';";

  @BeforeAll
  static void makeRoles() throws SQLException {
    CheckedPair.makeRoles();
  }

  @Test
  void findsNothingWhereAllIsWell() throws Exception {
    String ddl =
        """
        create table parent (k bigint, id bigint generated always as identity,
          r int, u int, primary key (k, id), unique (k, u));
        create index on parent (pg_catalog.hashint8extended(k, 0), k, id);
        create table child (k bigint, id bigint, at date, x text, primary key (k, id, at),
          foreign key (k, id) references parent (k, id) on delete cascade)
          partition by range (at);
        create table child_old partition of child for values from (minvalue) to ('2024-01-01');
        create table child_new partition of child default;
        create index on child (hashint8extended(k, '0'), k, id, at);
        alter table child enable row level security;
        """
            + FUNCTION
            + "create trigger a before insert on parent for each row execute function f();";
    try (CheckedPair pair = CheckedPair.of(Strategy.HASH, ddl, "parent", "child")) {
      assertThat(pair.findings()).isEmpty();
    }
  }

  @Test
  void takesTheKeyItselfForTheTokenOfARangeKeyspace() throws Exception {
    String ddl = "create table t (k bigint, n int, primary key (k, n))";
    try (CheckedPair pair = CheckedPair.of(Strategy.RANGE, ddl, "t")) {
      assertThat(pair.findings()).isEmpty();
    }
  }

  @Test
  void saysWhatToDo() throws Exception {
    try (CheckedPair pair = CheckedPair.of(Strategy.HASH, CLEAN, "t")) {
      pair.target().execute("drop table t");
      assertThat(pair.findings())
          .singleElement()
          .hasToString(
              "blocking (tables present): shard t has no table public.t."
                  + " Remedy: create it there as it is on the other shards");
    }
  }

  @Test
  void needsTheSchemaOfTheTables() throws Exception {
    String ddl = "create schema closed; create table closed.t (k bigint primary key)";
    try (CheckedPair pair = CheckedPair.of(Strategy.RANGE, ddl, "closed.t")) {
      assertThat(pair.findings()).isEmpty();
      assertBlocked(pair.findings(CheckedPair.APP), "tables present", "schema of table closed.t")
          .hasSize(2);
    }
  }

  @Test
  void needsTheRightsOfTheOwner() throws Exception {
    String ddl =
        "create table t (k bigint primary key) partition by range (k);"
            + "create table t_all partition of t default";
    try (CheckedPair pair = CheckedPair.of(Strategy.RANGE, ddl, "t")) {
      pair.target().execute("alter table t_all owner to " + pair.target().user());
      assertBlocked(pair.findings(), "ownership", "shard t: table public.t_all belongs to role");
    }
  }

  @Test
  void needsTheRightsOfTheOwnerOfSequences() throws Exception {
    String ddl =
        "create sequence numbers; " + CLEAN + "alter table t add i int default nextval('numbers');";
    try (CheckedPair pair = CheckedPair.of(Strategy.HASH, ddl, "t")) {
      assertThat(pair.findings()).isEmpty();
      pair.source().execute("alter sequence numbers owner to " + pair.source().user());
      assertBlocked(pair.findings(), "ownership", "shard s: sequence public.numbers belongs to");
    }
  }

  @ParameterizedTest
  @CsvSource({"i, missing", "s, owned"})
  void needsTheSameColumnsToDrawFromSequences(String column, String there) throws Exception {
    String ddl =
        "create sequence numbers; create table t (k bigint primary key, s serial, i int default nextval('numbers'));"
            + " create index on t (hashint8extended(k, 0))";
    try (CheckedPair pair = CheckedPair.of(Strategy.HASH, ddl, "t")) {
      pair.target().execute("alter table t drop column s; alter table t add s serial");
      assertThat(pair.findings()).as("in another order").isEmpty();
      pair.target().execute("alter table t alter %s drop default".formatted(column));
      assertBlocked(
          pair.findings(),
          "definitions",
          "public.t, sequences of column %s: shard s: drawn from; shard t: %s"
              .formatted(column, there));
    }
  }

  @Test
  void mustNotBeSubjectToRowSecurity() throws Exception {
    try (CheckedPair pair = CheckedPair.of(Strategy.HASH, CLEAN, "t")) {
      pair.source().execute("alter table t enable row level security");
      assertThat(pair.findings()).isEmpty();
      pair.source().execute("alter table t force row level security");
      assertBlocked(pair.findings(), "row security", "shard s: table public.t has FORCE");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "create table t (k bigint)|no primary key",
        "create table t (k bigint, n int primary key)|(\"n\") of table public.t does not contain"
      })
  void needsThePrimaryKeyWithTheShardingKey(String ddl, String what) throws Exception {
    try (CheckedPair pair = CheckedPair.of(Strategy.HASH, ddl, "t")) {
      assertBlocked(pair.findings(), "primary keys", what);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "alter table t add c int",
        "alter table t alter x type varchar(10)",
        "alter table t alter x type text collate \"POSIX\""
      })
  void needsEqualDefinitions(String change) throws Exception {
    try (CheckedPair pair = CheckedPair.of(Strategy.HASH, CLEAN, "t")) {
      pair.target().execute(change);
      assertBlocked(pair.findings(), "definitions", "public.t, column ");
    }
  }

  @Test
  void needsIndexesInTheOrderOfTheServer() throws Exception {
    String ddl =
        "create collation old (provider = icu, locale = 'de');"
            + " create table t (k bigint, x text collate old, primary key (k, x))";
    try (CheckedPair pair = CheckedPair.of(Strategy.RANGE, ddl, "t")) {
      assertThat(pair.findings()).isEmpty();
      pair.source().execute("update pg_collation set collversion = '1.2' where collname = 'old'");
      assertBlocked(pair.findings(), "collation versions", "version 1.2 of collation public.old");
      pair.source().execute("alter collation old refresh version");
      assertThat(pair.findings()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "foreign key (r) references reference on delete cascade|changes rows when reference",
        "foreign key (r) references reference on update set null|changes rows when reference",
        "foreign key (r) references local|refers to table public.local",
        "foreign key (other, n) references t|may have another sharding key"
      })
  void refusesForeignKeysThatLeadAway(String key, String what) throws Exception {
    String ddl =
        """
        create table reference (id int primary key);
        create table local (id int primary key);
        create table t (k bigint, n int, r int, other bigint, primary key (k, n));
        """;
    try (CheckedPair pair = CheckedPair.of(Strategy.RANGE, ddl, "t")) {
      pair.onBoth("alter table t add " + key);
      assertBlocked(pair.findings(), "foreign keys out", what);
    }
  }

  @Test
  void warnsOfRowsOfReferenceTablesThatCopiesKeep() throws Exception {
    String ddl =
        """
        create table reference (id int primary key);
        create table t (k bigint primary key, r int);
        """;
    try (CheckedPair pair = CheckedPair.of(Strategy.RANGE, ddl, "t")) {
      assertThat(pair.findings()).isEmpty();
      pair.onBoth("alter table t add foreign key (r) references reference on delete restrict");
      assertWarned(pair.findings(), "foreign keys out", "reference table public.reference");
    }
  }

  @Test
  void refusesForeignKeysOfWhatStays() throws Exception {
    try (CheckedPair pair = CheckedPair.of(Strategy.HASH, CLEAN, "t")) {
      pair.target()
          .execute("create table local (k bigint, n int, foreign key (k, n) references t)");
      assertBlocked(pair.findings(), "foreign keys in", "shard t: foreign key local_k_n_fkey");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"always", "replica"})
  void refusesTriggersThatFireForCopiedRows(String enabled) throws Exception {
    try (CheckedPair pair = CheckedPair.of(Strategy.HASH, CLEAN + FUNCTION, "t")) {
      pair.target()
          .execute(
              "create trigger loud after insert on t for each row"
                  + " execute function f(); alter table t enable "
                  + enabled
                  + " trigger loud");
      assertBlocked(
          pair.findings(), "triggers that fire", "shard t: trigger loud of table public.t");
    }
  }

  @Test
  void refusesTriggersAndCascadesThatItMayNotSilence() throws Exception {
    String ddl =
        CLEAN
            + FUNCTION
            + "create trigger a before insert on t for each row execute function f();"
            + "create table child (k bigint, n int, primary key (k, n),"
            + " foreign key (k, n) references t on delete cascade);"
            + "create index on child (hashint8extended(k, 0), k, n)";
    try (CheckedPair pair = CheckedPair.of(Strategy.HASH, ddl, "t", "child")) {
      assertThat(pair.findings()).isEmpty();
      List<Finding> found = pair.findings(CheckedPair.PLAIN);
      assertBlocked(found, "triggers that fire", "trigger a of table public.t acts on rows")
          .hasSize(2);
      assertBlocked(found, "triggers that fire", "foreign key child_k_n_fkey of table public.child")
          .hasSize(2);
    }
  }

  @Test
  void refusesTriggersThatFireAfterTheGate() throws Exception {
    try (CheckedPair pair = CheckedPair.of(Strategy.HASH, CLEAN + FUNCTION, "t")) {
      pair.source()
          .execute(
              "create trigger zzz_shardwright_z before update on t for each row"
                  + " execute function f();"
                  + " create trigger zzzz after update on t for each row execute function f()");
      assertBlocked(pair.findings(), "triggers after ours", "trigger zzz_shardwright_z of table")
          .hasSize(1);
    }
  }

  @Test
  void mustBeAbleToEndSessionsOfTheService() throws Exception {
    try (CheckedPair pair = CheckedPair.of(Strategy.HASH, CLEAN, "t")) {
      List<Finding> found = pair.findings(CheckedPair.PLAIN);
      assertBlocked(found, "session rights", "may not end sessions of role preflight_app")
          .hasSize(2);
      assertWarned(found, "session rights", "does not see since when").hasSize(2);
    }
  }

  /** Whoever may not see it is told nothing of it, as if there were no replicas. */
  @Test
  void mustSeeHowFarReplicasAreBehind() throws Exception {
    try (CheckedPair pair = CheckedPair.of(Strategy.HASH, CLEAN, "t")) {
      String what = "does not see how far replicas are behind";
      assertThat(pair.findings(CheckedPair.PLAIN)).noneMatch(found -> found.what().contains(what));
      try (Connection replica = pair.replicaOfSource()) {
        assertWarned(pair.findings(CheckedPair.PLAIN), "session rights", what).isNotEmpty();
        assertThat(pair.findings(CheckedPair.ABLE)).isEmpty();
        assertThat(replica.isClosed()).isFalse();
      }
    }
  }

  @Test
  void findsWhatAnEarlierMigrationLeftBehind() throws Exception {
    try (CheckedPair pair = CheckedPair.of(Strategy.HASH, CLEAN, "t")) {
      pair.target()
          .execute(
              "insert into shardwright.mover values (7, 3), (8, 3); create sequence"
                  + " shardwright.register_7; create sequence shardwright.register_8");
      assertBlocked(
          pair.findings(),
          "leftovers",
          "shard t has objects of a migration 7: row of shardwright.mover with token 3,"
              + " sequence shardwright.register_7");
    }
  }

  @Test
  void findsRowsOfTheRangesOnTheTarget() throws Exception {
    String ddl = "create table t (k bigint primary key)";
    try (CheckedPair pair = CheckedPair.of(Strategy.RANGE, ddl, "t")) {
      pair.source().execute("insert into t values (-1), (0)");
      pair.target().execute("insert into t values (-1)");
      assertThat(pair.findings()).isEmpty();
      pair.target().execute("insert into t values (0), (9223372036854775807)");
      assertBlocked(pair.findings(), "rows on the target", "shard t: table public.t has 2 rows");
    }
  }

  @Test
  void warnsOfDeferrableKeys() throws Exception {
    try (CheckedPair pair = CheckedPair.of(Strategy.HASH, CLEAN, "t")) {
      pair.onBoth("alter table t add constraint late unique (k, x) deferrable");
      assertThat(Preflight.isBlocked(pair.findings())).isFalse();
      assertWarned(pair.findings(), "deferrable keys", "key late of table public.t");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"unique (x)", "unique (x) include (k)", "exclude using btree (x with =)"})
  void refusesDeferrableKeysWithoutTheShardingKey(String key) throws Exception {
    try (CheckedPair pair = CheckedPair.of(Strategy.HASH, CLEAN, "t")) {
      pair.onBoth("alter table t add constraint late %s deferrable".formatted(key));
      assertBlocked(
          pair.findings(),
          "deferrable keys",
          "key late of table public.t is deferrable, and does not contain the sharding key k");
      assertWarned(pair.findings(CheckedPair.PLAIN), "deferrable keys", "key late of table");
    }
  }

  @Test
  void warnsOfConstraintsThatRowsMayViolate() throws Exception {
    String ddl =
        """
        create table t (k bigint, x text, primary key (k)) partition by range (k);
        create table t_all partition of t default;
        """;
    try (CheckedPair pair = CheckedPair.of(Strategy.RANGE, ddl, "t")) {
      pair.onBoth("alter table t add constraint short check (length(x) < 9) not valid");
      List<Finding> found = pair.findings();
      assertThat(Preflight.isBlocked(found)).isFalse();
      assertWarned(
              found,
              "unvalidated constraints",
              "shard t: constraint short of table public.t is NOT VALID")
          .hasSize(1);
      pair.onBoth("alter table t validate constraint short");
      assertThat(pair.findings()).isEmpty();
    }
  }

  @Test
  void refusesTablesThatDoNotSurviveACrash() throws Exception {
    String ddl =
        """
        create table t (k bigint, primary key (k)) partition by range (k);
        create table t_all partition of t default;
        """;
    try (CheckedPair pair = CheckedPair.of(Strategy.RANGE, ddl, "t")) {
      pair.onBoth("alter table t_all set unlogged");
      assertBlocked(pair.findings(), "table kinds", "table public.t_all is unlogged").hasSize(2);
      pair.source().execute("alter table t_all set logged");
      assertBlocked(pair.findings(), "definitions", "persistence of public.t_all");
    }
  }

  @Test
  void refusesTablesFromWhichOthersInherit() throws Exception {
    try (CheckedPair pair = CheckedPair.of(Strategy.HASH, CLEAN, "t")) {
      pair.onBoth("create table old () inherits (t)");
      assertBlocked(pair.findings(), "table kinds", "table public.old inherits from table public.t")
          .hasSize(2);
    }
  }

  /** Usual ones keep still for a mover that may ask for that. */
  @Test
  void refusesRulesThatActOnWhatTheMoverDoes() throws Exception {
    String rule = "create rule keep as on delete to t do instead nothing";
    try (CheckedPair pair = CheckedPair.of(Strategy.HASH, CLEAN + rule, "t")) {
      assertThat(pair.findings()).isEmpty();
      String what = "shard s: rule keep of table public.t acts on";
      assertBlocked(pair.findings(CheckedPair.PLAIN), "rules that fire", what).hasSize(1);
      pair.source().execute("alter table t enable always rule keep");
      assertBlocked(pair.findings(), "rules that fire", what).hasSize(1);
      pair.source().execute("alter table t enable replica rule keep");
      assertBlocked(pair.findings(), "rules that fire", what).hasSize(1);
    }
  }

  @Test
  void letsRulesBeThatAreNotAboutItsDeletes() throws Exception {
    String ddl =
        """
        create table t (k bigint, primary key (k)) partition by range (k);
        create table t_all partition of t default;
        create rule also as on insert to t do also nothing;
        create rule keep as on delete to t_all do instead nothing;
        """;
    try (CheckedPair pair = CheckedPair.of(Strategy.RANGE, ddl, "t")) {
      pair.onBoth("alter table t enable always rule also");
      assertThat(pair.findings(CheckedPair.PLAIN))
          .extracting(Finding::check)
          .doesNotContain("rules that fire");
    }
  }

  /** Rows are written there. */
  @Test
  void looksForDeferrableKeysOnTheTarget() throws Exception {
    try (CheckedPair pair = CheckedPair.of(Strategy.HASH, CLEAN, "t")) {
      pair.target().execute("alter table t add constraint late unique (x) deferrable");
      assertBlocked(pair.findings(), "deferrable keys", "shard t: key late of table public.t");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "create unique index loose on t (x)",
        "create unique index loose on t (x) include (k)",
        "alter table t add constraint loose exclude using btree (x with =)"
      })
  void warnsOfWhatTheFleetCannotKeepUnique(String change) throws Exception {
    try (CheckedPair pair = CheckedPair.of(Strategy.HASH, CLEAN, "t")) {
      pair.onBoth(change);
      assertWarned(pair.findings(), "unique keys", "public.loose of table public.t does not");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "alter table t add i int generated always as identity (cache 20)",
        "create sequence t_i_seq cache 20; alter sequence t_i_seq owner to preflight_owner;"
            + " alter table t add i int default nextval('t_i_seq')"
      })
  void warnsOfCachedNumbers(String change) throws Exception {
    try (CheckedPair pair = CheckedPair.of(Strategy.HASH, CLEAN, "t")) {
      pair.onBoth(change);
      pair.source().execute("alter sequence t_i_seq cache 1");
      assertWarned(pair.findings(), "cached sequences", "shard t: sequence public.t_i_seq");
    }
  }

  @Test
  void warnsOfTablesWithoutIndexOnTheToken() throws Exception {
    String ddl = "create table t (k bigint, n int, primary key (k, n))";
    try (CheckedPair pair = CheckedPair.of(Strategy.HASH, ddl, "t")) {
      List<Finding> found = pair.findings();
      assertWarned(found, "token indexes", "table public.t has no index in the order of the tokens")
          .hasSize(2);
      Optional<String> remedy = found.stream().map(Finding::remedy).findFirst();
      pair.onBoth(remedy.orElseThrow());
      assertThat(pair.findings()).isEmpty();
    }
  }

  @Test
  void makesTheIndexOfEachPartition() throws Exception {
    String ddl =
        """
        create table t (k bigint, n int, primary key (n, k)) partition by range (n);
        create table t_1 partition of t for values from (minvalue) to (5);
        create table t_2 partition of t default;
        create index on t_1 (k);
        """;
    try (CheckedPair pair = CheckedPair.of(Strategy.RANGE, ddl, "t")) {
      List<Finding> found = pair.findings();
      assertWarned(found, "token indexes", "table public.t has no index in the order of the tokens")
          .hasSize(2);
      for (String index : found.get(0).remedy().split("; ", -1)) {
        pair.onBoth(index);
      }
      assertThat(pair.findings()).isEmpty();
    }
  }

  @Test
  void warnsOfLongTransactions() throws Exception {
    try (CheckedPair pair = CheckedPair.of(Strategy.HASH, CLEAN, "t");
        Connection writer = pair.source().connect();
        Connection reader = pair.source().connect()) {
      begin(writer, "set application_name = 'report'; insert into t values (-1, 1)");
      begin(reader, "select");
      assertWarned(
              pair.findings(new LongTransactions(Duration.ZERO)),
              "long transactions",
              "(report) has had table public.t locked in a transaction that is ")
          .hasSize(1);
      assertThat(pair.findings(new LongTransactions(Duration.ofHours(1)))).isEmpty();
    }
  }

  @Test
  void warnsOfPreparedTransactions() throws Exception {
    try (CheckedPair pair = CheckedPair.of(Strategy.HASH, CLEAN, "t")) {
      pair.source().execute("begin; insert into t values (1, 1); prepare transaction 'forgotten'");
      try {
        assertWarned(
            pair.findings(), "prepared transactions", "prepared transaction 'forgotten' has had");
      } finally {
        pair.source().execute("rollback prepared 'forgotten'");
      }
      assertThat(pair.findings()).isEmpty();
    }
  }

  @Test
  void warnsOfMaintenance() throws Exception {
    try (CheckedPair pair = CheckedPair.of(Strategy.HASH, CLEAN, "t");
        Connection vacuum = pair.target().connect()) {
      begin(vacuum, "lock table t in share update exclusive mode");
      assertWarned(
          pair.findings(), "table maintenance", "holds ShareUpdateExclusiveLock on table public.t");
    }
  }

  private static void begin(Connection connection, String sql) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static ListAssert<Finding> assertBlocked(List<Finding> found, String check, String what) {
    assertThat(Preflight.isBlocked(found)).isTrue();
    return assertFound(found, Severity.BLOCKING, check, what);
  }

  private static ListAssert<Finding> assertWarned(List<Finding> found, String check, String what) {
    return assertFound(found, Severity.WARNING, check, what);
  }

  /** Those that match; there is one at least, and it says what to do. */
  private static ListAssert<Finding> assertFound(
      List<Finding> found, Severity severity, String check, String what) {
    return assertThat(found)
        .filteredOn(
            finding ->
                finding.severity() == severity
                    && finding.check().equals(check)
                    && finding.what().contains(what))
        .as("%s of %s saying '%s' among %s", severity, check, what, found)
        .isNotEmpty()
        .allSatisfy(finding -> assertThat(finding.remedy()).isNotBlank());
  }
}
