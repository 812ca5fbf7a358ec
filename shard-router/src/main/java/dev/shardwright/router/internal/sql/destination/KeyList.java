package dev.shardwright.router.internal.sql.destination;

import dev.shardwright.ring.Placement;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.TokenFunction;
import dev.shardwright.topology.KeyspaceTopology;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;

/**
 * A list of parameters that a statement compares the sharding keys of stored rows with, as in
 * {@code key in (?, ?, ?)}. Immutable.
 *
 * <p>Of the rows that a shard sees, none has a key that another shard owns. So a comparison with
 * the list is true, false or NULL as before if such a key is left out, whatever the statement makes
 * of it. In its place the shard is given one of its own keys once more: each shard looks for its
 * own keys only, while the text and the types of its parameters stay the same however the keys are
 * spread, and PostgreSQL's plan with them.
 *
 * @param keyspace of the rows
 * @param keys parameters that the statement uses for nothing else, all cast alike
 */
public record KeyList(String keyspace, List<Operand> keys) {
  public KeyList {
    keys = List.copyOf(keys);
  }

  /**
   * The list of a test; empty if it is more than that.
   *
   * @param once the places of the parameters that the statement uses once
   */
  public static Optional<KeyList> of(String keyspace, KeyTest.In test, Set<Integer> once) {
    List<Operand> keys = test.operands();
    List<Operand.Cast> casts = keys.get(0).casts();
    return keys.stream().allMatch(key -> once.contains(key.place()) && key.casts().equals(casts))
        ? Optional.of(new KeyList(keyspace, keys))
        : Optional.empty();
  }

  /**
   * For the shards that need not be given all values: for each place of a parameter, the place
   * whose value the shard is given there.
   *
   * @param placed the keyspace in the snapshot that the statement goes by
   */
  public Map<ShardId, IntUnaryOperator> shares(
      ParameterValues values, Collection<ShardId> shards, KeyspaceTopology placed) {
    List<Set<ShardId>> owners = owners(values, placed);
    Map<ShardId, IntUnaryOperator> shares = new HashMap<>();
    for (ShardId shard : shards) {
      for (int i = 0; i < owners.size(); i++) {
        if (owners.get(i).contains(shard)) {
          shares.put(shard, share(shard, owners, keys.get(i).place(), values));
          break;
        }
      }
    }
    return shares;
  }

  /** The owners of each key, one in each region; none where it is not certain which key it is. */
  private List<Set<ShardId>> owners(ParameterValues values, KeyspaceTopology placed) {
    TokenFunction tokens = placed.tokenFunction();
    Collection<Placement> placements = placed.placements().values();
    List<Set<ShardId>> owners = new ArrayList<>(keys.size());
    for (Object key : KeyConversion.of(placed.keyType().orElseThrow()).keys(keys, values)) {
      OptionalLong token = KeyConversion.token(key, tokens);
      if (token.isEmpty()) {
        owners.add(Set.of());
      } else {
        owners.add(owners(token.getAsLong(), placements));
      }
    }
    return owners;
  }

  private static Set<ShardId> owners(long token, Collection<Placement> placements) {
    if (placements.size() == 1) {
      return Set.of(placements.iterator().next().ownerOf(token));
    }
    return placements.stream()
        .map(placement -> placement.ownerOf(token))
        .collect(Collectors.toSet());
  }

  /**
   * @param own the place of a key that the shard owns
   */
  private IntUnaryOperator share(
      ShardId shard, List<Set<ShardId>> owners, int own, ParameterValues values) {
    int[] instead = new int[1 + keys.stream().mapToInt(Operand::place).max().orElseThrow()];
    for (int i = 0; i < owners.size(); i++) {
      int place = keys.get(i).place();
      boolean foreign = !owners.get(i).isEmpty() && !owners.get(i).contains(shard);
      instead[place] = foreign && values.areAlike(place, own) ? own : place;
    }
    return place -> place < instead.length && instead[place] > 0 ? instead[place] : place;
  }
}
