package dev.shardwright.router.internal.sql.functions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import dev.shardwright.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import net.sf.jsqlparser.statement.select.PlainSelect;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the names of output columns against those that a server gives. */
class OutputNamesIT {
  private static Connection connection;

  @BeforeAll
  static void start() throws SQLException {
    connection = PostgresServer.shared().connect();
  }

  @AfterAll
  static void stop() throws SQLException {
    connection.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "T.A",
        "\"a\"",
        "l[1]",
        "l[1:2]",
        "(l || l)[1]",
        "(array[1, 2])[1]",
        "1",
        "1.5",
        "'x'",
        "null",
        "true",
        "-a",
        "a + 1",
        "a = 1 and a > 0",
        "not a = 1",
        "a is null",
        "a in (1, 2)",
        "a in (select 1)",
        "a between 1 and 2",
        "b like 'x'",
        "b || 'x'",
        "a::bigint",
        "1::int",
        "(a + 1)::bigint",
        "(a + 1)::int::text",
        "cast(a + 1 as double precision)",
        "cast('1' as varchar(3))",
        "'1'::char(3)",
        "'1'::character varying",
        "'x'::text::varchar",
        "'{1}'::int[]",
        "'1'::pg_catalog.int4",
        "'1'::numeric(3, 1)",
        "'1'::decimal",
        "'t'::boolean",
        "'2024-01-01'::timestamp with time zone",
        "'2024-01-01'::timestamp(3)",
        "'10:00'::time without time zone",
        "date '2024-01-01'",
        "timestamp '2024-01-01'",
        "interval '1 day'",
        "lower(b)",
        "lower(b)::varchar",
        "pg_catalog.upper(b)",
        "coalesce(a, 1)",
        "nullif(a, 1)",
        "greatest(a, 1)",
        "now()",
        "current_date",
        "current_timestamp",
        "count(*) over ()",
        "extract(year from date '2024-01-01')",
        "substring(b from 1 for 2)",
        "position('x' in b)",
        "trim(b)",
        "trim(leading 'x' from b)",
        "trim(trailing from b)",
        "trim(both 'x' from b)",
        "now() at time zone 'UTC'",
        "(now(), now()) overlaps (now(), now())",
        "case when a = 1 then b end",
        "case when a = 1 then 'x' else b end",
        "case when a = 1 then b else 'x' end",
        "case when a = 1 then b else 'x'::text end",
        "(case when a = 1 then b else 'x' end)::varchar",
        "row(a, b)",
        "(a, b)",
        "array[a]",
        "array(select 1)",
        "exists (select 1)",
        "not exists (select 1)",
        "b collate \"C\"",
        "(b || 'x') collate \"C\"",
        "(select a)",
        "(select a as other)",
        "(select a + 1)",
        "(select max(x) from (values (1)) v (x))",
        "(select v.x from (values (1)) v (x))::text",
        "(select x from (values (1)) v (x) union all select 2 limit 1)",
        "(values (1))",
        "((select 1::int))",
        "j -> 'x'",
        "j ->> 'x'",
      })
  void areThoseOfPostgresql(String expression) throws SQLException {
    String sql =
        "select %s from (select 1 as a, 'x' as b, array[1, 2] as l, '{}'::json as j) t"
            .formatted(expression);
    PlainSelect select = (PlainSelect) ParsedStatement.of(sql).tree();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      assertThat(OutputNames.of(select.getSelectItem(0)))
          .isEqualTo(Optional.of(rows.getMetaData().getColumnName(1)));
    }
  }
}
