package dev.shardwright.rebalance.plan;

import dev.shardwright.ring.Pin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * An ordered list of range moves, and what they lead to. Printing it is the dry run.
 *
 * @param request what was asked for
 * @param moves in the order to carry them out
 * @param rings what becomes of each ring; in the order of their names
 */
public record RebalancePlan(
    RebalanceRequest request, List<PlannedMove> moves, List<PlannedRing> rings) {

  /** Copies the lists. */
  public RebalancePlan {
    moves = List.copyOf(moves);
    rings = List.copyOf(rings);
  }

  /** The pin that a move is about, if that is to be made. */
  public Optional<Pin> pinOf(PlannedMove move) {
    return rings.stream()
        .filter(ring -> ring.id().equals(move.ring()))
        .flatMap(ring -> ring.pinned().stream())
        .filter(pin -> move.transfer().ranges().contains(pin.token()))
        .findFirst();
  }

  /** All that moves. */
  public Volume volume() {
    return moves.stream().map(PlannedMove::volume).reduce(Volume.NONE, Volume::plus);
  }

  /** How long copying takes, one move after the other. */
  public Duration estimate() {
    return moves.stream().map(PlannedMove::estimate).reduce(Duration.ZERO, Duration::plus);
  }

  /** The plan in lines, for people. */
  public String describe() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "Plan: %s. %s, %s, about %s."
            .formatted(
                request.describe(),
                moves.isEmpty() ? "Nothing to move" : moves.size() + " range moves",
                text(volume()),
                text(estimate())));
    for (PlannedRing ring : rings) {
      lines.add(
          String.format(
              Locale.ROOT,
              "Ring %s: %s max/avg %.3f now, %.3f after",
              ring.id(),
              ring.goal().word(),
              ring.skewBefore(),
              ring.skewAfter()));
      ring.pinned()
          .ifPresent(
              pin ->
                  lines.add("  key '%s', on %s now, is pinned".formatted(pin.key(), pin.shard())));
      ring.unbalanced().forEach(reason -> lines.add("  not balanced: " + reason));
    }
    for (int i = 0; i < moves.size(); i++) {
      PlannedMove move = moves.get(i);
      lines.add(
          String.format(
              Locale.ROOT,
              "%d. %s: %s -> %s, %d ranges, %s, about %s, max/avg %.3f -> %.3f",
              i + 1,
              move.ring(),
              move.transfer().source(),
              move.transfer().target(),
              move.transfer().ranges().ranges().size(),
              text(move.volume()),
              text(move.estimate()),
              move.skewBefore(),
              move.skewAfter()));
      lines.add("   " + move.reason());
    }
    return String.join("\n", lines);
  }

  /** The same as {@link #describe}. */
  @Override
  public String toString() {
    return describe();
  }

  private static String text(Volume volume) {
    return "%d rows, %s".formatted(volume.rows(), bytes(volume.bytes()));
  }

  private static String bytes(long bytes) {
    if (bytes < 1_000) {
      return bytes + " B";
    }
    double value = bytes;
    int unit = -1;
    while (value >= 1_000 && unit < 4) {
      value /= 1_000;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %sB", value, "kMGTP".charAt(unit));
  }

  private static String text(Duration duration) {
    long seconds = duration.toSeconds();
    return seconds < 60
        ? seconds + " s"
        : seconds < 3_600
            ? seconds / 60 + " min " + seconds % 60 + " s"
            : seconds / 3_600 + " h " + seconds / 60 % 60 + " min";
  }
}
