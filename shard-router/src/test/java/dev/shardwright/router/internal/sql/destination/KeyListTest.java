package dev.shardwright.router.internal.sql.destination;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Maps;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.Analyzer;
import dev.shardwright.router.internal.sql.TestShards;
import dev.shardwright.router.internal.sql.tables.SearchPath;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What shards are given of lists of keys; 5 to 8 are on {@code a}, 15 on {@code b}, 25 on c. */
class KeyListTest {
  private static final List<ShardId> SHARDS = List.of(TestShards.A, TestShards.B, TestShards.C);

  private final Analyzer analyzer = new Analyzer();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select * from orders where user_id in (?, ?, ?)",
        "select * from orders where user_id in ($1, $2, $3)",
        "select * from orders where user_id = any (array[?, ?, ?])",
        "select * from orders where user_id = any (array[?, ?, ?]::bigint[])",
        "select * from orders where user_id in (?::bigint, ?::bigint, ?::bigint)",
        "select * from orders o where x = 1 and (o.user_id in (?, ?, ?) and y = 2)",
        "select count(*) from orders where user_id in (?, ?, ?) group by x order by 1",
        "select * from orders join users u on u.id = user_id where u.id in (?, ?, ?)",
        "select * from users left join orders on id = user_id and user_id in (?, ?, ?)",
        "select * from (select * from orders where user_id in (?, ?, ?)) as mine",
        "with mine as (select * from orders where user_id in (?, ?, ?)) select * from mine a, mine",
      })
  void areKeysOfTheirOwn(String sql) {
    assertThat(shared(sql, 15L, 5L, 6L))
        .isEqualTo(
            Map.of(
                TestShards.A, List.of(5L, 5L, 6L),
                TestShards.B, List.of(15L, 15L, 15L),
                TestShards.C, List.of(15L, 5L, 6L)));
  }

  @Test
  void areAllOfTheirOwnKeysInTheirPlaces() {
    assertThat(
            shared(
                "select * from orders where x > ? and user_id in (?, ?, ?, ?, ?, ?) and y > ?",
                1L,
                25L,
                5L,
                15L,
                5L,
                26L,
                7L,
                2L))
        .isEqualTo(
            Map.of(
                TestShards.A, List.of(1L, 5L, 5L, 5L, 5L, 5L, 7L, 2L),
                TestShards.B, List.of(1L, 15L, 15L, 15L, 15L, 15L, 15L, 2L),
                TestShards.C, List.of(1L, 25L, 25L, 25L, 25L, 26L, 25L, 2L)));
  }

  /** A list with NULL in it is never false. */
  @Test
  void areTheNullsToo() {
    assertThat(shared("select * from orders where user_id in (?, ?, ?, ?)", null, 5L, null, 15L))
        .containsEntry(TestShards.A, asList(null, 5L, null, 5L))
        .containsEntry(TestShards.B, asList(null, 15L, null, 15L));
  }

  /** PostgreSQL compares all as the type that they have in common. */
  @Test
  void areValuesOfOtherTypesToo() {
    assertThat(shared("select * from orders where user_id in (?, ?, ?)", 5L, 15, 15L))
        .containsEntry(TestShards.A, List.of(5L, 15, 5L))
        .containsEntry(TestShards.B, List.of(5L, 15, 15L));
  }

  @Test
  void areWhatMayBeAnyKeyToo() {
    assertThat(shared("select * from orders where user_id in (?, ?, ?)", "5", "5.0", "15"))
        .containsEntry(TestShards.A, List.of("5", "5.0", "5"));
  }

  @Test
  void areOfEachListItsOwn() {
    assertThat(
            shared(
                "select * from orders where user_id in (?, ?) or user_id in (?, ?)",
                5L,
                25L,
                15L,
                26L))
        .isEqualTo(
            Map.of(
                TestShards.A, List.of(5L, 5L, 15L, 26L),
                TestShards.B, List.of(5L, 25L, 15L, 15L),
                TestShards.C, List.of(25L, 25L, 26L, 26L)));
  }

  @Test
  void areKeysOfEveryRegionThatMayBeMeant() {
    assertThat(shared("select * from people where id in (?, ?)", 5, 15))
        .isEqualTo(
            Map.of(
                TestShards.A, List.of(5, 5),
                TestShards.B, List.of(15, 15),
                TestShards.C, List.of(5, 15)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select * from orders where x in (?, ?, ?)",
        "select * from orders where user_id + 0 in (?, ?, ?)",
        "select * from orders where user_id in (?, ?, ?, x)",
        "select * from orders where user_id in (?, ?, ?, 5)",
        "select * from orders where user_id in (?, ?, ? + 0)",
        "select * from orders where user_id in (?, ?::int, ?)",
        "select * from orders where user_id in ($1, $2, $3) and x <> $3",
        "select * from orders where user_id not in (?, ?, ?)",
        "select * from orders where user_id in (?, ?, ?) or x = 1",
        "select * from (values (5), (15)) as v (id) left join orders on user_id = id"
            + " where id in (?, ?, ?)",
        "select * from countries where code in (?, ?, ?)",
      })
  void areAllWhereItIsNoListOfKeysOnly(String sql) {
    assertThat(analyse(sql).shares(values(15L, 5L, 6L), SHARDS, TestShards.TOPOLOGY)).isEmpty();
  }

  private Map<ShardId, List<@Nullable Object>> shared(String sql, @Nullable Object... given) {
    Map<ShardId, IntUnaryOperator> shares =
        analyse(sql).shares(values(given), SHARDS, TestShards.TOPOLOGY);
    return Maps.toMap(
        SHARDS,
        shard -> {
          IntUnaryOperator share = shares.getOrDefault(shard, IntUnaryOperator.identity());
          return asList(
              IntStream.rangeClosed(1, given.length)
                  .mapToObj(place -> given[share.applyAsInt(place) - 1])
                  .toArray());
        });
  }

  private static List<@Nullable Object> asList(@Nullable Object... values) {
    return Arrays.asList(values);
  }

  private Analysis analyse(String sql) {
    return analyzer.analyze(sql, SearchPath.DEFAULT, TestShards.TOPOLOGY);
  }

  /** Those of one class are alike. */
  private static ParameterValues values(@Nullable Object... given) {
    return new ParameterValues() {
      @Override
      public @Nullable Object value(int place) {
        return given[place - 1];
      }

      @Override
      public boolean areAlike(int place, int other) {
        return given[place - 1] != null
            && given[other - 1] != null
            && given[place - 1].getClass() == given[other - 1].getClass();
      }
    };
  }
}
