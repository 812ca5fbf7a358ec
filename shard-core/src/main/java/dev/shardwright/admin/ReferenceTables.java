package dev.shardwright.admin;

import dev.shardwright.topology.Shard;
import dev.shardwright.topology.Topology;
import java.util.Optional;
import java.util.function.Supplier;

final class ReferenceTables {
  Optional<Topology> copyTo(Shard shard, Topology current, Supplier<Optional<Topology>> enter) {
    return enter.get();
  }
}
