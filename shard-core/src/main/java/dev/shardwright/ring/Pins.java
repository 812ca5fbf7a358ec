package dev.shardwright.ring;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The pins over one ring, one for each pinned token. Immutable. */
public final class Pins {
  /** The most pins that one ring may have. */
  public static final int MAX = 10_000;

  /** No pin. */
  public static final Pins NONE = new Pins(List.of());

  private final List<Pin> pins;
  private final long[] tokens;
  private final Set<ShardId> owners;

  private Pins(List<Pin> pins) {
    this.pins = pins;
    this.tokens = pins.stream().mapToLong(Pin::token).toArray();
    this.owners = pins.stream().map(Pin::shard).collect(Collectors.toUnmodifiableSet());
  }

  /**
   * The given pins, in any order.
   *
   * @throws IllegalArgumentException if there are more than {@link #MAX}, or two for one token
   */
  public static Pins of(Collection<Pin> pins) {
    checkArgument(pins.size() <= MAX, "%s pins are more than the %s allowed", pins.size(), MAX);
    List<Pin> ordered = pins.stream().sorted(Comparator.comparingLong(Pin::token)).toList();
    for (int i = 1; i < ordered.size(); i++) {
      Pin before = ordered.get(i - 1);
      Pin pin = ordered.get(i);
      checkArgument(
          before.token() != pin.token(),
          "keys '%s' and '%s' have the same token %s: they can only be pinned together",
          before.key(),
          pin.key(),
          pin.token());
    }
    return new Pins(ordered);
  }

  /**
   * These pins and one more; it replaces the one of the same key and token.
   *
   * @throws IllegalArgumentException if there would be more than {@link #MAX}, or two for one token
   */
  public Pins with(Pin pin) {
    List<Pin> changed = new ArrayList<>(pins);
    changed.removeIf(old -> old.token() == pin.token() && old.key().equals(pin.key()));
    changed.add(pin);
    return of(changed);
  }

  /** These pins without the one of that token. */
  public Pins without(long token) {
    return of(pins.stream().filter(pin -> pin.token() != token).toList());
  }

  /** In the order of tokens. */
  public List<Pin> all() {
    return pins;
  }

  /** The shards that tokens are pinned to. */
  Set<ShardId> owners() {
    return owners;
  }

  /** The shard that the token is pinned to, or null. */
  public @Nullable ShardId ownerOf(long token) {
    if (tokens.length == 0) {
      return null;
    }
    int found = Arrays.binarySearch(tokens, token);
    return found < 0 ? null : pins.get(found).shard();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Pins that && pins.equals(that.pins);
  }

  @Override
  public int hashCode() {
    return pins.hashCode();
  }

  @Override
  public String toString() {
    return "Pins" + pins;
  }
}
