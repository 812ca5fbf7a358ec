package dev.shardwright.router.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.io.CharStreams;
import dev.shardwright.admin.NewKeyspace;
import dev.shardwright.ring.KeyType;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.TestCluster;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.StringReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.Date;
import java.sql.JDBCType;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Calendar;
import java.util.List;
import java.util.TimeZone;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PGobject;

/** Values of all kinds, there and back. */
@ExtendWith(LeakCheckExtension.class)
class TypesIT {
  private static final String TABLE =
      """
      create type mood as enum ('glad', 'sad');
      create table things (
        user_id bigint primary key, price numeric(12, 4), at timestamptz, day date, code uuid,
        doc jsonb, data bytea, tags text[], numbers int[], moods mood[], mood mood, ratio float8,
        ok boolean, note text);
      create table named (name text primary key);
      create table coded (code varchar(10) primary key);
      grant select, insert, update, delete on things, named, coded to %s;
      """;

  private static TestCluster cluster;
  private static ShardRouter router;

  @BeforeAll
  static void start() throws SQLException {
    cluster = TestCluster.withShards(3);
    for (String shard : List.of("s1", "s2", "s3")) {
      cluster.execute(shard, TABLE.formatted(cluster.app));
    }
    cluster.register("shop", "things");
    cluster.admin.createKeyspace(NewKeyspace.hash("names", KeyType.TEXT));
    cluster.admin.registerTable("names", ShardedTable.of(TableName.of("named"), "name"));
    cluster.admin.registerTable("names", ShardedTable.of(TableName.of("coded"), "code"));
    router = cluster.router();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {" where price = 12345", " where user_id = 4711"})
  void areCutWhereTheyAreLongerThanWanted(String where) throws Exception {
    try (Connection connection = router.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "insert into things (user_id, note, data, price) values (4711, 'long', '\\x010203', 12345)");
      try {
        statement.setMaxFieldSize(2);
        try (ResultSet rows =
            statement.executeQuery("select note, data, price, null::text from things" + where)) {
          assertThat(rows.next()).isTrue();
          assertAreCut(rows);
        }
      } finally {
        statement.execute("delete from things where user_id = 4711");
      }
    }
  }

  private static void assertAreCut(ResultSet rows) throws Exception {
    assertThat(rows.getString("note")).isEqualTo("lo");
    assertThat(rows.getObject(1)).isEqualTo("lo");
    assertThat(rows.getObject(1, String.class)).isEqualTo("lo");
    assertThat(rows.getObject("note", String.class)).isEqualTo("lo");
    assertThat(rows.getAsciiStream("note")).hasBinaryContent(new byte[] {'l', 'o'});
    assertThat(CharStreams.toString(rows.getCharacterStream("note"))).isEqualTo("lo");
    assertThat(rows.getBytes(2)).containsExactly(1, 2);
    assertThat(rows.getObject(2, byte[].class)).containsExactly(1, 2);
    assertThat(rows.getBinaryStream("data")).hasBinaryContent(new byte[] {1, 2});
    assertThat(rows.getString(3)).isEqualTo("12345.0000");
    assertThat(rows.getObject(3, BigDecimal.class)).isEqualByComparingTo("12345");
    assertThat(rows.getCharacterStream(4)).isNull();
    assertThat(rows.getObject(4, String.class)).isNull();
  }

  @Test
  void comeBackAsTheyWereGiven() throws SQLException {
    OffsetDateTime at = OffsetDateTime.of(2026, 2, 3, 4, 5, 6, 789_000_000, ZoneOffset.UTC);
    UUID code = UUID.fromString("f47ac10b-58cc-4372-a567-0e02b2c3d479");
    PGobject doc = new PGobject();
    doc.setType("jsonb");
    doc.setValue("{\"a\": 1}");
    PGobject mood = new PGobject();
    mood.setType("mood");
    mood.setValue("sad");
    try (Connection connection = router.dataSource().getConnection()) {
      for (long id = 1; id <= 5; id++) {
        try (PreparedStatement statement =
            connection.prepareStatement(
                "insert into things (user_id, price, at, day, code, doc, data, tags, numbers,"
                    + " moods, mood, ratio, ok, note)"
                    + " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
          statement.setLong(1, id);
          statement.setBigDecimal(2, new BigDecimal("12345.6789"));
          statement.setObject(3, at);
          statement.setObject(4, LocalDate.of(2026, 2, 3));
          statement.setObject(5, code);
          statement.setObject(6, doc);
          statement.setBytes(7, new byte[] {1, 2, (byte) 255});
          statement.setArray(8, connection.createArrayOf("text", new String[] {"a", "b,c", null}));
          statement.setArray(9, connection.createArrayOf("int4", new Integer[] {1, 2, 3}));
          statement.setArray(10, connection.createArrayOf("mood", new String[] {"glad"}));
          statement.setObject(11, mood);
          statement.setDouble(12, 0.1);
          statement.setBoolean(13, true);
          statement.setNull(14, Types.VARCHAR);
          assertThat(statement.executeUpdate()).isEqualTo(1);
        }
      }
      try (PreparedStatement statement =
          connection.prepareStatement("select * from things where user_id = ?")) {
        for (long id = 1; id <= 5; id++) {
          statement.setLong(1, id);
          try (ResultSet row = statement.executeQuery()) {
            assertThat(row.next()).isTrue();
            assertThat(row.getBigDecimal("price")).isEqualTo(new BigDecimal("12345.6789"));
            assertThat(row.getObject("at", OffsetDateTime.class)).isEqualTo(at);
            assertThat(row.getTimestamp("at")).isEqualTo(Timestamp.from(at.toInstant()));
            assertThat(row.getObject("day", LocalDate.class)).isEqualTo("2026-02-03");
            assertThat(row.getObject("code")).isEqualTo(code);
            assertThat(row.getObject("doc")).isEqualTo(doc);
            assertThat(row.getBytes("data")).containsExactly(1, 2, 255);
            assertThat((Object[]) row.getArray("tags").getArray())
                .containsExactly("a", "b,c", null);
            assertThat((Object[]) row.getArray("numbers").getArray()).containsExactly(1, 2, 3);
            assertThat((Object[]) row.getArray("moods").getArray()).containsExactly("glad");
            assertThat(row.getString("mood")).isEqualTo("sad");
            assertThat(row.getDouble("ratio")).isEqualTo(0.1);
            assertThat(row.getBoolean("ok")).isTrue();
            assertThat(row.getString("note")).isNull();
            assertThat(row.wasNull()).isTrue();
            describes(row.getMetaData());
          }
        }
      }
    }
  }

  private static void describes(ResultSetMetaData columns) throws SQLException {
    assertThat(columns.getColumnCount()).isEqualTo(14);
    assertThat(columns.getColumnTypeName(2)).isEqualTo("numeric");
    assertThat(columns.getPrecision(2)).isEqualTo(12);
    assertThat(columns.getScale(2)).isEqualTo(4);
    assertThat(columns.getColumnTypeName(11)).isEqualTo("mood");
    assertThat(columns.getTableName(1)).isEmpty();
  }

  @Test
  void routeInWhicheverJavaTypeAKeyComes() throws SQLException {
    try (Connection connection = router.dataSource().getConnection()) {
      long key = TestCluster.keyOn(router, "s3");
      cluster.execute("s3", "insert into users values (" + key + ", 'x') on conflict do nothing");
      try (PreparedStatement statement =
          connection.prepareStatement("select name from users where user_id = ?")) {
        statement.setInt(1, (int) key);
        assertThat(name(statement)).isEqualTo("x");
        statement.setShort(1, (short) key);
        assertThat(name(statement)).isEqualTo("x");
        statement.setObject(1, key);
        assertThat(name(statement)).isEqualTo("x");
        statement.setObject(1, Long.toString(key), Types.BIGINT);
        assertThat(name(statement)).isEqualTo("x");
        statement.setObject(1, key, JDBCType.BIGINT);
        assertThat(name(statement)).isEqualTo("x");
        statement.setBigDecimal(1, BigDecimal.valueOf(key));
        assertThat(name(statement)).isEqualTo("x");
      }
      try (PreparedStatement statement =
          connection.prepareStatement("select name from users where user_id = any(?)")) {
        Array keys = connection.createArrayOf("int8", new Long[] {key});
        statement.setArray(1, keys);
        assertThat(name(statement)).isEqualTo("x");
        statement.setObject(1, keys, Types.ARRAY);
        assertThat(name(statement)).isEqualTo("x");
        statement.setObject(1, keys, Types.ARRAY, 0);
        assertThat(name(statement)).isEqualTo("x");
      }
    }
  }

  /** The driver cuts off what a whole number has no room for, on either side of the point. */
  @Test
  void routeAsTheWholeNumbersThatTheyAreSentAs() throws SQLException {
    long key = TestCluster.keyOn(router, "s3");
    cluster.execute("s3", "insert into users values (" + key + ", 'x') on conflict do nothing");
    try (Connection connection = router.dataSource().getConnection();
        PreparedStatement statement =
            connection.prepareStatement("select name from users where user_id = ?")) {
      for (int type : List.of(Types.BIGINT, Types.INTEGER, Types.SMALLINT, Types.TINYINT)) {
        statement.setObject(1, key, type);
        assertThat(name(statement)).isEqualTo("x");
        statement.setObject(1, key + 0.7, type);
        assertThat(name(statement)).isEqualTo("x");
        statement.setObject(1, new BigDecimal(key + ".7"), type, 0);
        assertThat(name(statement)).isEqualTo("x");
      }
      statement.setObject(1, key + (1L << 32), Types.INTEGER);
      assertThat(name(statement)).isEqualTo("x");
    }
  }

  /** The driver rounds to as many digits as it is told. */
  @Test
  void routeAsTheNumbersThatTheyAreRoundedTo() throws SQLException {
    long key = TestCluster.keyOn(router, "s3");
    add(key);
    for (int type : List.of(Types.NUMERIC, Types.DECIMAL)) {
      assertThat(nameOf(by -> by.setObject(1, key + 0.4, type, 0))).isEqualTo("x");
      assertThat(nameOf(by -> by.setObject(1, new BigDecimal(key + ".4"), type, 0))).isEqualTo("x");
      assertThat(nameOf(by -> by.setObject(1, key + ".4", type, 0))).isEqualTo("x");
    }
  }

  @Test
  void routeAsTheFloatsThatTheyAreSentAs() throws SQLException {
    long key = keyAbove(1L << 24);
    add(key);
    assertThat(nameOf(by -> by.setObject(1, key + 1, Types.REAL))).isEqualTo("x");
    assertThat(nameOf(by -> by.setObject(1, Long.toString(key + 1), Types.REAL))).isEqualTo("x");
  }

  @Test
  void routeAsTheDoublesThatTheyAreSentAs() throws SQLException {
    long key = keyAbove(1L << 53);
    add(key);
    for (int type : List.of(Types.DOUBLE, Types.FLOAT)) {
      assertThat(nameOf(by -> by.setObject(1, key + 1, type))).isEqualTo("x");
      assertThat(nameOf(by -> by.setObject(1, Long.toString(key + 1), type))).isEqualTo("x");
    }
  }

  @Test
  void routeByTheTypeThatAnObjectSays() throws SQLException {
    long key = keyAbove(1L << 53);
    add(key);
    assertThat(nameOf(by -> by.setObject(1, object("int8", Long.toString(key))))).isEqualTo("x");
    assertThat(nameOf(by -> by.setObject(1, object("float8", Long.toString(key + 1)))))
        .isEqualTo("x");
  }

  private static void add(long key) throws SQLException {
    cluster.execute("s3", "insert into users values (" + key + ", 'x') on conflict do nothing");
  }

  /** Sets the key. */
  @FunctionalInterface
  private interface By {
    void set(PreparedStatement statement) throws SQLException;
  }

  private static String nameOf(By key) throws SQLException {
    try (Connection connection = router.dataSource().getConnection();
        PreparedStatement statement =
            connection.prepareStatement("select name from users where user_id = ?")) {
      key.set(statement);
      return name(statement);
    }
  }

  /** A key of shard s3 to which the next number, which is of another shard, is rounded. */
  private static long keyAbove(long bound) {
    for (long key = bound; ; key += 4) {
      if (isOnThird(key) && !isOnThird(key + 1)) {
        return key;
      }
    }
  }

  private static boolean isOnThird(long key) {
    return router.route("shop", key).shard().value().equals("s3");
  }

  @Test
  void routeAsTheTextsWithoutPaddingThatTheyAreComparedAs() throws SQLException {
    try (Connection connection = router.dataSource().getConnection()) {
      for (String name : List.of("a", "b", "c", "d", "e")) {
        try (PreparedStatement insert =
            connection.prepareStatement("insert into named (name) values (?)")) {
          insert.setString(1, name);
          insert.executeUpdate();
        }
        try (PreparedStatement statement =
            connection.prepareStatement("select name from named where name = ?")) {
          statement.setObject(1, name + "  ", Types.CHAR);
          assertThat(name(statement)).isEqualTo(name);
          statement.setObject(1, object("bpchar", name + "  "));
          assertThat(name(statement)).isEqualTo(name);
        }
      }
    }
  }

  /** To a varchar that is compared with a bpchar, blanks at the end count for nothing. */
  @Test
  void findKeysThatDifferInBlanksAlone() throws SQLException {
    try (Connection connection = router.dataSource().getConnection()) {
      for (String code : List.of("a", "b", "c", "d", "e")) {
        try (PreparedStatement insert =
            connection.prepareStatement("insert into coded (code) values (?)")) {
          for (String one : List.of(code, code + " ", code + "  ")) {
            insert.setString(1, one);
            insert.executeUpdate();
          }
        }
        try (PreparedStatement statement =
            connection.prepareStatement("select code from coded where code = ? order by 1")) {
          for (Object padded : List.of(code + " ", object("bpchar", code))) {
            statement.setObject(1, padded, padded instanceof String ? Types.CHAR : Types.OTHER);
            assertThat(names(statement)).containsExactly(code, code + " ", code + "  ");
          }
        }
      }
    }
  }

  private static List<String> names(PreparedStatement statement) throws SQLException {
    List<String> names = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    return names;
  }

  private static PGobject object(String type, String value) throws SQLException {
    PGobject object = new PGobject();
    object.setType(type);
    object.setValue(value);
    return object;
  }

  @Test
  void mayComeAsStreams() throws SQLException {
    try (Connection connection = router.dataSource().getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "insert into things (user_id, data, note) values (?, ?, ?) returning data, note")) {
      statement.setLong(1, 100);
      statement.setBinaryStream(2, new ByteArrayInputStream(new byte[] {9, 8, 7}), 2);
      statement.setCharacterStream(3, new StringReader("läuft"));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        assertThat(row.getBytes(1)).containsExactly(9, 8);
        assertThat(row.getString(2)).isEqualTo("läuft");
      }
    }
  }

  /** As with PostgreSQL's driver, and code that moves over may rely on it. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void areThoseThatWereSetWhateverBecomesOfTheirObjects(boolean asObjects) throws SQLException {
    long first = asObjects ? 220 : 210;
    byte[] data = new byte[1];
    Timestamp at = new Timestamp(0);
    Date day = new Date(0);
    Calendar zone = Calendar.getInstance(TimeZone.getTimeZone("GMT"));
    String[] tags = new String[1];
    int[] numbers = new int[1];
    PGobject doc = new PGobject();
    doc.setType("jsonb");
    AtomicLong price = new AtomicLong();
    StringBuilder note = new StringBuilder();
    try (Connection connection = router.dataSource().getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "insert into things (user_id, data, at, day, tags, numbers, doc, price, note)"
                    + " values (?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
      for (long id = first; id < first + 3; id++) {
        int number = (int) id;
        data[0] = (byte) number;
        at.setTime(1_000L * number);
        at.setNanos(1_000 * number);
        day.setTime(Duration.ofDays(number).plusHours(12).toMillis());
        zone.setTimeZone(TimeZone.getTimeZone(isAheadOfGreenwich(number) ? "GMT+13" : "GMT"));
        tags[0] = "tag " + number;
        numbers[0] = number;
        doc.setValue(Integer.toString(number));
        price.set(number);
        note.setLength(0);
        note.append("note ").append(number);
        statement.setLong(1, id);
        if (asObjects) {
          statement.setObject(2, data);
          statement.setObject(3, at);
          statement.setObject(4, day, Types.DATE);
        } else {
          statement.setBytes(2, data);
          statement.setTimestamp(3, at, zone);
          statement.setDate(4, day, zone);
        }
        statement.setArray(5, connection.createArrayOf("text", tags));
        statement.setObject(6, numbers);
        statement.setObject(7, doc);
        statement.setObject(8, price);
        statement.setObject(9, note, Types.VARCHAR);
        statement.addBatch();
      }
      assertThat(statement.executeBatch()).containsExactly(1, 1, 1);
    }
    for (int number = (int) first; number < first + 3; number++) {
      isStored(number, !asObjects && isAheadOfGreenwich(number) ? number + 1 : number);
    }
  }

  private static boolean isAheadOfGreenwich(int number) {
    return number % 2 == 1;
  }

  private static void isStored(int number, int day) throws SQLException {
    try (Connection connection = router.dataSource().getConnection();
        PreparedStatement statement =
            connection.prepareStatement("select * from things where user_id = ?")) {
      statement.setLong(1, number);
      try (ResultSet row = statement.executeQuery()) {
        assertThat(row.next()).isTrue();
        assertThat(row.getBytes("data")).containsExactly(number);
        assertThat(row.getTimestamp("at").toInstant())
            .isEqualTo(Instant.ofEpochSecond(number, 1_000L * number));
        assertThat(row.getObject("day", LocalDate.class)).isEqualTo(LocalDate.ofEpochDay(day));
        assertThat((Object[]) row.getArray("tags").getArray()).containsExactly("tag " + number);
        assertThat((Object[]) row.getArray("numbers").getArray()).containsExactly(number);
        assertThat(row.getString("doc")).isEqualTo(Integer.toString(number));
        assertThat(row.getBigDecimal("price")).isEqualByComparingTo(BigDecimal.valueOf(number));
        assertThat(row.getString("note")).isEqualTo("note " + number);
      }
    }
  }

  /** It may be sent again, and to several shards, and a stream can be read once. */
  @Test
  void areReadFromStreamsWhenTheyAreSet() throws SQLException {
    try (Connection connection = router.dataSource().getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "insert into things (user_id, data, note) values (?, ?, ?) returning data, note")) {
      statement.setObject(2, new ByteArrayInputStream(new byte[] {9, 8, 7}));
      statement.setObject(
          3, new ByteArrayInputStream("läuft".getBytes(StandardCharsets.UTF_8)), Types.LONGVARCHAR);
      for (long id = 230; id < 233; id++) {
        statement.setLong(1, id);
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          assertThat(row.getBytes(1)).containsExactly(9, 8, 7);
          assertThat(row.getString(2)).isEqualTo("läuft");
        }
      }
    }
  }

  @Test
  void areRefusedIfTheirStreamIsNotAsLongAsWasSaid() throws SQLException {
    InputStream stream = new ByteArrayInputStream(new byte[] {1, 2, 3});
    try (Connection connection = router.dataSource().getConnection();
        PreparedStatement statement =
            connection.prepareStatement("insert into things (user_id, data) values (?, ?)")) {
      for (ThrowingCallable wrong :
          List.<ThrowingCallable>of(
              () -> statement.setBinaryStream(2, stream, -1),
              () -> statement.setBinaryStream(2, stream, 1L << 31),
              () -> statement.setAsciiStream(2, stream, -1),
              () -> statement.setCharacterStream(2, new StringReader("x"), 1L << 31))) {
        assertThatThrownBy(wrong)
            .isInstanceOfSatisfying(
                SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22023"))
            .hasMessageContaining("0 to 2147483647");
      }
      assertThatThrownBy(() -> statement.setBinaryStream(2, stream, 4))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22023"))
          .hasMessageContaining("ended after 3 bytes of 4");
    }
  }

  @Test
  void areRefusedWhereTheyLiveOnOneShard() throws SQLException {
    try (Connection connection = router.dataSource().getConnection();
        PreparedStatement statement =
            connection.prepareStatement("insert into things (user_id, data) values (?, ?)")) {
      assertThatThrownBy(connection::createBlob)
          .isInstanceOf(SQLFeatureNotSupportedException.class)
          .hasMessageContaining("setBytes");
      assertThatThrownBy(() -> statement.setBlob(2, new ByteArrayInputStream(new byte[1])))
          .isInstanceOf(SQLFeatureNotSupportedException.class);
      assertThatThrownBy(() -> connection.prepareCall("{call x()}"))
          .isInstanceOf(SQLFeatureNotSupportedException.class)
          .hasMessageContaining("bound to a sharding key");
      assertThatThrownBy(() -> statement.setLong(3, 1)).hasMessageContaining("has 2");
      assertThatThrownBy(() -> statement.executeQuery("select 1"))
          .hasMessageContaining("has its text already");
      statement.setLong(1, 1);
      assertThatThrownBy(statement::executeUpdate)
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("parameter 2");
    }
  }

  private static String name(PreparedStatement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }
}
