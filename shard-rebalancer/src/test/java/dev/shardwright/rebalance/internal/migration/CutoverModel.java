package dev.shardwright.rebalance.internal.migration;

import com.google.common.collect.ImmutableSet;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Everything that takes part in a cutover, as a machine of few states: ZooKeeper, the registers and
 * gates of two databases, two movers of which the second takes over, a helper that may be late,
 * writers that heed no hold, and a router that reads by the topology that it knows, perhaps in a
 * transaction whose snapshot is older. Each step of each of them is a transition; the movers' steps
 * are those that {@link CutoverDecider} chooses from what they know, which may be old.
 *
 * <p>A state is immutable and comparable, so that all that can be reached are visited once.
 */
final class CutoverModel {
  private static final ShardId S = ShardId.of("s");
  private static final ShardId T = ShardId.of("t");

  /** Values more than this above the first are not looked at: they repeat what smaller ones did. */
  private static final int VALUES = 5;

  /** Who takes part, beside a first mover, writers and a helper. */
  enum Cast {
    SECOND_MOVER,
    ROUTER,
    /** A transaction of the router on the shard that gains the ranges, which reads them late. */
    SNAPSHOT
  }

  /** What can be left out, to see whether that is noticed. */
  enum Safety {
    /** A COMMIT checks that the hold of its attempt is in force. */
    COMMIT_CHECKS_HOLD(Cast.SECOND_MOVER),
    /** Writers in the database are kept out and waited for before the last drain. */
    GATE(Cast.SECOND_MOVER),
    /** A register never takes a smaller value. */
    REGISTER_ONLY_GROWS(Cast.SECOND_MOVER),
    /** A database works only for the mover that took over last. */
    OWNER_ROW(Cast.SECOND_MOVER),
    /** Changes made before the fence are copied before the ranges change hands. */
    DRAIN(Cast.SECOND_MOVER),
    /** A router is waited for until it has acknowledged the hold, or is cut off. */
    ROUTERS_ACKNOWLEDGE(Cast.ROUTER),
    /** A router that acknowledges nothing loses its sessions, whatever ZooKeeper thinks of it. */
    CUT_OFF_ENDS_SESSIONS(Cast.ROUTER),
    /** A router that was cut off has no sessions before it knows of the hold. */
    READMISSION_AT_NEWER_EPOCH(Cast.ROUTER),
    /** Work on the ranges waits until the router has read that the hold is over. */
    HOLD_ENDS_BY_TOPOLOGY(Cast.ROUTER),
    /** A transaction reads no ranges that came to its shard after it began. */
    SNAPSHOTS_ARE_OF_THE_OWNER(Cast.ROUTER, Cast.SNAPSHOT),
    /** A mover that wakes up late, and cuts off for an old hold, lets no old sessions in. */
    MINIMUM_EPOCH_ONLY_GROWS(Cast.SECOND_MOVER, Cast.ROUTER);

    private final ImmutableSet<Cast> foundBy;

    Safety(Cast... foundBy) {
      this.foundBy = ImmutableSet.copyOf(foundBy);
    }

    /** Who must take part for it to be missed. */
    Set<Cast> foundBy() {
      return foundBy;
    }
  }

  /**
   * What ZooKeeper says.
   *
   * @param committed the values that a COMMIT gave to the move, as bits
   */
  record Topology(long value, boolean held, int mover, long committed) {
    boolean isCommitted(long of) {
      return (committed >> of & 1) == 1;
    }

    Topology hold() {
      return new Topology(value, true, mover, committed);
    }

    Topology giveUp() {
      return new Topology(value + 2, false, mover, committed);
    }

    Topology commit(long to) {
      return new Topology(to, false, mover, committed | 1L << to);
    }

    Topology takenOverBy(int changed) {
      return new Topology(value, held, changed, committed);
    }

    RangeMove move() {
      return new RangeMove(1, "shop", Region.ALL, S, T, KeyRangeSet.ALL, mover, value, held);
    }
  }

  /**
   * One of the two databases.
   *
   * @param rows how many writes it has committed, or has taken over from the other
   */
  record Database(long register, int rows) {
    Database withRegister(long changed) {
      return new Database(changed, rows);
    }

    Database withRows(int changed) {
      return new Database(register, changed);
    }
  }

  /**
   * What a mover has reached in an attempt.
   *
   * @param value of the move at which the hold was raised; -1 before the first
   */
  record Attempt(long value, boolean ready, boolean gate, boolean drained, boolean fenced) {
    static final Attempt NONE = at(-1);

    static Attempt at(long value) {
      return new Attempt(value, false, false, false, false);
    }

    Attempt withRouters() {
      return new Attempt(value, true, gate, drained, fenced);
    }

    Attempt withGate(boolean has) {
      return new Attempt(value, ready, has, drained && has, fenced);
    }

    Attempt hasDrained() {
      return new Attempt(value, ready, gate, true, fenced);
    }

    Attempt hasFenced() {
      return new Attempt(value, ready, false, false, true);
    }

    OptionalLong begun() {
      return value < 0 ? OptionalLong.empty() : OptionalLong.of(value);
    }
  }

  /**
   * One mover: what it read last, and how far it is.
   *
   * @param alive false after its crash, for good
   * @param register that of the shard that the ranges were with
   */
  record Mover(boolean alive, int token, Topology read, long register, Attempt attempt) {
    private static final Topology NOTHING = new Topology(0, false, 0, 0);

    static Mover fresh(int token) {
      return new Mover(true, token, NOTHING, 0, Attempt.NONE);
    }

    Mover reads(World world) {
      Topology now = world.topology;
      long owners = world.database(RangeMove.isWithSource(now.value)).register;
      return new Mover(
          alive, token, new Topology(now.value, now.held, now.mover, 0), owners, attempt);
    }

    Mover with(Attempt changed) {
      return new Mover(alive, token, read, register, changed);
    }

    Mover crashed() {
      return new Mover(false, token, NOTHING, 0, Attempt.NONE);
    }
  }

  /**
   * One writer at a time.
   *
   * @param inside whether it has passed the gate of its side and not committed yet
   * @param left how many more there will be
   */
  record Writer(boolean inside, boolean onSource, int left) {}

  /**
   * What a transaction sees of the ranges on the shard that is to gain them.
   *
   * @param rows how many writes
   * @param acknowledged how many were committed anywhere by then
   * @param value of the move as the router knew it; -1 if there is no transaction
   */
  record Snapshot(int rows, int acknowledged, long value) {
    static final Snapshot NONE = new Snapshot(0, 0, -1);
  }

  /**
   * A router that reads rows where the topology says that it knows.
   *
   * @param value of the move as it knows it
   * @param held the same of the hold
   * @param sessions whether it has any, or may have
   * @param acknowledged whether it has acknowledged the hold that it knows of
   * @param cutOffAt the value of the newest hold at which it was cut off; -1 before
   * @param snapshot that of its open transaction
   * @param readTooFew whether it has missed an acknowledged write
   */
  record Router(
      long value,
      boolean held,
      boolean sessions,
      boolean acknowledged,
      long cutOffAt,
      Snapshot snapshot,
      boolean readTooFew) {
    boolean knows(Topology topology) {
      return value == topology.value && held == topology.held;
    }

    boolean mayComeBack() {
      return value > cutOffAt || (value == cutOffAt && held);
    }

    Router reads(Topology topology) {
      return new Router(
          topology.value, topology.held, sessions, false, cutOffAt, snapshot, readTooFew);
    }

    Router acknowledges() {
      return new Router(value, held, sessions, true, cutOffAt, snapshot, readTooFew);
    }

    Router withSessions(boolean has) {
      return new Router(value, held, has, acknowledged, cutOffAt, snapshot, readTooFew);
    }

    Router cutOff(long at) {
      return new Router(value, held, false, false, at, Snapshot.NONE, readTooFew);
    }

    Router begins(Snapshot transaction) {
      return new Router(value, held, sessions, acknowledged, cutOffAt, transaction, readTooFew);
    }

    Router hasReadTooFew() {
      return new Router(value, held, sessions, acknowledged, cutOffAt, snapshot, true);
    }
  }

  /** How many more movers may die, and how many more answers may get lost. */
  record Faults(int crashes, int lost) {}

  /**
   * The whole.
   *
   * @param gateOf the mover whose transaction holds the gate of the shard that is to lose the
   *     ranges; 0 for none
   * @param ownerRow for whom that shard works
   * @param helper the value that a helper read when the move was not held, and has not acted on
   *     yet; -1 for none
   * @param acknowledged how many writes were committed anywhere
   */
  record World(
      Topology topology,
      Database source,
      Database target,
      int gateOf,
      int ownerRow,
      Mover first,
      Mover second,
      Writer writer,
      long helper,
      Router router,
      int acknowledged,
      Faults faults) {

    boolean sourceAccepts() {
      return source.register % 2 == 0;
    }

    boolean targetAccepts() {
      return target.register % 2 == 1;
    }

    Database database(boolean ofSource) {
      return ofSource ? source : target;
    }

    private Mover mover(int number) {
      return number == 1 ? first : second;
    }

    private World with(Topology changed) {
      return new World(
          changed,
          source,
          target,
          gateOf,
          ownerRow,
          first,
          second,
          writer,
          helper,
          router,
          acknowledged,
          faults);
    }

    private World with(boolean ofSource, Database changed) {
      return new World(
          topology,
          ofSource ? changed : source,
          ofSource ? target : changed,
          gateOf,
          ownerRow,
          first,
          second,
          writer,
          helper,
          router,
          acknowledged,
          faults);
    }

    private World with(int number, Mover changed) {
      return new World(
          topology,
          source,
          target,
          gateOf,
          ownerRow,
          number == 1 ? changed : first,
          number == 2 ? changed : second,
          writer,
          helper,
          router,
          acknowledged,
          faults);
    }

    private World withLocks(int gate, int owner) {
      return new World(
          topology,
          source,
          target,
          gate,
          owner,
          first,
          second,
          writer,
          helper,
          router,
          acknowledged,
          faults);
    }

    private World with(Writer changed, int nowAcknowledged) {
      return new World(
          topology,
          source,
          target,
          gateOf,
          ownerRow,
          first,
          second,
          changed,
          helper,
          router,
          nowAcknowledged,
          faults);
    }

    private World withHelper(long changed) {
      return new World(
          topology,
          source,
          target,
          gateOf,
          ownerRow,
          first,
          second,
          writer,
          changed,
          router,
          acknowledged,
          faults);
    }

    private World with(Router changed) {
      return new World(
          topology,
          source,
          target,
          gateOf,
          ownerRow,
          first,
          second,
          writer,
          helper,
          changed,
          acknowledged,
          faults);
    }

    private World with(Faults changed) {
      return new World(
          topology,
          source,
          target,
          gateOf,
          ownerRow,
          first,
          second,
          writer,
          helper,
          router,
          acknowledged,
          changed);
    }
  }

  private final Direction direction;
  private final Set<Cast> cast;
  private final List<Safety> without;

  CutoverModel(Direction direction, Set<Cast> cast, Safety... without) {
    this.direction = direction;
    this.cast = cast;
    this.without = List.of(without);
  }

  /**
   * The first state: the ranges are where they are to leave, and rest. Where both a second mover
   * and a router take part there is one write less and no answer is lost, so that all states can be
   * visited.
   */
  World initial() {
    boolean all = cast.contains(Cast.SECOND_MOVER) && cast.contains(Cast.ROUTER);
    long value = direction == Direction.FORWARD ? 0 : 1;
    return new World(
        new Topology(value, false, 1, 1L << value),
        new Database(value, 0),
        new Database(value, 0),
        0,
        1,
        Mover.fresh(1),
        Mover.fresh(2),
        new Writer(false, true, all ? 1 : 2),
        -1,
        new Router(value, false, true, false, -1, Snapshot.NONE, false),
        0,
        new Faults(1, all ? 0 : 1));
  }

  /** All that can happen next. */
  List<World> next(World world) {
    List<World> next = new ArrayList<>();
    int movers = cast.contains(Cast.SECOND_MOVER) ? 2 : 1;
    for (int number = 1; number <= movers; number++) {
      if (world.mover(number).alive) {
        moverSteps(world, number, next::add);
      }
    }
    writerSteps(world, next::add);
    helperSteps(world, next::add);
    if (cast.contains(Cast.ROUTER)) {
      routerSteps(world, next::add);
    }
    return next;
  }

  private void moverSteps(World world, int number, Consumer<World> out) {
    Mover mover = world.mover(number);
    out.accept(world.with(number, mover.reads(world)));
    if (mover.attempt.value >= 0 && !mover.attempt.ready) {
      waitForRouters(world, number, out);
    }
    if (world.faults.crashes > 0) {
      World without = world.gateOf == number ? world.withLocks(0, world.ownerRow) : world;
      out.accept(crash(without, number));
    }
    if (number == 2 && world.topology.mover < mover.token) {
      // Takes over: first in the topology, then the owner row, which waits for the gate's end.
      out.accept(world.with(world.topology.takenOverBy(2)));
    }
    if (number == 2 && world.topology.mover == 2 && world.ownerRow < 2 && world.gateOf != 1) {
      out.accept(world.withLocks(world.gateOf, 2));
    }
    for (boolean inBudget : new boolean[] {true, false}) {
      act(world, number, CutoverDecider.next(view(mover, inBudget)), out);
    }
  }

  private CutoverView view(Mover mover, boolean inBudget) {
    Attempt attempt = mover.attempt;
    return new CutoverView(
        mover.read.move(),
        direction,
        mover.token,
        attempt.begun(),
        mover.register,
        attempt.ready,
        attempt.gate,
        attempt.drained,
        attempt.fenced,
        inBudget);
  }

  /** The router has acknowledged, or is cut off. */
  private void waitForRouters(World world, int number, Consumer<World> out) {
    Mover mover = world.mover(number);
    Mover ready = mover.with(mover.attempt.withRouters());
    Router router = world.router;
    boolean acknowledged = router.acknowledged && router.value == mover.attempt.value;
    if (!cast.contains(Cast.ROUTER)
        || acknowledged
        || without.contains(Safety.ROUTERS_ACKNOWLEDGE)) {
      out.accept(world.with(number, ready));
      return;
    }
    boolean keepsSessions = router.sessions && without.contains(Safety.CUT_OFF_ENDS_SESSIONS);
    boolean grows =
        mover.attempt.value > router.cutOffAt || without.contains(Safety.MINIMUM_EPOCH_ONLY_GROWS);
    Router cutOff =
        router.cutOff(grows ? mover.attempt.value : router.cutOffAt).withSessions(keepsSessions);
    out.accept(world.with(cutOff).with(number, ready));
  }

  private void act(World world, int number, CutoverStep step, Consumer<World> out) {
    Mover mover = world.mover(number);
    switch (step) {
      case HOLD -> hold(world, number, out);
      case GATE -> {
        boolean free = world.gateOf == 0 && !(world.writer.inside && isOnLoser(world.writer));
        if ((free || without.contains(Safety.GATE)) && isAdmitted(world, mover)) {
          World gated =
              without.contains(Safety.GATE) ? world : world.withLocks(number, world.ownerRow);
          out.accept(gated.with(number, mover.with(mover.attempt.withGate(true))));
        }
      }
      case DRAIN -> {
        if (hasGate(world, number) && isAdmitted(world, mover)) {
          World copied = without.contains(Safety.DRAIN) ? world : copied(world);
          out.accept(copied.with(number, mover.with(mover.attempt.hasDrained())));
        } else {
          out.accept(world.with(number, mover.with(mover.attempt.withGate(false))));
        }
      }
      case FENCE -> fence(world, number, out);
      case COMMIT -> {
        boolean allowed =
            without.contains(Safety.COMMIT_CHECKS_HOLD)
                || CutoverDecider.mayCommit(
                    world.topology.move(), mover.attempt.value, mover.token);
        if (allowed) {
          World done = world.with(world.topology.commit(mover.attempt.value + 1));
          answered(done, number, mover.reads(done), out);
        }
      }
      case GIVE_UP -> giveUp(world, number, out);
      case OPEN -> {
        boolean ofSource = RangeMove.isWithSource(mover.read.value);
        World opened = advance(world, ofSource, mover.read.value);
        out.accept(opened.with(number, mover.reads(opened)));
      }
      case AWAIT_ROUTERS, NOTHING -> {}
    }
  }

  private void hold(World world, int number, Consumer<World> out) {
    Mover mover = world.mover(number);
    Topology now = world.topology;
    boolean same = !now.held && now.value == mover.read.value && now.mover == mover.token;
    if (same && mayGrow(now)) {
      World held = world.with(now.hold());
      answered(held, number, mover.with(Attempt.at(now.value)), out);
    }
  }

  private void fence(World world, int number, Consumer<World> out) {
    Mover mover = world.mover(number);
    if (hasGate(world, number) && isAdmitted(world, mover)) {
      World fenced =
          advance(world, losesSource(), mover.attempt.value + 1).withLocks(0, world.ownerRow);
      answered(fenced, number, mover.with(mover.attempt.hasFenced()), out);
      if (world.faults.crashes > 0) {
        // Dies after the register was raised, before it knows.
        out.accept(crash(fenced, number));
      }
    }
  }

  private void giveUp(World world, int number, Consumer<World> out) {
    Mover mover = world.mover(number);
    Topology now = world.topology;
    boolean same = now.held && now.value == mover.read.value && now.mover == mover.token;
    if (same && mayGrow(now)) {
      World ended = world.with(now.giveUp());
      ended = ended.gateOf == number ? ended.withLocks(0, ended.ownerRow) : ended;
      Mover without = mover.with(mover.attempt.withGate(false));
      answered(ended, number, without.reads(ended), out);
    }
  }

  private static World crash(World world, int number) {
    return world
        .with(number, world.mover(number).crashed())
        .with(new Faults(world.faults.crashes - 1, world.faults.lost));
  }

  /** The effect happens; that it did may stay unknown to the mover. */
  private static void answered(World after, int number, Mover knowing, Consumer<World> out) {
    out.accept(after.with(number, knowing));
    if (after.faults.lost > 0) {
      out.accept(after.with(new Faults(after.faults.crashes, after.faults.lost - 1)));
    }
  }

  private void writerSteps(World world, Consumer<World> out) {
    Writer writer = world.writer;
    if (writer.inside) {
      Database written = world.database(writer.onSource);
      out.accept(
          world
              .with(writer.onSource, written.withRows(written.rows + 1))
              .with(new Writer(false, true, writer.left), world.acknowledged + 1));
      return;
    }
    if (writer.left == 0) {
      return;
    }
    for (boolean onSource : new boolean[] {true, false}) {
      boolean gateFree = onSource != losesSource() || world.gateOf == 0;
      boolean accepts = onSource ? world.sourceAccepts() : world.targetAccepts();
      if (gateFree && accepts) {
        out.accept(world.with(new Writer(true, onSource, writer.left - 1), world.acknowledged));
      }
    }
  }

  private void helperSteps(World world, Consumer<World> out) {
    Topology now = world.topology;
    if (now.held && mayGrow(now)) {
      out.accept(world.with(now.giveUp()));
    }
    if (!now.held) {
      out.accept(world.withHelper(now.value));
    }
    long read = world.helper;
    if (read >= 0) {
      out.accept(advance(world, RangeMove.isWithSource(read), read).withHelper(-1));
    }
  }

  private void routerSteps(World world, Consumer<World> out) {
    Router router = world.router;
    Topology now = world.topology;
    if (!router.knows(now)) {
      out.accept(world.with(router.reads(now)));
    }
    if (router.held && !router.acknowledged) {
      out.accept(world.with(router.acknowledges()));
    }
    boolean mayComeBack =
        router.mayComeBack() || without.contains(Safety.READMISSION_AT_NEWER_EPOCH);
    if (!router.sessions && mayComeBack) {
      out.accept(world.with(router.withSessions(true)));
    }
    boolean waits = router.held && !without.contains(Safety.HOLD_ENDS_BY_TOPOLOGY);
    int rows = world.database(RangeMove.isWithSource(router.value)).rows;
    if (router.sessions && !waits && rows < world.acknowledged) {
      out.accept(world.with(router.hasReadTooFew()));
    }
    if (cast.contains(Cast.SNAPSHOT) && router.sessions) {
      snapshotSteps(world, waits, out);
    }
  }

  /** The transaction begins for rows that stay where they are. */
  private void snapshotSteps(World world, boolean waits, Consumer<World> out) {
    Router router = world.router;
    Snapshot snapshot = router.snapshot;
    if (snapshot.equals(Snapshot.NONE)) {
      int rows = world.database(!losesSource()).rows;
      out.accept(world.with(router.begins(new Snapshot(rows, world.acknowledged, router.value))));
      return;
    }
    boolean isHere = RangeMove.isWithSource(router.value) != losesSource();
    boolean cameLater =
        RangeMove.isWithSource(router.value) != RangeMove.isWithSource(snapshot.value);
    boolean refused = cameLater && !without.contains(Safety.SNAPSHOTS_ARE_OF_THE_OWNER);
    if (isHere && !waits && !refused && snapshot.rows < snapshot.acknowledged) {
      out.accept(world.with(router.hasReadTooFew()));
    }
  }

  /** All that was written at the shard that is to lose the ranges. */
  private World copied(World world) {
    int rows = world.database(losesSource()).rows;
    return world.with(!losesSource(), world.database(!losesSource()).withRows(rows));
  }

  private World advance(World world, boolean ofSource, long value) {
    Database database = world.database(ofSource);
    boolean grows = value > database.register;
    return grows || without.contains(Safety.REGISTER_ONLY_GROWS)
        ? world.with(ofSource, database.withRegister(value))
        : world;
  }

  private boolean mayGrow(Topology topology) {
    return topology.value + 2 <= VALUES + (losesSource() ? 0 : 1);
  }

  private boolean losesSource() {
    return direction == Direction.FORWARD;
  }

  private boolean isOnLoser(Writer writer) {
    return writer.onSource == losesSource();
  }

  private boolean hasGate(World world, int number) {
    return without.contains(Safety.GATE) || world.gateOf == number;
  }

  private boolean isAdmitted(World world, Mover mover) {
    return without.contains(Safety.OWNER_ROW) || world.ownerRow == mover.token;
  }
}
