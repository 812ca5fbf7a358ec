package dev.shardwright.ring;

import static java.lang.Long.MAX_VALUE;
import static java.lang.Long.MIN_VALUE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenFunctionsTest {
  @Test
  void refusesPairsThatDoNotGoTogetherAndSaysWhatToUse() {
    assertRefused(Strategy.HASH, KeyType.TIMESTAMPTZ, "use strategy RANGE");
    assertRefused(Strategy.RANGE, KeyType.TEXT, "use strategy HASH");
    assertRefused(Strategy.RANGE, KeyType.UUID, "use strategy HASH");
    assertRefused(Strategy.SINGLE, KeyType.BIGINT, "SINGLE has none");
    assertThatThrownBy(() -> TokenFunctions.of(Strategy.HASH, Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("need a key type");
  }

  private static void assertRefused(Strategy strategy, KeyType type, String advice) {
    assertThatThrownBy(() -> TokenFunctions.of(strategy, Optional.of(type)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(type.sqlName())
        .hasMessageContaining(advice);
  }

  @Test
  void takesEveryIntegralTypeWithinRange() {
    for (Object one : List.of((byte) 1, (short) 1, 1, 1L)) {
      for (KeyType type : List.of(KeyType.SMALLINT, KeyType.INTEGER, KeyType.BIGINT)) {
        assertThat(range(type).tokenOf(one)).isEqualTo(1);
        assertThat(hash(type).tokenOf(one)).isEqualTo(PostgresHash.hashInt8(1));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "SMALLINT, 32767, 32768",
    "SMALLINT, -32768, -32769",
    "INTEGER, 2147483647, 2147483648",
    "INTEGER, -2147483648, -2147483649",
  })
  void refusesIntegersOutOfTheTypesRange(KeyType type, long largest, long tooLarge) {
    for (TokenFunction tokens : List.of(hash(type), range(type))) {
      tokens.tokenOf(largest);
      assertThat(tokens.parse(Long.toString(largest))).isEqualTo(largest);
      assertThatThrownBy(() -> tokens.tokenOf(tooLarge))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(Long.toString(tooLarge))
          .hasMessageContaining(type.sqlName());
      assertThatThrownBy(() -> tokens.parse(Long.toString(tooLarge)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(Long.toString(tooLarge));
    }
  }

  @ParameterizedTest
  @EnumSource(KeyType.class)
  void refusesKeysOfAnotherTypeWithoutShowingThem(KeyType type) {
    TokenFunction tokens = type == KeyType.TIMESTAMPTZ ? range(type) : hash(type);
    Object wrong = type == KeyType.TEXT ? java.nio.CharBuffer.wrap("secret") : "secret";
    assertThatThrownBy(() -> tokens.tokenOf(wrong))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(type.sqlName())
        .hasMessageContaining(wrong.getClass().getName())
        .hasMessageNotContaining("secret");
  }

  @Test
  void refusesNull() {
    List<TokenFunction> all = new ArrayList<>();
    Arrays.stream(KeyType.values())
        .map(type -> type == KeyType.TIMESTAMPTZ ? range(type) : hash(type))
        .forEach(all::add);
    all.add(range(KeyType.BIGINT));
    all.add(single());
    for (TokenFunction tokens : all) {
      assertThatThrownBy(() -> callWithNull(tokens))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("null");
    }
  }

  @SuppressWarnings("NullAway") // the point of the test
  private static void callWithNull(TokenFunction tokens) {
    tokens.tokenOf(null);
  }

  @Test
  void refusesTextThatPostgresCannotHold() {
    TokenFunction text = hash(KeyType.TEXT);
    assertThat(text.parse("a😀")).isEqualTo("a😀");
    for (String bad : List.of("a\ud83d", "a\0")) {
      assertThatThrownBy(() -> text.tokenOf(bad)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> text.parse(bad)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void parsesUuidsInTheirStandardFormOnly() {
    TokenFunction uuids = hash(KeyType.UUID);
    String text = "123E4567-e89b-12d3-a456-426614174000";
    assertThat(uuids.parse(text)).isEqualTo(UUID.fromString(text));
    for (String bad : List.of("1-2-3-4-5", "", text + "0", "{" + text + "}")) {
      assertThatThrownBy(() -> uuids.parse(bad)).hasMessageContaining("is no uuid");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1.0", "1e3", " 1", "0x10", "9223372036854775808"})
  void parsesIntegersStrictly(String text) {
    assertThatThrownBy(() -> range(KeyType.BIGINT).parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "' is no bigint");
  }

  @ParameterizedTest
  @CsvSource({
    "1970-01-01T00:00:00Z, 0",
    "1970-01-01 01:00:00+01, 0",
    "1970-01-01 05:30:00.000001+05:30, 1",
    "1969-12-31 23:59:59.999999Z, -1",
    "infinity, 9223372036854775807",
    "-infinity, -9223372036854775808",
    "+294247-01-10T04:00:54.775806Z, 9223372036854775806",
    "+294247-01-10T04:00:54.775807Z, 9223372036854775807",
    "+294276-12-31T23:59:59.999999Z, 9223372036854775807",
    "-4712-01-01T00:00:00Z, -210863520000000000",
    "-4713-12-31T23:59:59.999999Z, -9223372036854775808",
  })
  void parsesTimestamps(String text, long token) {
    TokenFunction times = range(KeyType.TIMESTAMPTZ);
    assertThat(times.tokenOf(times.parse(text))).isEqualTo(token);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-01-01",
        "2026-01-01 00:00:00",
        "2026-01-0100:00:00Z",
        "2026-02-30 00:00:00Z",
        "tomorrow",
        "+294277-01-01T00:00:00Z",
        "+294276-12-31T23:59:59.9999995Z",
      })
  void refusesTextsThatAreNoTimestampWithTimeZone(String text) {
    assertThatThrownBy(() -> range(KeyType.TIMESTAMPTZ).parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("timestamptz");
  }

  @Test
  void roundsTimestampsHalfUpToMicroseconds() {
    TokenFunction times = range(KeyType.TIMESTAMPTZ);
    assertThat(times.tokenOf(Instant.ofEpochSecond(0, 499))).isZero();
    assertThat(times.tokenOf(Instant.ofEpochSecond(0, 500))).isEqualTo(1);
    assertThat(times.tokenOf(Instant.ofEpochSecond(-1, 999_999_499))).isEqualTo(-1);
    assertThat(times.tokenOf(Instant.ofEpochSecond(-1, 999_999_500))).isZero();
  }

  @Test
  void infinitiesAreTheEnds() {
    TokenFunction times = range(KeyType.TIMESTAMPTZ);
    for (Object top : List.of(OffsetDateTime.MAX, OffsetDateTime.MAX.minusNanos(1), Instant.MAX)) {
      assertThat(times.tokenOf(top)).isEqualTo(MAX_VALUE);
    }
    for (Object bottom : List.of(OffsetDateTime.MIN, Instant.MIN)) {
      assertThat(times.tokenOf(bottom)).isEqualTo(MIN_VALUE);
    }
  }

  @Test
  void allRowsOfASingleKeyspaceHaveOneToken() {
    assertThat(single().tokenOf("anything")).isEqualTo(single().tokenOf(7L)).isZero();
    assertThat(single().sqlCondition("k", KeyRangeSet.of(new KeyRange(-1, 1)))).isEqualTo("true");
    assertThat(single().sqlCondition("k", KeyRangeSet.of(KeyRange.of(1)))).isEqualTo("false");
  }

  @Test
  void everythingAndNothingNeedNoToken() {
    for (TokenFunction tokens :
        List.of(hash(KeyType.BIGINT), range(KeyType.BIGINT), range(KeyType.TIMESTAMPTZ))) {
      assertThat(tokens.sqlCondition("k", KeyRangeSet.ALL)).isEqualTo("true");
      assertThat(tokens.sqlCondition("k", KeyRangeSet.EMPTY)).isEqualTo("false");
    }
  }

  @Test
  void writesFewRangesAsComparisonsThatAnIndexServes() {
    KeyRangeSet few =
        KeyRangeSet.of(new KeyRange(MIN_VALUE, -9), new KeyRange(1, 5), KeyRange.of(MAX_VALUE));
    assertThat(range(KeyType.INTEGER).sqlCondition("k", few))
        .isEqualTo(
            "((k) OPERATOR(pg_catalog.<=) '-9'::pg_catalog.int8"
                + " OR ((k) OPERATOR(pg_catalog.>=) '1'::pg_catalog.int8"
                + " AND (k) OPERATOR(pg_catalog.<=) '5'::pg_catalog.int8)"
                + " OR (k) OPERATOR(pg_catalog.>=) '9223372036854775807'::pg_catalog.int8)");
  }

  @Test
  void writesManyRangesAsOneMultirange() {
    List<KeyRange> ranges = new ArrayList<>();
    for (long i = 0; i <= SqlRanges.MOST_COMPARED; i++) {
      ranges.add(KeyRange.of(2 * i));
    }
    ranges.add(new KeyRange(MAX_VALUE - 1, MAX_VALUE));
    assertThat(hash(KeyType.UUID).sqlCondition("\"k\"", KeyRangeSet.of(ranges)))
        .startsWith("'{[\"0\",\"0\"],[\"2\",\"2\"],")
        .endsWith(
            ",[\"9223372036854775806\",]}'::pg_catalog.int8multirange"
                + " OPERATOR(pg_catalog.@>) pg_catalog.uuid_hash_extended(\"k\", 0)");
  }

  private static TokenFunction hash(KeyType type) {
    return TokenFunctions.of(Strategy.HASH, Optional.of(type));
  }

  private static TokenFunction range(KeyType type) {
    return TokenFunctions.of(Strategy.RANGE, Optional.of(type));
  }

  private static TokenFunction single() {
    return TokenFunctions.of(Strategy.SINGLE, Optional.empty());
  }
}
