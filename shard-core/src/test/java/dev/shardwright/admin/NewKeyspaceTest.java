package dev.shardwright.admin;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NewKeyspaceTest {
  @ParameterizedTest
  @CsvSource({
    "HASH, BIGINT, 5, '', split keys are for strategy RANGE",
    "SINGLE, , 5, s1, split keys are for strategy RANGE",
    "HASH, BIGINT, '', s1, a home shard is for strategy SINGLE",
    "RANGE, BIGINT, 5, s1, a home shard is for strategy SINGLE"
  })
  void refusesWhatIsOfAnotherStrategy(
      Strategy strategy, KeyType keyType, String splitKey, String home, String refusal) {
    assertThatThrownBy(
            () ->
                new NewKeyspace(
                    "ks",
                    strategy,
                    Optional.ofNullable(keyType),
                    64,
                    new TreeSet<>(),
                    splitKey.isEmpty() ? List.of() : List.of(splitKey),
                    home.isEmpty() ? Optional.empty() : Optional.of(ShardId.of(home))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("keyspace ks")
        .hasMessageContaining(refusal);
  }
}
