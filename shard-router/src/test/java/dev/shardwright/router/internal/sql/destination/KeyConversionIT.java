package dev.shardwright.router.internal.sql.destination;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Strategy;
import dev.shardwright.ring.TokenFunction;
import dev.shardwright.ring.TokenFunctions;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import dev.shardwright.testkit.PostgresServer;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import net.sf.jsqlparser.expression.operators.relational.EqualsTo;
import net.sf.jsqlparser.statement.select.PlainSelect;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every value of a list, compared with keys of each type by PostgreSQL: the rows found are among
 * those that the conversion says, unless it says that it does not know.
 */
class KeyConversionIT {
  private static final UUID ID = UUID.fromString("0f0e0d0c-0b0a-0908-0706-050403020100");

  private static final List<String> KEYS_OF_NUMBERS =
      List.of("-5", "0", "5", "6", "55", "32767", "-32768");
  private static final List<String> KEYS_OF_BIGINTS =
      List.of(
          "2147483648",
          "9007199254740992",
          "9007199254740993",
          "9223372036854775807",
          "-9223372036854775808");
  private static final List<String> KEYS_OF_TEXT =
      List.of("''", "'5'", "'a'", "'a '", "'a  '", "'A'", "'ä'", "'" + ID + "'", "E'a\\n'");
  private static final List<String> KEYS_OF_TIME =
      List.of(
          "'2024-01-01 00:00:00+00'",
          "'2024-01-01 01:00:00+00'",
          "'2024-07-01 00:00:00.000001+00'",
          "'1500-03-01 00:00:00+00'",
          "'infinity'",
          "'-infinity'",
          "'epoch'");

  private static final List<String> CONSTANTS =
      List.of(
          "5",
          "-5",
          "+5",
          "5.0",
          "5.5",
          "5.4999",
          "-0",
          ".5e1",
          "0x5",
          "9007199254740993",
          "9223372036854775808",
          "-9223372036854775808",
          "99999999999999999999999999",
          "'5'",
          "' 5 '",
          "'+5'",
          "'0x5'",
          "'5.0'",
          "'a'",
          "'a '",
          "E'a\\n'",
          "U&'\\0061'",
          "$$a$$",
          "N'a '",
          "B'101'",
          "'A'",
          "''",
          "null",
          "5::int",
          "5.4::int",
          "5.5::int",
          "5.5::bigint",
          "5.5::numeric",
          "70000::int::smallint",
          "5::text",
          "'5'::text",
          "'5'::varchar",
          "'a '::varchar(1)",
          "'a '::char(3)",
          "'a '::bpchar",
          "'a'::name",
          "5::text::bigint",
          "'5'::bigint::text",
          "5::real",
          "9007199254740993::float8",
          "'" + ID + "'",
          "'" + ID.toString().toUpperCase(java.util.Locale.ROOT) + "'",
          "'{" + ID + "}'",
          "uuid '" + ID + "'",
          "'" + ID + "'::uuid::text",
          "'2024-01-01 00:00:00+00'",
          "'2024-01-01 00:00:00'",
          "'2024-01-01T01:00:00+01:00'",
          "'2024-07-01 00:00:00.0000005+00'",
          "timestamptz '2024-01-01 00:00:00Z'",
          "timestamp '2024-01-01 00:00:00'",
          "'2024-01-01 00:00:00+00'::timestamp",
          "'2024-01-01 00:00:00+00'::timestamp::timestamptz",
          "date '2024-01-01'",
          "'infinity'",
          "'-infinity'::timestamptz",
          "'epoch'");

  private static final List<Object> PARAMETERS =
      List.of(
          5,
          5L,
          (short) 5,
          (byte) 5,
          -5L,
          5.0,
          5.5,
          5f,
          0.1f,
          9007199254740992.0,
          9007199254740993L,
          Double.NaN,
          Long.MAX_VALUE,
          Long.MIN_VALUE,
          BigInteger.valueOf(5),
          BigInteger.TWO.pow(80),
          new BigDecimal("5"),
          new BigDecimal("5.00"),
          new BigDecimal("5.5"),
          new BigDecimal("1e400"),
          "5",
          " 5",
          "a",
          "a ",
          "A",
          "",
          "ä",
          ID,
          ID.toString(),
          Instant.parse("2024-01-01T00:00:00Z"),
          Instant.parse("2024-07-01T00:00:00.000000600Z"),
          OffsetDateTime.parse("2024-01-01T01:00:00+01:00"),
          OffsetDateTime.MAX,
          OffsetDateTime.MIN,
          Timestamp.from(Instant.parse("2024-01-01T00:00:00Z")),
          Timestamp.from(Instant.parse("1500-03-01T00:00:00Z")),
          Timestamp.valueOf("2024-01-01 00:00:00"),
          LocalDateTime.parse("2024-01-01T00:00:00"),
          LocalDate.parse("2024-01-01"),
          Date.valueOf("2024-01-01"),
          true,
          'a',
          new byte[] {5});

  private static PostgresServer server;
  private static Connection connection;

  @BeforeAll
  static void startServer() throws SQLException {
    server = PostgresServer.start();
    connection = server.connect();
    try (Statement statement = connection.createStatement()) {
      for (KeyType type : KeyType.values()) {
        String table = "of_" + type.sqlName();
        statement.execute("create table %s (k %s)".formatted(table, type.sqlName()));
        for (String key : keys(type)) {
          statement.execute("insert into %s values (%s)".formatted(table, key));
        }
      }
      statement.execute("set timezone to 'Asia/Tokyo'");
      statement.execute("set datestyle to 'ISO, DMY'");
    }
  }

  @AfterAll
  static void stopServer() throws SQLException {
    connection.close();
    server.close();
  }

  @ParameterizedTest
  @EnumSource(KeyType.class)
  void knowsTheKeysThatAreEqualToAConstant(KeyType type) throws SQLException {
    int certain = 0;
    for (String constant : CONSTANTS) {
      String sql = "select k from of_%s where k = %s".formatted(type.sqlName(), constant);
      Optional<Operand> operand;
      try {
        ParsedStatement statement = ParsedStatement.of(sql);
        EqualsTo where = (EqualsTo) ((PlainSelect) statement.tree()).getWhere();
        operand = Operand.of(where.getRightExpression(), statement);
      } catch (SqlRefused e) {
        continue;
      }
      if (operand.isPresent()) {
        Object key = KeyConversion.of(type).key(operand.get(), place -> null);
        certain += check(type, key, sql, null) ? 1 : 0;
      }
    }
    assertThat(certain).isPositive();
  }

  @ParameterizedTest
  @EnumSource(KeyType.class)
  void knowsTheKeysThatAreEqualToAParameter(KeyType type) throws SQLException {
    int certain = 0;
    for (Object parameter : PARAMETERS) {
      for (String cast : List.of("", "::bigint", "::int", "::text", "::numeric", "::timestamptz")) {
        Operand bare = new Operand(1, null, List.of());
        Operand operand =
            switch (cast) {
              case "" -> bare;
              case "::bigint" -> bare.castTo(Operand.Type.BIGINT);
              case "::int" -> bare.castTo(Operand.Type.INTEGER);
              case "::text" -> bare.castTo(Operand.Type.TEXT);
              case "::numeric" -> bare.castTo(Operand.Type.NUMERIC);
              default -> bare.castTo(Operand.Type.TIMESTAMPTZ);
            };
        Object key = KeyConversion.of(type).key(operand, place -> parameter);
        String sql = "select k from of_%s where k = ?%s".formatted(type.sqlName(), cast);
        certain += check(type, key, sql, parameter) ? 1 : 0;
      }
    }
    assertThat(certain).isPositive();
  }

  /** Says whether the key was known, and PostgreSQL took the value. */
  private static boolean check(KeyType type, Object key, String sql, @Nullable Object parameter)
      throws SQLException {
    if (key == KeyConversion.UNKNOWN) {
      return false;
    }
    TokenFunction tokens =
        TokenFunctions.of(
            type == KeyType.TEXT || type == KeyType.UUID ? Strategy.HASH : Strategy.RANGE,
            Optional.of(type));
    List<Long> found = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement("select %s from (%s) f".formatted(tokens.sqlToken("k"), sql))) {
      if (parameter != null) {
        statement.setObject(1, parameter);
      }
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          found.add(rows.getLong(1));
        }
      }
    } catch (SQLException e) {
      return false;
    }
    if (key == KeyConversion.NOTHING) {
      assertThat(found).as("%s with %s", sql, parameter).isEmpty();
    } else {
      assertThat(found).as("%s with %s", sql, parameter).isSubsetOf(tokens.tokenOf(key));
    }
    return true;
  }

  private static List<String> keys(KeyType type) {
    return switch (type) {
      case SMALLINT, INTEGER -> KEYS_OF_NUMBERS;
      case BIGINT -> {
        List<String> keys = new ArrayList<>(KEYS_OF_NUMBERS);
        keys.addAll(KEYS_OF_BIGINTS);
        yield keys;
      }
      case TEXT -> KEYS_OF_TEXT;
      case UUID -> List.of("'" + ID + "'");
      case TIMESTAMPTZ -> KEYS_OF_TIME;
    };
  }
}
