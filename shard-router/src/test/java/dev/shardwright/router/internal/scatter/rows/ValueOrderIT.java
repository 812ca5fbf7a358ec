package dev.shardwright.router.internal.scatter.rows;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.router.internal.merge.KeyOrder;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.PGStatement;
import org.postgresql.jdbc.PgResultSet;

/**
 * Java's order of values is PostgreSQL's, for every type that is compared in the JVM: nasty values
 * and random ones are sorted by both, in both directions, with NULL first and last, sent as text
 * and in binary.
 */
class ValueOrderIT {
  private static final int RANDOM_VALUES = 300;
  private static final long SEED = 20_261_121;

  private static Connection connection;

  /**
   * A type.
   *
   * @param nasty values at its edges
   * @param random gives others
   */
  record Type(String sqlName, List<String> nasty, Function<Random, String> random) {
    boolean isText() {
      return List.of("text", "varchar", "bpchar", "char(5)", "name").contains(sqlName);
    }

    @Override
    public String toString() {
      return sqlName;
    }
  }

  static List<Type> types() {
    return List.of(
        new Type(
            "int2", List.of("-32768", "32767", "0", "-1"), random -> "" + (short) random.nextInt()),
        new Type(
            "int4",
            List.of("-2147483648", "2147483647", "0", "-1", "10", "9"),
            random -> "" + random.nextInt()),
        new Type(
            "int8",
            List.of("-9223372036854775808", "9223372036854775807", "0", "-1"),
            random -> "" + random.nextLong()),
        new Type(
            "oid",
            List.of("0", "4294967295", "2147483648", "2147483647"),
            random -> "" + random.nextInt(Integer.MAX_VALUE)),
        new Type(
            "numeric",
            List.of(
                "NaN",
                "Infinity",
                "-Infinity",
                "0",
                "-0.00",
                "1",
                "1.0",
                "1.00000",
                "1e100",
                "-1e100",
                "1e-100",
                "0.1",
                "0.10000000000000000001",
                "123456789012345678901234567890.5"),
            random -> random.nextInt(-1000, 1000) + "." + random.nextInt(1_000_000)),
        new Type(
            "numeric(12,2)",
            List.of("NaN", "0", "-0.00", "1", "0.01", "-9999999999.99", "9999999999.99"),
            random -> random.nextInt(-1000, 1000) + "." + random.nextInt(100)),
        new Type(
            "numeric(5,-2)",
            List.of("NaN", "0", "100", "-100", "9999900", "-9999900"),
            random -> "" + random.nextInt(-1_000_000, 1_000_000)),
        new Type(
            "float4",
            List.of(
                "NaN", "Infinity", "-Infinity", "0", "-0", "1e-45", "3.4028235e38", "0.1", "1e10"),
            random -> Float.toString(Float.intBitsToFloat(random.nextInt()))),
        new Type(
            "float8",
            List.of(
                "NaN",
                "Infinity",
                "-Infinity",
                "0",
                "-0",
                "4.9e-324",
                "1.7976931348623157e308",
                "0.1"),
            random -> Double.toString(Double.longBitsToDouble(random.nextLong()))),
        new Type("bool", List.of("t", "f"), random -> random.nextBoolean() ? "t" : "f"),
        new Type(
            "date",
            List.of(
                "infinity",
                "-infinity",
                "0001-01-01",
                "0001-01-01 BC",
                "4713-01-01 BC",
                "5874897-12-31",
                "1582-10-10",
                "1970-01-01",
                "2000-02-29",
                "0044-03-15 BC"),
            random ->
                "19%02d-%02d-%02d"
                    .formatted(
                        random.nextInt(100), 1 + random.nextInt(12), 1 + random.nextInt(28))),
        new Type(
            "time",
            List.of("00:00", "24:00", "23:59:59.999999", "23:59:60", "12:00:00.000001", "12:00"),
            random ->
                "%02d:%02d:%02d.%06d"
                    .formatted(
                        random.nextInt(24),
                        random.nextInt(60),
                        random.nextInt(60),
                        random.nextInt(1_000_000))),
        new Type(
            "timestamp",
            List.of(
                "infinity",
                "-infinity",
                "4713-01-01 00:00:00 BC",
                "294276-12-31 23:59:59.999999",
                "0001-01-01 00:00:00",
                "0001-12-31 23:59:59.999999 BC",
                "1970-01-01 00:00:00.000001",
                "2026-03-29 02:30:00",
                "1582-10-04 00:00:00",
                "1582-10-15 00:00:00"),
            random ->
                "%d-%02d-%02d %02d:%02d:%02d.%06d"
                    .formatted(
                        1 + random.nextInt(3000),
                        1 + random.nextInt(12),
                        1 + random.nextInt(28),
                        random.nextInt(24),
                        random.nextInt(60),
                        random.nextInt(60),
                        random.nextInt(1_000_000))
                    .replaceFirst("^(\\d{1,3})-", "0$1-")
                    .replaceFirst("^0?(\\d\\d)-", "00$1-")),
        new Type(
            "timestamptz",
            List.of(
                "infinity",
                "-infinity",
                "4713-01-01 00:00:00+00 BC",
                "294276-12-31 23:59:59.999999+00",
                "2026-10-25 00:30:00+00",
                "2026-10-25 01:30:00+00",
                "2026-10-25 02:30:00+02",
                "1890-01-01 00:00:00+00",
                "0001-12-31 23:59:59.999999+00 BC",
                "1970-01-01 00:00:00+14"),
            random ->
                "%d-%02d-%02d %02d:%02d:%02d.%06d+%02d"
                    .formatted(
                        1000 + random.nextInt(3000),
                        1 + random.nextInt(12),
                        1 + random.nextInt(28),
                        random.nextInt(24),
                        random.nextInt(60),
                        random.nextInt(60),
                        random.nextInt(1_000_000),
                        random.nextInt(14))),
        new Type(
            "uuid",
            List.of(
                "00000000-0000-0000-0000-000000000000",
                "ffffffff-ffff-ffff-ffff-ffffffffffff",
                "7fffffff-ffff-ffff-8000-000000000000",
                "80000000-0000-0000-7fff-ffffffffffff",
                "80000000-0000-0000-8000-000000000000"),
            random -> new java.util.UUID(random.nextLong(), random.nextLong()).toString()),
        new Type(
            "bytea",
            List.of("\\x", "\\x00", "\\x0000", "\\x7f", "\\x80", "\\xff", "\\xff00", "\\xfe"),
            random -> "\\x%08x".formatted(random.nextInt())),
        new Type("text", Words.NASTY, Words::random),
        new Type("varchar", Words.NASTY, Words::random),
        new Type("bpchar", Words.PADDED, Words::random),
        new Type(
            "char(5)",
            List.of("", "a", "a b", "ab", "A", "a\u0001", "ä", "€", "zzzzz"),
            random -> "" + (char) ('a' + random.nextInt(26))),
        new Type(
            "name",
            List.of("", "a", "A", "_", "ab", "a b", "ä"),
            random -> "n" + random.nextInt(1_000)));
  }

  /** Text where UTF-16, bytes, and the eye each see another order. */
  private static final class Words {
    static final List<String> NASTY =
        List.of(
            "",
            " ",
            "a",
            "A",
            "b",
            "B",
            "a ",
            "a  ",
            "ab",
            "a b",
            "ä",
            "z",
            "é",
            "e\u0301",
            "€",
            "\uFFFD",
            "\uFFFF",
            "\uE000",
            "\uD83D\uDE00",
            "\uD800\uDC00",
            "\u0001",
            "\t",
            "a\n",
            "~",
            "\u007f",
            "\u0080");
    static final List<String> PADDED =
        List.of("", " ", "a", "a ", "a  ", "a b", "ab ", "a\u0001", "A", "ä ", "\uD83D\uDE00");

    static String random(Random random) {
      StringBuilder word = new StringBuilder();
      int length = random.nextInt(6);
      for (int i = 0; i < length; i++) {
        word.appendCodePoint(
            switch (random.nextInt(4)) {
              case 0 -> 'a' + random.nextInt(3);
              case 1 -> 0xE000 + random.nextInt(0x1FFF);
              case 2 -> 0x1F600 + random.nextInt(50);
              default -> 0x80 + random.nextInt(0x780);
            });
      }
      return word.toString();
    }
  }

  @BeforeAll
  static void connect() throws SQLException {
    TestDatabase database = PostgresServer.shared().freshDatabase();
    connection = DriverManager.getConnection(database.url(), database.user(), database.password());
  }

  @AfterAll
  static void disconnect() throws SQLException {
    connection.close();
  }

  @ParameterizedTest
  @MethodSource("types")
  void isPostgresqlsOrder(Type type) throws SQLException {
    List<@Nullable String> values = values(type);
    for (boolean descending : List.of(false, true)) {
      for (boolean nullsFirst : List.of(false, true)) {
        for (boolean binary : List.of(false, true)) {
          check(type, values, descending, nullsFirst, binary);
        }
      }
    }
  }

  private static List<@Nullable String> values(Type type) {
    Random random = new Random(SEED);
    List<@Nullable String> values = new ArrayList<>(type.nasty());
    values.addAll(type.nasty());
    values.add(null);
    values.add(null);
    for (int i = 0; i < RANDOM_VALUES; i++) {
      values.add(type.random().apply(random));
    }
    Collections.shuffle(values, random);
    return values;
  }

  /** In PostgreSQL's order, each value compares with the next in Java as PostgreSQL says. */
  private static void check(
      Type type,
      List<@Nullable String> values,
      boolean descending,
      boolean nullsFirst,
      boolean binary)
      throws SQLException {
    String cast = "x::" + type.sqlName() + (type.isText() ? " collate \"C\"" : "");
    String sql =
        ("select v, v is not distinct from lead(v) over w from (select %s as v from"
                + " unnest(?::text[]) as u(x)) s window w as (order by v %s nulls %s)")
            .formatted(cast, descending ? "desc" : "asc", nullsFirst ? "first" : "last");
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.unwrap(PGStatement.class).setPrepareThreshold(binary ? -1 : 0);
      statement.setArray(1, connection.createArrayOf("text", values.toArray()));
      List<@Nullable Object[]> keys = new ArrayList<>();
      List<Boolean> sameAsNext = new ArrayList<>();
      KeyColumn column;
      try (ResultSet rows = statement.executeQuery()) {
        column = KeyColumn.of(1, rows.unwrap(PgResultSet.class).getColumnOID(1)).orElseThrow();
        while (rows.next()) {
          keys.add(KeyColumn.read(List.of(column), rows));
          sameAsNext.add(rows.getBoolean(2));
        }
      }
      Comparator<@Nullable Object[]> order =
          KeyOrder.ofRows(List.of(new KeyOrder(column.order(), descending, nullsFirst)));
      assertThat(keys).hasSize(values.size());
      for (int i = 0; i + 1 < keys.size(); i++) {
        int expected = sameAsNext.get(i) ? 0 : -1;
        assertThat(Integer.signum(order.compare(keys.get(i), keys.get(i + 1))))
            .as(
                "%s, descending %s, nulls first %s, binary %s: %s and %s",
                type, descending, nullsFirst, binary, keys.get(i)[0], keys.get(i + 1)[0])
            .isEqualTo(expected);
        assertThat(Integer.signum(order.compare(keys.get(i + 1), keys.get(i))))
            .isEqualTo(-expected);
      }
    }
  }
}
