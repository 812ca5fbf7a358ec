package dev.shardwright.router.internal.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where statements go: a shard, several, {@code any}, or {@code single} for plain tables. */
class DestinationTest {
  private final Analyzer analyzer = new Analyzer();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          select 1                                          | any
          select * from countries where code = 'x'          | any
          select * from plain_notes                            | single
          select * from orders                              | a b c
          select * from orders where user_id = 5            | a
          select * from orders where user_id = 15 and x = 1 | b
          select * from orders where user_id = 1 + 1        | a b c
          select * from orders where not user_id = 5        | a b c
          select * from orders where user_id = null         | any
          select * from orders where user_id = 1 and user_id = 12 | any
          update orders set x = 1 where user_id = 15        | b
          delete from orders where user_id = 25             | c
          insert into orders (x, user_id) values (1, 5)     | a
          insert into orders (x, user_id) values (1, 5), (2, 25) | a c
          """)
  void goTo(String sql, String destination) {
    assertThat(destination(sql, List.of())).isEqualTo(destination);
  }

  private String destination(String sql, List<Object> parameters) {
    List<Object> values = new ArrayList<>(parameters);
    Destination found =
        analyzer
            .analyze(sql, SearchPath.DEFAULT, TestShards.TOPOLOGY)
            .destination(place -> values.get(place - 1), TestShards.TOPOLOGY);
    if (found instanceof Destination.OneShard one) {
      return one.shard().value();
    }
    if (found instanceof Destination.SeveralShards several) {
      return several.shards().stream().map(Object::toString).collect(Collectors.joining(" "));
    }
    return found instanceof Destination.AnyShard ? "any" : "single";
  }
}
