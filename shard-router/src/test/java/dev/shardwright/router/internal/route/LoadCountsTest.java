package dev.shardwright.router.internal.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.Pin;
import dev.shardwright.ring.Pins;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.PlacementByTokens;
import dev.shardwright.ring.Ring;
import dev.shardwright.ring.ShardId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LoadCountsTest {
  private static final Ring RING = PlacementByTokens.layOut(Map.of(ShardId.of("s1"), 1), 4);

  @Test
  void workOnAPinIsCountedApartFromThatOfItsVirtualNodeAndOnlyOnce() {
    Pin pin = new Pin("tenant", 42, ShardId.of("s2"));
    LoadCounts counts = new LoadCounts(new Placement(RING, Pins.of(List.of(pin))));
    counts.count(42);
    counts.count(42);
    counts.count(43);
    KeyRange node = RING.virtualNode(RING.indexOf(42)).range();
    assertThat(counts.take())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(KeyRange.of(42), 2L * LoadCounts.SAMPLED, node, (long) LoadCounts.SAMPLED));
    assertThat(counts.take()).isEmpty();
  }
}
