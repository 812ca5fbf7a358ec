package dev.shardwright.router.internal.jdbc.parts;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What became of the parts of a write, for people and for the caller's error handling. */
public final class PartFates {
  private final Map<PartEnd.Fate, SortedSet<ShardId>> shards = new EnumMap<>(PartEnd.Fate.class);

  /** Of what was not carried out, or perhaps not. */
  private @Nullable SQLException first;

  private @Nullable SQLException unknown;

  /** Of what was carried out, but has no answer. */
  private @Nullable SQLException unanswered;

  /**
   * @param at the shards of the parts, in their order
   */
  public PartFates(List<ShardId> at, List<? extends PartEnd<?>> ends) {
    for (int i = 0; i < ends.size(); i++) {
      add(at.get(i), ends.get(i));
    }
    if (first == null && shards.containsKey(PartEnd.Fate.NOT_TRIED)) {
      first =
          new SQLTimeoutException(
              "the deadline, or an interrupt, came before the write had begun everywhere",
              SqlFailures.DEADLINE);
    }
    if (first != null && unanswered != null) {
      first.addSuppressed(unanswered);
    }
  }

  private void add(ShardId shard, PartEnd<?> end) {
    shards.computeIfAbsent(end.fate(), fate -> new TreeSet<>()).add(shard);
    SQLException failure = end.failure();
    if (failure == null) {
      return;
    }
    if (end.fate() == PartEnd.Fate.DONE) {
      unanswered = joined(unanswered, failure);
      return;
    }
    first = joined(first, failure);
    if (unknown == null && end.fate() == PartEnd.Fate.UNKNOWN) {
      unknown = failure;
    }
  }

  private static SQLException joined(@Nullable SQLException sooner, SQLException later) {
    if (sooner == null) {
      return later;
    }
    sooner.addSuppressed(later);
    return sooner;
  }

  /**
   * Why not all is done, or else why what is done has no answer; the others are suppressed in it.
   * Null if all is, and has.
   */
  public @Nullable SQLException failure() {
    return first == null ? unanswered : first;
  }

  /** Whether no shard can have changed anything. */
  boolean isWithoutEffect() {
    return !shards.containsKey(PartEnd.Fate.DONE) && !shards.containsKey(PartEnd.Fate.UNKNOWN);
  }

  /** Whether all shards have committed. */
  boolean isWhole() {
    return shards.keySet().equals(Set.of(PartEnd.Fate.DONE));
  }

  /** The state that says most: that of an unknown outcome, else of {@link #failure}. */
  public @Nullable String sqlState() {
    SQLException most = unknown == null ? failure() : unknown;
    if (most == null) {
      return null;
    }
    boolean beside = shards.containsKey(PartEnd.Fate.DONE) && !isWhole();
    return beside ? SqlFailures.besideWhatWasDone(most.getSQLState()) : most.getSQLState();
  }

  /** All shards by what became of their part. */
  @Override
  public String toString() {
    StringBuilder told = new StringBuilder();
    shards.forEach(
        (fate, at) -> told.append(told.isEmpty() ? "" : "; ").append(words(fate)).append(at));
    return told.toString();
  }

  private static String words(PartEnd.Fate fate) {
    return switch (fate) {
      case DONE -> "carried out and committed on the shards ";
      case FAILED -> "failed, without effect, on ";
      case UNKNOWN -> "may or may not have happened on ";
      case NOT_TRIED -> "not tried on ";
    };
  }
}
