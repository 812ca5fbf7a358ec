package dev.shardwright.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Token functions in Java against the same in PostgreSQL. */
class TokenFunctionIT {
  private static final int SAMPLE = 50_000;
  private static final int LONG_RUN = 1_000_000;
  private static final int BATCH = 10_000;

  private static final Instant FIRST_TIMESTAMP = Instant.parse("-4712-01-01T00:00:00Z");
  private static final Instant LAST_TIMESTAMP = Instant.parse("+294276-12-31T23:59:59.999999Z");

  private static final long SEED = new Random().nextLong();
  private static PostgresServer server;
  private static Connection connection;

  private final Random random = new Random(SEED);

  @BeforeAll
  static void startServer() throws SQLException {
    System.out.println("TokenFunctionIT seed: " + SEED);
    server = PostgresServer.start();
    connection = server.connect();
  }

  @AfterAll
  static void stopServer() throws SQLException {
    connection.close();
    server.close();
  }

  @Test
  void agreesWithPostgresOnASample() throws SQLException {
    for (Case each : cases()) {
      each.check(SAMPLE);
    }
  }

  @Test
  @Tag("long")
  void agreesWithPostgresOnAMillionOfEachType() throws SQLException {
    for (Case each : cases()) {
      each.check(LONG_RUN);
    }
  }

  private List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (Strategy strategy : List.of(Strategy.HASH, Strategy.RANGE)) {
      cases.add(new Case(strategy, KeyType.SMALLINT, this::smallint));
      cases.add(new Case(strategy, KeyType.INTEGER, this::integer));
      cases.add(new Case(strategy, KeyType.BIGINT, this::bigint));
    }
    cases.add(new Case(Strategy.HASH, KeyType.TEXT, this::text));
    cases.add(new Case(Strategy.HASH, KeyType.UUID, this::uuid));
    cases.add(new Case(Strategy.RANGE, KeyType.TIMESTAMPTZ, this::timestamp));
    return cases;
  }

  /**
   * One token function, and where its keys come from: the first ones are edge values, later ones
   * are random.
   */
  private final class Case {
    private final TokenFunction tokens;
    private final KeyType type;
    private final Function<Integer, Object> keys;

    Case(Strategy strategy, KeyType type, Function<Integer, Object> keys) {
      this.tokens = TokenFunctions.of(strategy, Optional.of(type));
      this.type = type;
      this.keys = keys;
    }

    void check(int count) throws SQLException {
      for (int done = 0; done < count; done += BATCH) {
        List<Object> batch = IntStream.range(done, done + BATCH).boxed().map(keys).toList();
        execute("create temp table batch (n integer, k " + columnType() + ")");
        insert(batch);
        checkTokens(batch);
        if (done == 0) {
          checkConditions(batch);
        }
        execute("drop table batch");
      }
    }

    /** In words that no search_path changes. */
    private String columnType() {
      return type == KeyType.TIMESTAMPTZ ? "timestamp with time zone" : type.sqlName();
    }

    /** As the driver sends each key; where that is plain, all in one array. */
    private void insert(List<Object> batch) throws SQLException {
      if (type == KeyType.TIMESTAMPTZ) {
        try (PreparedStatement insert =
            connection.prepareStatement("insert into batch values (?, ?)")) {
          for (int i = 0; i < batch.size(); i++) {
            insert.setInt(1, i);
            insert.setObject(2, batch.get(i));
            insert.addBatch();
          }
          insert.executeBatch();
        }
      } else {
        try (PreparedStatement insert =
            connection.prepareStatement(
                "insert into batch select n, k from unnest(?) with ordinality t(k, n)")) {
          insert.setArray(1, connection.createArrayOf(type.sqlName(), batch.toArray()));
          insert.execute();
        }
      }
    }

    private void checkTokens(List<Object> batch) throws SQLException {
      List<Object> answers = column(tokens.sqlToken("k"));
      assertThat(answers).hasSameSizeAs(batch);
      for (int i = 0; i < batch.size(); i++) {
        long token = tokens.tokenOf(batch.get(i));
        if (!answers.get(i).equals(token)) {
          assertThat(answers.get(i)).as("%s token of %s", type, batch.get(i)).isEqualTo(token);
        }
      }
    }

    /** Sets of few and of many ranges, with ends at tokens that occur, and beside them. */
    private void checkConditions(List<Object> batch) throws SQLException {
      for (int ranges :
          new int[] {1, 2, SqlRanges.MOST_COMPARED, SqlRanges.MOST_COMPARED + 1, 100}) {
        KeyRangeSet set = rangesAmong(batch, ranges);
        for (KeyRangeSet each : List.of(set, set.complement())) {
          List<Object> answers = column(tokens.sqlCondition("k", each));
          for (int i = 0; i < batch.size(); i++) {
            boolean in = each.contains(tokens.tokenOf(batch.get(i)));
            if (!answers.get(i).equals(in)) {
              assertThat(answers.get(i)).as("%s %s in %s", type, batch.get(i), each).isEqualTo(in);
            }
          }
        }
      }
    }

    private KeyRangeSet rangesAmong(List<Object> batch, int count) {
      long[] ends =
          random
              .ints(2L * count, 0, batch.size())
              .mapToLong(i -> tokens.tokenOf(batch.get(i)))
              .map(token -> nudge(token))
              .sorted()
              .toArray();
      return KeyRangeSet.of(
          IntStream.range(0, count)
              .mapToObj(i -> new KeyRange(ends[2 * i], ends[2 * i + 1]))
              .toList());
    }

    private long nudge(long token) {
      return switch (random.nextInt(4)) {
        case 0 -> Math.max(token, Long.MIN_VALUE + 1) - 1;
        case 1 -> Math.min(token, Long.MAX_VALUE - 1) + 1;
        default -> token;
      };
    }

    private List<Object> column(String expression) throws SQLException {
      try (Statement statement = connection.createStatement();
          ResultSet rows =
              statement.executeQuery("select " + expression + " from batch order by n")) {
        List<Object> answers = new ArrayList<>(BATCH);
        while (rows.next()) {
          answers.add(rows.getObject(1));
        }
        return answers;
      }
    }
  }

  private Object smallint(int index) {
    return index <= 0xffff ? (short) (index + Short.MIN_VALUE) : (short) random.nextInt();
  }

  private Object integer(int index) {
    return (int) integral(index, Integer.SIZE);
  }

  private Object bigint(int index) {
    return integral(index, Long.SIZE);
  }

  /** First the powers of two of both signs and their neighbours. */
  private long integral(int index, int bits) {
    if (index < 6 * bits) {
      long power = 1L << (index / 6);
      long near = power + index % 3 - 1;
      return index % 6 < 3 ? near : -near;
    }
    return random.nextLong() >> random.nextInt(Long.SIZE);
  }

  /** First each length from 0 to 64 in characters of each width, and of mixed widths. */
  private Object text(int index) {
    int length = index / 5 <= 64 ? index / 5 : random.nextInt(80);
    int width = index % 5;
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.appendCodePoint(character(width == 4 ? random.nextInt(4) : width));
    }
    return text.toString();
  }

  /** A character whose UTF-8 form has one byte more than that. */
  private int character(int width) {
    return switch (width) {
      case 0 -> 1 + random.nextInt(0x7f);
      case 1 -> 0x80 + random.nextInt(0x780);
      case 2 ->
          random.nextBoolean() ? 0x800 + random.nextInt(0xd000) : 0xe000 + random.nextInt(0x2000);
      default -> 0x10000 + random.nextInt(0x100000);
    };
  }

  private Object uuid(int index) {
    return switch (index) {
      case 0 -> new UUID(0, 0);
      case 1 -> new UUID(-1, -1);
      case 2 -> new UUID(Long.MIN_VALUE, Long.MIN_VALUE);
      case 3 -> new UUID(Long.MAX_VALUE, Long.MAX_VALUE);
      default -> new UUID(random.nextLong(), random.nextLong());
    };
  }

  /** First the ends and what is near them, then times of all ages, exact and not. */
  private Object timestamp(int index) {
    Instant edge = timestampEdges().get(index % timestampEdges().size());
    if (index < timestampEdges().size()) {
      return edge.atOffset(ZoneOffset.UTC);
    }
    int micros = random.nextInt(5) - 2;
    return switch (index % 4) {
      case 0 -> random.nextBoolean() ? OffsetDateTime.MAX : OffsetDateTime.MIN;
      case 1 -> within(edge.plusNanos(micros * 1_000L + random.nextInt(1_000)));
      case 2 ->
          within(Instant.ofEpochSecond(random.nextLong() >> 21, random.nextInt(1_000_000_000)));
      default -> within(Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000)));
    };
  }

  private OffsetDateTime within(Instant instant) {
    Instant bounded = instant.isBefore(FIRST_TIMESTAMP) ? FIRST_TIMESTAMP : instant;
    Instant finite = bounded.isAfter(LAST_TIMESTAMP) ? LAST_TIMESTAMP : bounded;
    return finite.atOffset(ZoneOffset.ofTotalSeconds(random.nextInt(31 * 3_600) - 15 * 3_600));
  }

  private static List<Instant> timestampEdges() {
    return Stream.of(
            "-4712-01-01T00:00:00Z",
            "-0001-12-31T23:59:59.999999Z",
            "0000-12-31T23:59:59.999999Z",
            "0001-01-01T00:00:00Z",
            "1900-02-28T23:59:59.999999Z",
            "1969-12-31T23:59:59.999999Z",
            "1970-01-01T00:00:00Z",
            "2000-01-01T00:00:00Z",
            "2000-02-29T12:00:00.000001Z",
            "2038-01-19T03:14:07Z",
            "9999-12-31T23:59:59.999999Z",
            "+10000-01-01T00:00:00Z",
            "+294247-01-10T04:00:54.775806Z",
            "+294247-01-10T04:00:54.775807Z",
            "+294247-01-10T04:00:54.775808Z",
            "+294276-12-31T23:59:59.999999Z")
        .map(Instant::parse)
        .toList();
  }

  /**
   * In order of token, as a column of that type holds them; the smallest timestamp that PostgreSQL
   * has is sent as text, since pgjdbc sends it as minus infinity.
   */
  @Test
  void agreesOnTimestampsBeforeTheFirstThatTheDriverSends() throws SQLException {
    TokenFunction tokens = TokenFunctions.of(Strategy.RANGE, Optional.of(KeyType.TIMESTAMPTZ));
    String smallest = "'4714-11-24 00:00:00+00 BC'::timestamptz";
    long token = (long) single("select " + tokens.sqlToken(smallest));
    assertThat(token).isEqualTo(-210_866_803_200_000_000L);
    for (KeyRange range :
        List.of(
            KeyRange.of(token),
            new KeyRange(token - 1, token),
            new KeyRange(Long.MIN_VALUE + 1, token),
            new KeyRange(token, Long.MAX_VALUE))) {
      assertThat(holds(tokens, smallest, KeyRangeSet.of(range))).isTrue();
      assertThat(holds(tokens, "'-infinity'::timestamptz", KeyRangeSet.of(range))).isFalse();
    }
    for (KeyRange range :
        List.of(
            new KeyRange(Long.MIN_VALUE, token - 1),
            new KeyRange(Long.MIN_VALUE + 1, token - 1),
            new KeyRange(token + 1, Long.MAX_VALUE))) {
      assertThat(holds(tokens, smallest, KeyRangeSet.of(range))).isFalse();
    }
    List<KeyRange> unused = new ArrayList<>();
    for (long i = 1; i <= SqlRanges.MOST_COMPARED; i++) {
      unused.add(KeyRange.of(Long.MIN_VALUE + 2 * i));
    }
    assertThat(holds(tokens, smallest, KeyRangeSet.of(unused))).isFalse();
    unused.add(KeyRange.of(token));
    unused.add(KeyRange.of(Long.MIN_VALUE));
    assertThat(holds(tokens, smallest, KeyRangeSet.of(unused))).isTrue();
    KeyRangeSet below = KeyRangeSet.of(new KeyRange(Long.MIN_VALUE, token - 1));
    assertThat(holds(tokens, "'-infinity'::timestamptz", below)).isTrue();
  }

  @Test
  void conditionsMeanTheSameUnderAnySettings() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("create schema evil");
      for (String type : List.of("int2", "int4", "int8", "timestamptz")) {
        String right = type.startsWith("int") ? "int8" : type;
        statement.execute(
            "create function evil.no(%s, %s) returns boolean language sql as 'select false'"
                .formatted(type, right));
        for (String operator : List.of("<=", ">=", "=")) {
          statement.execute(
              "create operator evil.%s (function = evil.no, leftarg = %s, rightarg = %s)"
                  .formatted(operator, type, right));
        }
      }
      statement.execute(
          "create function evil.hashint8extended(int8, int8) returns int8 language sql"
              + " as 'select 0::int8'");
      statement.execute("create domain evil.int8 as text");
      statement.execute("create domain evil.timestamptz as text");
      statement.execute("set search_path = evil, pg_catalog");
      statement.execute("set datestyle = 'ISO, DMY'");
      statement.execute("set timezone = 'Asia/Kolkata'");
    }
    try {
      for (Case each : cases()) {
        each.check(BATCH);
      }
      assertThat(single("select 1::pg_catalog.int8 <= 2::pg_catalog.int8")).isEqualTo(false);
    } finally {
      server.execute("drop schema evil cascade");
      try (Statement statement = connection.createStatement()) {
        statement.execute("reset all");
      }
    }
  }

  @Test
  void anIndexServesFewRanges() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "create table shop (s smallint, i integer, b bigint, v varchar(20), t text, u uuid,"
              + " z timestamptz)");
      statement.execute(
          "insert into shop select n, n, n, n::text, n::text, gen_random_uuid(),"
              + " timestamptz '2026-01-01 00:00:00+00' + n * interval '1 second'"
              + " from generate_series(1, 20000) n");
    }
    try {
      for (KeyType type : KeyType.values()) {
        for (String column : columns(type)) {
          if (type != KeyType.TIMESTAMPTZ) {
            TokenFunction tokens = TokenFunctions.of(Strategy.HASH, Optional.of(type));
            assertIndexServes(tokens, column, "(" + tokens.sqlToken(column) + ")");
          }
          if (type != KeyType.TEXT && type != KeyType.UUID) {
            TokenFunction tokens = TokenFunctions.of(Strategy.RANGE, Optional.of(type));
            assertIndexServes(tokens, column, column);
          }
        }
      }
    } finally {
      server.execute("drop table shop");
    }
  }

  private static List<String> columns(KeyType type) {
    return switch (type) {
      case SMALLINT -> List.of("s");
      case INTEGER -> List.of("i");
      case BIGINT -> List.of("b");
      case TEXT -> List.of("v", "t");
      case UUID -> List.of("u");
      case TIMESTAMPTZ -> List.of("z");
    };
  }

  /** At the planner's usual costs, for the tokens of a few of the rows. */
  private static void assertIndexServes(TokenFunction tokens, String column, String indexed)
      throws SQLException {
    execute("create index shop_token on shop (" + indexed + ")");
    execute("analyze shop");
    List<KeyRange> few = new ArrayList<>();
    for (int row = 0; row < SqlRanges.MOST_COMPARED; row++) {
      String offset = " from shop order by i offset " + 1_000 * row + " limit 1";
      long token = (long) single("select " + tokens.sqlToken(column) + offset);
      few.add(new KeyRange(token, token + 1));
    }
    String condition = tokens.sqlCondition(column, KeyRangeSet.of(few));
    assertThat(plan("select * from shop where " + condition)).contains("shop_token");
    execute("drop index shop_token");
  }

  private static void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String plan(String sql) throws SQLException {
    List<String> lines = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("explain " + sql)) {
      while (rows.next()) {
        lines.add(rows.getString(1));
      }
    }
    return String.join("\n", lines);
  }

  private static boolean holds(TokenFunction tokens, String value, KeyRangeSet set)
      throws SQLException {
    return (boolean) single("select " + tokens.sqlCondition(value, set));
  }

  private static Object single(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getObject(1);
    }
  }
}
