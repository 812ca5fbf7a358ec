package dev.shardwright.admin;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Strategy;
import dev.shardwright.ring.TokenFunction;
import dev.shardwright.ring.TokenFunctions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One of some keys, of each type, whose tokens a server must compute as Java does. A big-endian
 * machine hashes text and uuid otherwise.
 *
 * @param strategy of the token function
 * @param type of the key
 * @param key as text
 */
record TokenProbe(Strategy strategy, KeyType type, String key) {
  private static final List<TokenProbe> ALL =
      Stream.of(
              of(Strategy.HASH, KeyType.SMALLINT, "1", "-32768"),
              of(Strategy.HASH, KeyType.INTEGER, "1", "-2147483648"),
              of(Strategy.HASH, KeyType.BIGINT, "0", "-1", "4294967296", "1234567890123456789"),
              of(
                  Strategy.HASH,
                  KeyType.TEXT,
                  "",
                  "a",
                  "abcde",
                  "12 letters..",
                  "héllo wörld 日本語😀"),
              of(Strategy.HASH, KeyType.UUID, "01234567-89ab-cdef-0123-456789abcdef"),
              of(Strategy.RANGE, KeyType.SMALLINT, "-1"),
              of(Strategy.RANGE, KeyType.INTEGER, "-1"),
              of(Strategy.RANGE, KeyType.BIGINT, "-9223372036854775808"),
              of(
                  Strategy.RANGE,
                  KeyType.TIMESTAMPTZ,
                  "-infinity",
                  "1969-12-31T23:59:59.999999Z",
                  "2026-01-01T00:00:00.000001Z",
                  "infinity"))
          .flatMap(probes -> probes)
          .toList();

  private static Stream<TokenProbe> of(Strategy strategy, KeyType type, String... keys) {
    return Stream.of(keys).map(key -> new TokenProbe(strategy, type, key));
  }

  /** The first token that is not what Java computes, in words; empty if all are. */
  static Optional<String> difference(Connection connection) throws SQLException {
    String query =
        IntStream.range(0, ALL.size())
            .mapToObj(i -> "select %s, %s".formatted(i, ALL.get(i).sql()))
            .collect(Collectors.joining(" union all ", "", " order by 1"));
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      for (TokenProbe probe : ALL) {
        rows.next();
        long answer = rows.getLong(2);
        if (answer != probe.token()) {
          return Optional.of(
              "the %s token of %s '%s' is %s there, and %s in Java"
                  .formatted(
                      probe.strategy, probe.type.sqlName(), probe.key, answer, probe.token()));
        }
      }
    }
    return Optional.empty();
  }

  private String sql() {
    return tokens().sqlToken("cast(%s as %s)".formatted(SqlText.literal(key), type.sqlName()));
  }

  private long token() {
    return tokens().tokenOf(tokens().parse(key));
  }

  private TokenFunction tokens() {
    return TokenFunctions.of(strategy, Optional.of(type));
  }
}
