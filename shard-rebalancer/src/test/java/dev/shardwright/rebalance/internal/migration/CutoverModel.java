package dev.shardwright.rebalance.internal.migration;

import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Everything that takes part in a cutover, as a machine of few states: ZooKeeper, the registers and
 * gates of two databases, two movers of which the second takes over, a helper that may be late, and
 * writers that heed no hold. Each step of each of them is a transition; the movers' steps are those
 * that {@link CutoverDecider} chooses from what they know, which may be old.
 *
 * <p>A state is immutable and comparable, so that all that can be reached are visited once.
 */
final class CutoverModel {
  static final ShardId S = ShardId.of("s");
  static final ShardId T = ShardId.of("t");

  private static final RangeMove MOVE =
      RangeMove.of(1, "shop", Region.ALL, S, T, KeyRangeSet.ALL, 0);

  /** What can be left out, to see whether that is noticed. */
  enum Safety {
    /** A COMMIT checks that the hold of its attempt is in force. */
    COMMIT_CHECKS_HOLD,
    /** Writers in the database are kept out and waited for before the last drain. */
    GATE,
    /** A register never takes a smaller value. */
    REGISTER_ONLY_GROWS,
    /** A database works only for the mover that took over last. */
    OWNER_ROW,
    /** Changes made before the fence are copied before the ranges change hands. */
    DRAIN
  }

  /**
   * One mover: what it read last, and what it holds.
   *
   * @param alive false after its crash, for good
   */
  record Mover(
      boolean alive,
      int token,
      long value,
      boolean held,
      int mover,
      long register,
      long attempt,
      boolean ready,
      boolean gate,
      boolean drained,
      boolean fenced) {
    static Mover fresh(int token) {
      return new Mover(true, token, 0, false, 0, 0, -1, false, false, false, false);
    }

    Mover reads(World world) {
      return new Mover(
          alive,
          token,
          world.value,
          world.held,
          world.mover,
          world.registerOf(RangeMove.isWithSource(world.value)),
          attempt,
          ready,
          gate,
          drained,
          fenced);
    }

    CutoverView view(boolean inBudget) {
      return new CutoverView(
          new RangeMove(1, "shop", Region.ALL, S, T, KeyRangeSet.ALL, mover, value, held),
          Direction.FORWARD,
          token,
          attempt < 0 ? OptionalLong.empty() : OptionalLong.of(attempt),
          register,
          ready,
          gate,
          drained,
          fenced,
          inBudget);
    }

    Mover withRoutersReady() {
      return new Mover(
          alive, token, value, held, mover, register, attempt, true, gate, drained, fenced);
    }

    Mover attempting(long at) {
      return new Mover(alive, token, value, held, mover, register, at, false, false, false, false);
    }

    Mover withGate(boolean has) {
      return new Mover(
          alive, token, value, held, mover, register, attempt, ready, has, drained && has, fenced);
    }

    Mover hasDrained() {
      return new Mover(
          alive, token, value, held, mover, register, attempt, ready, gate, true, fenced);
    }

    Mover hasFenced() {
      return new Mover(
          alive, token, value, held, mover, register, attempt, ready, false, false, true);
    }

    Mover crashed() {
      return new Mover(false, token, 0, false, 0, 0, -1, false, false, false, false);
    }
  }

  /**
   * One writer on the source or the target.
   *
   * @param inside whether it has passed the gate of its side and not committed yet
   */
  record Writer(boolean inside, boolean onSource) {}

  /** A helper that read a value of the move that was not held, and has not acted on it yet. */
  record Helper(long read) {}

  /**
   * The whole.
   *
   * @param rowsOfSource how many writes the source has committed, or has taken over from the target
   * @param rowsOfTarget the same of the target
   * @param acknowledged how many writes were committed anywhere
   * @param committed the values that a COMMIT gave to the move, as bits
   * @param crashes how many more movers may die
   * @param lost how many more answers may get lost
   */
  record World(
      long value,
      boolean held,
      int mover,
      long registerOfSource,
      long registerOfTarget,
      int gateOf,
      int ownerRow,
      Mover first,
      Mover second,
      Writer writer,
      Helper helper,
      int rowsOfSource,
      int rowsOfTarget,
      int acknowledged,
      int writes,
      long committed,
      int crashes,
      int lost) {
    static World initial() {
      return new World(
          MOVE.value(),
          false,
          1,
          0,
          0,
          0,
          1,
          Mover.fresh(1),
          Mover.fresh(2),
          new Writer(false, true),
          new Helper(-1),
          0,
          0,
          0,
          2,
          0,
          1,
          1);
    }

    long registerOf(boolean source) {
      return source ? registerOfSource : registerOfTarget;
    }

    boolean sourceAccepts() {
      return registerOfSource % 2 == 0;
    }

    boolean targetAccepts() {
      return registerOfTarget % 2 == 1;
    }

    Mover mover(int number) {
      return number == 1 ? first : second;
    }

    World with(int number, Mover changed) {
      return new World(
          value,
          held,
          mover,
          registerOfSource,
          registerOfTarget,
          gateOf,
          ownerRow,
          number == 1 ? changed : first,
          number == 2 ? changed : second,
          writer,
          helper,
          rowsOfSource,
          rowsOfTarget,
          acknowledged,
          writes,
          committed,
          crashes,
          lost);
    }

    World withMove(
        long changedValue, boolean changedHeld, int changedMover, long changedCommitted) {
      return new World(
          changedValue,
          changedHeld,
          changedMover,
          registerOfSource,
          registerOfTarget,
          gateOf,
          ownerRow,
          first,
          second,
          writer,
          helper,
          rowsOfSource,
          rowsOfTarget,
          acknowledged,
          writes,
          changedCommitted,
          crashes,
          lost);
    }

    World withRegister(boolean source, long changed) {
      return new World(
          value,
          held,
          mover,
          source ? changed : registerOfSource,
          source ? registerOfTarget : changed,
          gateOf,
          ownerRow,
          first,
          second,
          writer,
          helper,
          rowsOfSource,
          rowsOfTarget,
          acknowledged,
          writes,
          committed,
          crashes,
          lost);
    }

    World withGate(int changed) {
      return new World(
          value,
          held,
          mover,
          registerOfSource,
          registerOfTarget,
          changed,
          ownerRow,
          first,
          second,
          writer,
          helper,
          rowsOfSource,
          rowsOfTarget,
          acknowledged,
          writes,
          committed,
          crashes,
          lost);
    }

    World withOwnerRow(int changed) {
      return new World(
          value,
          held,
          mover,
          registerOfSource,
          registerOfTarget,
          gateOf,
          changed,
          first,
          second,
          writer,
          helper,
          rowsOfSource,
          rowsOfTarget,
          acknowledged,
          writes,
          committed,
          crashes,
          lost);
    }

    World withWriter(Writer changed, int source, int target, int all, int left) {
      return new World(
          value,
          held,
          mover,
          registerOfSource,
          registerOfTarget,
          gateOf,
          ownerRow,
          first,
          second,
          changed,
          helper,
          source,
          target,
          all,
          left,
          committed,
          crashes,
          lost);
    }

    World withHelper(Helper changed) {
      return new World(
          value,
          held,
          mover,
          registerOfSource,
          registerOfTarget,
          gateOf,
          ownerRow,
          first,
          second,
          writer,
          changed,
          rowsOfSource,
          rowsOfTarget,
          acknowledged,
          writes,
          committed,
          crashes,
          lost);
    }

    World withFaultsLeft(int changedCrashes, int changedLost) {
      return new World(
          value,
          held,
          mover,
          registerOfSource,
          registerOfTarget,
          gateOf,
          ownerRow,
          first,
          second,
          writer,
          helper,
          rowsOfSource,
          rowsOfTarget,
          acknowledged,
          writes,
          committed,
          changedCrashes,
          changedLost);
    }
  }

  /** Values beyond this one are not looked at: they repeat what smaller ones did. */
  private static final long LAST_VALUE = 5;

  private final List<Safety> without;

  CutoverModel(Safety... without) {
    this.without = List.of(without);
  }

  /** All that can happen next. */
  List<World> next(World world) {
    List<World> next = new ArrayList<>();
    for (int number = 1; number <= 2; number++) {
      if (world.mover(number).alive()) {
        moverSteps(world, number, next::add);
      }
    }
    writerSteps(world, next::add);
    helperSteps(world, next::add);
    return next;
  }

  private void moverSteps(World world, int number, Consumer<World> out) {
    Mover mover = world.mover(number);
    out.accept(world.with(number, mover.reads(world)));
    if (mover.attempt() >= 0 && !mover.ready()) {
      out.accept(world.with(number, mover.withRoutersReady()));
    }
    if (world.crashes() > 0) {
      out.accept(
          (world.gateOf() == number ? world.withGate(0) : world)
              .with(number, mover.crashed())
              .withFaultsLeft(world.crashes() - 1, world.lost()));
    }
    if (number == 2 && world.mover() < mover.token()) {
      // Takes over: first in the topology, then the owner row, which waits for the gate's end.
      World taken = world.withMove(world.value(), world.held(), 2, world.committed());
      out.accept(world.gateOf() == 1 ? taken : taken.withOwnerRow(2));
    }
    if (number == 2 && world.mover() == 2 && world.ownerRow() < 2 && world.gateOf() != 1) {
      out.accept(world.withOwnerRow(2));
    }
    for (boolean inBudget : new boolean[] {true, false}) {
      act(world, number, CutoverDecider.next(mover.view(inBudget)), out);
    }
  }

  private void act(World world, int number, CutoverStep step, Consumer<World> out) {
    Mover mover = world.mover(number);
    boolean leads = world.mover() == mover.token();
    switch (step) {
      case HOLD -> {
        boolean same = !world.held() && world.value() == mover.value() && leads;
        if (same && world.value() + 2 <= LAST_VALUE) {
          World held = world.withMove(world.value(), true, world.mover(), world.committed());
          answered(held, number, mover.attempting(world.value()), out);
        }
      }
      case GATE -> {
        boolean free = world.gateOf() == 0 && !(world.writer().inside() && onOwner(world));
        if ((free || without.contains(Safety.GATE)) && isAdmitted(world, mover)) {
          World gated = without.contains(Safety.GATE) ? world : world.withGate(number);
          out.accept(gated.with(number, mover.withGate(true)));
        }
      }
      case DRAIN -> {
        if (hasGate(world, number) && isAdmitted(world, mover)) {
          World copied =
              without.contains(Safety.DRAIN)
                  ? world
                  : world.withWriter(
                      world.writer(),
                      world.rowsOfSource(),
                      world.rowsOfSource(),
                      world.acknowledged(),
                      world.writes());
          out.accept(copied.with(number, mover.hasDrained()));
        } else {
          out.accept(world.with(number, mover.withGate(false)));
        }
      }
      case FENCE -> {
        if (hasGate(world, number) && isAdmitted(world, mover)) {
          World fenced = advance(world, true, mover.attempt() + 1).withGate(0);
          answered(fenced, number, mover.hasFenced(), out);
          // Dies after the register was raised and before its transaction is committed.
          if (world.crashes() > 0) {
            out.accept(
                fenced
                    .with(number, mover.crashed())
                    .withFaultsLeft(world.crashes() - 1, world.lost()));
          }
        }
      }
      case COMMIT -> {
        RangeMove inForce =
            new RangeMove(
                1,
                "shop",
                Region.ALL,
                S,
                T,
                KeyRangeSet.ALL,
                world.mover(),
                world.value(),
                world.held());
        boolean allowed =
            without.contains(Safety.COMMIT_CHECKS_HOLD)
                || CutoverDecider.mayCommit(inForce, mover.attempt(), mover.token());
        if (allowed) {
          long value = mover.attempt() + 1;
          World done = world.withMove(value, false, world.mover(), world.committed() | 1L << value);
          answered(done, number, mover.reads(done), out);
        }
      }
      case GIVE_UP -> {
        boolean same = world.held() && world.value() == mover.value();
        if (same && leads && world.value() + 2 <= LAST_VALUE) {
          World ended = world.withMove(world.value() + 2, false, world.mover(), world.committed());
          ended = ended.gateOf() == number ? ended.withGate(0) : ended;
          answered(ended, number, mover.withGate(false).reads(ended), out);
        }
      }
      case OPEN -> {
        boolean source = RangeMove.isWithSource(mover.value());
        World opened = advance(world, source, mover.value());
        out.accept(opened.with(number, mover.reads(opened)));
      }
      case AWAIT_ROUTERS, NOTHING -> {}
    }
  }

  /** The effect happens; that it did may stay unknown to the mover. */
  private static void answered(World after, int number, Mover knowing, Consumer<World> out) {
    out.accept(after.with(number, knowing));
    if (after.lost() > 0) {
      out.accept(after.withFaultsLeft(after.crashes(), after.lost() - 1));
    }
  }

  private void writerSteps(World world, Consumer<World> out) {
    Writer writer = world.writer();
    if (writer.inside()) {
      int source = world.rowsOfSource() + (writer.onSource() ? 1 : 0);
      int target = world.rowsOfTarget() + (writer.onSource() ? 0 : 1);
      out.accept(
          world.withWriter(
              new Writer(false, true), source, target, world.acknowledged() + 1, world.writes()));
      return;
    }
    if (world.writes() == 0) {
      return;
    }
    for (boolean source : new boolean[] {true, false}) {
      boolean gateFree = !source || world.gateOf() == 0;
      boolean accepts = source ? world.sourceAccepts() : world.targetAccepts();
      if (gateFree && accepts) {
        out.accept(
            world.withWriter(
                new Writer(true, source),
                world.rowsOfSource(),
                world.rowsOfTarget(),
                world.acknowledged(),
                world.writes() - 1));
      }
    }
  }

  private void helperSteps(World world, Consumer<World> out) {
    if (world.held() && world.value() + 2 <= LAST_VALUE) {
      out.accept(world.withMove(world.value() + 2, false, world.mover(), world.committed()));
    }
    if (!world.held()) {
      out.accept(world.withHelper(new Helper(world.value())));
    }
    long read = world.helper().read();
    if (read >= 0) {
      out.accept(advance(world, RangeMove.isWithSource(read), read).withHelper(new Helper(-1)));
    }
  }

  private World advance(World world, boolean source, long value) {
    boolean grows = value > world.registerOf(source);
    return grows || without.contains(Safety.REGISTER_ONLY_GROWS)
        ? world.withRegister(source, value)
        : world;
  }

  private boolean hasGate(World world, int number) {
    return without.contains(Safety.GATE) || world.gateOf() == number;
  }

  private boolean isAdmitted(World world, Mover mover) {
    return without.contains(Safety.OWNER_ROW) || world.ownerRow() == mover.token();
  }

  private static boolean onOwner(World world) {
    return world.writer().onSource();
  }
}
