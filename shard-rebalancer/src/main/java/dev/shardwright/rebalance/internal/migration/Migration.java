package dev.shardwright.rebalance.internal.migration;

import static com.google.common.base.Preconditions.checkArgument;

import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.watch.CutoverPause;
import dev.shardwright.rebalance.watch.MigrationProgress;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.Pins;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.RangeTransfer;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Topology;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * One range move being carried out, as its journal has it.
 *
 * @param number its number; that of the range move, too
 * @param keyspace whose rows move
 * @param region on whose ring
 * @param transfer from where to where, and which tokens
 * @param key the key that it pins, if it moves one by itself that was not pinned
 * @param reason why, for people
 * @param options how it is carried out
 * @param state how far it has come
 * @param direction which way rows are copied
 * @param verified whether every row was compared in this direction
 * @param openedAt on the way back, the value of the move with which the target was opened, while
 *     the source has all rows that there were then: a target that lacks its opening gets them from
 *     there
 * @param definitions what the tables looked like when the captures were installed or, on the way
 *     back, when the rows were compared: fingerprints; empty before
 * @param compared the tables as they were when every row was compared last
 * @param attempts how often the ranges were tried to change hands in its direction, in vain
 * @param progress how far copying has come
 * @param created when it was planned
 * @param entered when its state was entered
 * @param pause how long work on the ranges waited when they changed hands last, if they did and
 *     that is known
 * @param givenUp why it was to be given up, if it was
 * @param note what keeps it now: why it rests, for whom it waits, what failed; or why its state was
 *     entered. Of one that was aborted, why. Empty if there is nothing to say
 */
public record Migration(
    int number,
    String keyspace,
    Region region,
    RangeTransfer transfer,
    Optional<String> key,
    String reason,
    MoveOptions options,
    MigrationState state,
    Direction direction,
    boolean verified,
    OptionalLong openedAt,
    Optional<String> definitions,
    ComparedRows compared,
    int attempts,
    MigrationProgress progress,
    Instant created,
    Instant entered,
    Optional<CutoverPause> pause,
    Optional<String> givenUp,
    String note) {

  /**
   * @throws IllegalArgumentException if the number is not positive, or there is more than one token
   *     for a key
   */
  public Migration {
    checkArgument(number > 0, "a migration's number is at least 1, not %s", number);
    checkArgument(
        key.isEmpty() || isOneToken(transfer.ranges()),
        "migration %s moves %s, which is not the one token of a key",
        number,
        transfer.ranges());
  }

  /** A migration that is planned. */
  public static Migration planned(
      int number,
      String keyspace,
      Region region,
      RangeTransfer transfer,
      Optional<String> key,
      String reason,
      MoveOptions options,
      Instant now) {
    return new Migration(
        number,
        keyspace,
        region,
        transfer,
        key,
        reason,
        options,
        MigrationState.PLANNED,
        Direction.FORWARD,
        false,
        OptionalLong.empty(),
        Optional.empty(),
        ComparedRows.UNKNOWN,
        0,
        MigrationProgress.NONE,
        now,
        now,
        Optional.empty(),
        Optional.empty(),
        "");
  }

  /** What it is to move. */
  public Claim claim() {
    return new Claim(keyspace, region, transfer);
  }

  /**
   * The topology with the range move as it begins, and with the pin that it is about, which moves
   * nothing yet; empty if another move has some of the ranges, the source has not all of them, the
   * target is not there, or there is no room for a pin.
   */
  public Optional<Topology> begun(Topology topology, int mover) {
    RangeMove move =
        RangeMove.of(
            number,
            keyspace,
            region,
            transfer.source(),
            transfer.target(),
            transfer.ranges(),
            mover);
    return topology
        .keyspace(keyspace)
        .filter(placed -> topology.shard(transfer.target()).isPresent())
        .filter(placed -> claim().takenBy(topology).isEmpty())
        .filter(placed -> claim().elsewhere(placed).isEmpty())
        .filter(placed -> hasRoom(placed.placement(region)))
        .map(placed -> topology.withKeyspace(withPin(placed)).withMove(move));
  }

  /**
   * The topology without the range move, and without the pin that it made if the ranges are with
   * the source, as if it had never begun.
   */
  public Topology left(Topology topology) {
    Topology without = topology.withoutMove(number);
    return without
        .keyspace(keyspace)
        .filter(placed -> key.isPresent() && isAtSource(placed.placement(region)))
        .map(
            placed ->
                without.withKeyspace(
                    placed.withPlacement(region, placed.placement(region).unpinInPlace(token()))))
        .orElse(without);
  }

  private KeyspaceTopology withPin(KeyspaceTopology placed) {
    return key.map(
            name ->
                placed.withPlacement(region, placed.placement(region).pinInPlace(name, token())))
        .orElse(placed);
  }

  private boolean hasRoom(Placement placement) {
    Pins pins = placement.pins();
    return key.isEmpty() || pins.ownerOf(token()) != null || pins.all().size() < Pins.MAX;
  }

  private boolean isAtSource(Placement placement) {
    return placement.ownerOf(token()).equals(transfer.source());
  }

  private static boolean isOneToken(KeyRangeSet ranges) {
    return ranges.equals(KeyRangeSet.of(KeyRange.of(ranges.ranges().get(0).first())));
  }

  /** Of the key that moves by itself. */
  private long token() {
    return transfer.ranges().ranges().get(0).first();
  }

  /**
   * This migration in another state.
   *
   * @param why the note; why one is given up is kept apart, for the note of its end
   * @throws IllegalStateException if that state may not follow
   */
  public Migration enter(MigrationState next, Direction nextDirection, String why, Instant now) {
    if (!state.next().contains(next)) {
      throw new IllegalStateException(
          "migration %d is %s and cannot become %s".formatted(number, state, next));
    }
    boolean sameWay = nextDirection == direction;
    return with(
        changed -> {
          changed.state = next;
          changed.direction = nextDirection;
          changed.verified = sameWay && (verified || state == MigrationState.VERIFYING);
          changed.definitions = sameWay ? definitions : Optional.empty();
          changed.attempts = sameWay ? attempts : 0;
          changed.entered = now;
          changed.note = next == MigrationState.ABORTED ? givenUp.orElse(why) : why;
          if (next == MigrationState.ABORTING) {
            changed.givenUp = Optional.of(why);
            changed.note = "";
          }
        });
  }

  /** This migration after one more attempt at the cutover. */
  public Migration attempted() {
    return with(changed -> changed.attempts++);
  }

  /** This migration with what was copied. */
  public Migration withProgress(MigrationProgress now) {
    return with(changed -> changed.progress = now);
  }

  /** This migration with the pause of its cutover, as far as it is known. */
  public Migration withPause(Optional<CutoverPause> now) {
    return with(changed -> changed.pause = now);
  }

  /** This migration with another note. */
  public Migration withNote(String now) {
    return with(changed -> changed.note = now);
  }

  /** This migration at work, if it was paused. */
  public Migration goesOn() {
    return note.equals(MigrationDecider.PAUSED) ? withNote("") : this;
  }

  /** This migration after work went well: what kept it until then does so no more. */
  public Migration unhindered() {
    return MigrationDecider.isHindrance(note) ? withNote("") : this;
  }

  /** This migration after what was verified is not, any more, as where a server was replaced. */
  public Migration unverified() {
    return with(changed -> changed.verified = false);
  }

  /** This migration with the value with which the target was opened; empty if that is no help. */
  public Migration withOpenedAt(OptionalLong now) {
    return with(changed -> changed.openedAt = now);
  }

  /**
   * This migration after tables or rows were found changed: all is compared anew, as it is then.
   */
  public Migration afresh() {
    return with(
        changed -> {
          changed.verified = false;
          changed.definitions = Optional.empty();
        });
  }

  /** This migration with what the tables have to look like until the ranges change hands. */
  public Migration withDefinitions(String now) {
    return with(changed -> changed.definitions = Optional.of(now));
  }

  /** This migration with the tables whose rows were compared. */
  public Migration withCompared(ComparedRows now) {
    return with(changed -> changed.compared = now);
  }

  /**
   * Whether its shards have hardly any work with it: it is in its window, something keeps it from
   * beginning, or what is left to remove cannot be, as on a shard that is away.
   */
  public boolean isAtRest() {
    return switch (state) {
      case PLANNED -> note.equals(MigrationDecider.PAUSED) || MigrationDecider.isHindrance(note);
      case IN_WINDOW -> true;
      case CLEANING_UP, ABORTING -> MigrationDecider.isTrouble(note);
      case REGISTERING,
          PREPARING,
          INSTALLING,
          COPYING,
          CATCHING_UP,
          VERIFYING,
          CUTTING_OVER,
          DONE,
          ABORTED ->
          false;
    };
  }

  /** When the ranges cannot be taken back any more, if they have changed hands. */
  public Instant windowEnds() {
    return entered.plus(options.rollbackWindow());
  }

  private Migration with(Consumer<Changed> change) {
    Changed changed = new Changed();
    change.accept(changed);
    return changed.migration();
  }

  /** What may become different; as it is, until it is set. */
  private final class Changed {
    private MigrationState state = Migration.this.state;
    private Direction direction = Migration.this.direction;
    private boolean verified = Migration.this.verified;
    private OptionalLong openedAt = Migration.this.openedAt;
    private Optional<String> definitions = Migration.this.definitions;
    private ComparedRows compared = Migration.this.compared;
    private int attempts = Migration.this.attempts;
    private MigrationProgress progress = Migration.this.progress;
    private Instant entered = Migration.this.entered;
    private Optional<CutoverPause> pause = Migration.this.pause;
    private Optional<String> givenUp = Migration.this.givenUp;
    private String note = Migration.this.note;

    private Migration migration() {
      return new Migration(
          number,
          keyspace,
          region,
          transfer,
          key,
          reason,
          options,
          state,
          direction,
          verified,
          openedAt,
          definitions,
          compared,
          attempts,
          progress,
          created,
          entered,
          pause,
          givenUp,
          note);
    }
  }
}
