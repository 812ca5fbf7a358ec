package dev.shardwright.rebalance.internal.cutover;

import com.google.common.collect.Comparators;
import dev.shardwright.rebalance.internal.capture.GateHolders;
import dev.shardwright.rebalance.internal.capture.Registers;
import dev.shardwright.rebalance.internal.copy.TimeLeft;
import dev.shardwright.rebalance.internal.database.MoverIdentity;
import dev.shardwright.rebalance.internal.database.MoverTransaction;
import dev.shardwright.rebalance.internal.database.Workers;
import dev.shardwright.rebalance.internal.migration.CutoverDecider;
import dev.shardwright.rebalance.internal.migration.CutoverStep;
import dev.shardwright.rebalance.internal.migration.CutoverView;
import dev.shardwright.rebalance.internal.migration.Direction;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt to let ranges change hands; also what puts things in order after an attempt of a
 * leader that died. Does the steps that {@link CutoverDecider} chooses. Used by one thread, once.
 */
public final class CutoverAttempt {
  private static final Logger LOG = LoggerFactory.getLogger(CutoverAttempt.class);

  /**
   * Routers that come to rest sooner are not kept waiting by a batch that is under way, nor by a
   * look for lost ones: what there is to copy behind the gate takes about as long with it as
   * without.
   */
  private static final Duration SOON = Duration.ofMillis(10);

  /** For a replica to be as far as its primary, while nobody waits. */
  private static final Duration REPLICA = Duration.ofSeconds(1);

  /** Every register is there or further. */
  private static final long LEAST = 0;

  private static final OptionalLong NOT_OPENED = OptionalLong.of(LEAST);

  private static final Set<String> OUT_OF_TIME = Set.of("55P03", "57014");

  private final Direction direction;
  private final MoverIdentity mover;
  private final MoveTopology topology;
  private final AwaitedRouters routers;
  private final GatedCopy copy;
  private final Links links;
  private final Duration budget;
  private final Stopwatch stopwatch;

  /** Of a leader that died, or of an attempt whose end was not heard of: it ends, and no more. */
  private final boolean foundHeld;

  private RangeMove move;
  private OptionalLong attempt = OptionalLong.empty();
  private long holdAnswered;
  private boolean routersReady;
  private boolean gateHeld;
  private boolean drained;
  private boolean raised;
  private boolean fenced;

  /** The gate was not passed: time was over, or something failed. */
  private boolean over;

  /** Writers that were in did not end in time. */
  private boolean gateStayedOpen;

  private Optional<String> waitedFor = Optional.empty();

  private @Nullable Exception failure;

  /** The register of the shard that the ranges are with; empty before it was read. */
  private OptionalLong ownersRegister = OptionalLong.empty();

  public CutoverAttempt(
      RangeMove move,
      Direction direction,
      MoverIdentity mover,
      MoveTopology topology,
      RouterWatch routers,
      Drains drains,
      Links links,
      Duration budget,
      Stopwatch stopwatch) {
    this.move = move;
    this.foundHeld = move.held();
    this.direction = direction;
    this.mover = mover;
    this.topology = topology;
    this.routers = new AwaitedRouters(routers, links.from(), links.to());
    this.copy = new GatedCopy(move, direction, drains, links);
    this.links = links;
    this.budget = budget;
    this.stopwatch = stopwatch;
  }

  /**
   * Tries once. The stopwatch has stopped then, if the ranges have changed hands.
   *
   * @throws SQLException what broke the attempt, once it is in order again
   */
  public void run() throws SQLException {
    while (true) {
      CutoverStep step = CutoverDecider.next(view());
      switch (step) {
        case HOLD -> {
          if (!foundHeld) {
            goBehindGate();
          }
          if (attempt.isEmpty()) {
            rethrow();
            if (waitedFor.isEmpty() && !foundHeld) {
              waitedFor = copy.describeLockers();
            }
            return;
          }
        }
        case COMMIT -> commit();
        case GIVE_UP -> giveUp();
        case OPEN -> open();
        case AWAIT_ROUTERS, GATE, DRAIN, FENCE ->
            throw new IllegalStateException(step + " belongs to the transaction that was ended");
        case NOTHING -> {
          if (direction.hasArrived(move)) {
            stopwatch.stop();
          }
          rethrow();
          return;
        }
      }
    }
  }

  /**
   * For whom the attempt waited until its time was over, for people; empty if for nobody, or if it
   * was successful.
   */
  public Optional<String> waitedFor() {
    return waitedFor;
  }

  private CutoverView view() throws SQLException {
    return new CutoverView(
        move,
        direction,
        (int) mover.token(),
        attempt,
        move.held() ? 0 : registerOfOwner(),
        routersReady,
        gateHeld,
        drained,
        fenced,
        attempt.isEmpty() || (!over && !left().isZero()));
  }

  /** For how much longer work may wait. */
  private Duration left() {
    return Comparators.max(Duration.ZERO, budget.minus(stopwatch.elapsed()));
  }

  /** Read once: what becomes of it after that, this attempt knows without a trip of its own. */
  private long registerOfOwner() throws SQLException {
    if (ownersRegister.isEmpty()) {
      ownersRegister = orOpen(Registers.value(owner(), mover.migration()));
    }
    return ownersRegister.getAsLong();
  }

  /** Where a migration has no register, nothing is left to be opened. */
  private static OptionalLong orOpen(OptionalLong register) {
    return OptionalLong.of(register.orElse(Long.MAX_VALUE));
  }

  private Connection owner() {
    return move.owner().equals(direction.to(move)) ? links.to() : links.from();
  }

  private void hold() throws SQLException {
    long value = move.value();
    links.hurry(budget);
    stopwatch.start();
    Topology held = topology.hold(move);
    holdAnswered = System.nanoTime();
    if (left().isZero()) {
      waitedFor = Optional.of("ZooKeeper to answer that the ranges are held");
    }
    move = inForce(held);
    if (move.held() && move.value() == value) {
      attempt = OptionalLong.of(value);
      RouterSessions.admitOnlySinceHold(links.from(), links.to(), held.epoch());
    }
  }

  private void awaitRouters() throws SQLException {
    boolean soon = System.nanoTime() - holdAnswered <= SOON.toNanos();
    routersReady = routers.haveAcknowledged(move, /* endLost= */ !soon, left());
    stopwatch.did(CutoverStep.AWAIT_ROUTERS);
    if (!routersReady) {
      if (!soon) {
        copy.drainMeanwhile(() -> left().toMillis());
      }
      routers.pause();
    }
  }

  /**
   * From the hold to the fence, in one transaction of the shard that loses the ranges. What may
   * take its time comes before the hold: the tables are looked at, and stay as they are until the
   * transaction ends. It takes no lock on rows, for which a writer could wait that waits for us.
   */
  private void goBehindGate() {
    try {
      rehearse();
      MoverTransaction.run(links.gate(), mover, this::fromHoldToFence);
      fenced = raised;
      stopwatch.did(CutoverStep.FENCE);
    } catch (SQLException e) {
      if (!isOutOfTime(e)) {
        failure = e;
      }
      LOG.info("Range move {}: the gate was not passed: {}", mover.migration(), e.getMessage());
    } catch (RuntimeException e) {
      failure = e;
    } finally {
      over = !fenced;
      gateHeld = false;
      drained = false;
    }
  }

  /**
   * Does what work will have to wait for once before it waits, without effect: what a session does
   * for the first time takes milliseconds more, for it reads the catalogs, and compiles functions.
   */
  private void rehearse() throws SQLException {
    copy.rehearse();
    rehearseReplica();
    Registers.advance(links.gate(), mover.migration(), LEAST);
    Registers.advance(links.to(), mover.migration(), LEAST);
    RouterSessions.rehearse(links.from(), links.to(), budget);
  }

  private void fromHoldToFence() throws SQLException {
    copy.checkDefinitions();
    while (true) {
      CutoverStep step = CutoverDecider.next(view());
      switch (step) {
        case HOLD -> hold();
        case AWAIT_ROUTERS -> awaitRouters();
        case GATE -> closeGate();
        case DRAIN -> drain();
        case FENCE -> {
          raise();
          return;
        }
        case COMMIT, GIVE_UP, OPEN, NOTHING -> throw outOfTime("the time for this attempt is over");
      }
    }
  }

  private void closeGate() throws SQLException {
    gateStayedOpen = true;
    copy.closeGate(left(), budget);
    gateStayedOpen = false;
    gateHeld = true;
    stopwatch.did(CutoverStep.GATE);
  }

  private void drain() throws SQLException {
    copy.drainLast(() -> left().toMillis());
    checkReplica(!links.replicated() || ReplicaFlush.await(links.to(), () -> left().toMillis()));
    drained = true;
    stopwatch.did(CutoverStep.DRAIN);
  }

  /** One that is not as far, or that takes too long for a commit, need not keep work waiting. */
  private void rehearseReplica() throws SQLException {
    if (links.replicated()) {
      checkReplica(ReplicaFlush.await(links.to(), within(REPLICA)));
      checkReplica(ReplicaFlush.awaitCommit(links.to(), within(budget)));
    }
  }

  private static TimeLeft within(Duration time) {
    long began = System.nanoTime();
    return () -> time.minusNanos(System.nanoTime() - began).toMillis();
  }

  /** What was acknowledged on the one shard is not to be lost with the other's primary. */
  private void checkReplica(boolean isAsFar) throws SQLException {
    if (!isAsFar) {
      ShardId to = direction.to(move);
      waitedFor = Optional.of("a replica of shard %s to write what is moved".formatted(to));
      throw outOfTime("no replica is as far as shard %s".formatted(to));
    }
  }

  private void raise() throws SQLException {
    long value = attempt.orElseThrow() + 1;
    OptionalLong inForce = Registers.advance(links.gate(), mover.migration(), value);
    if (inForce.isEmpty() || inForce.getAsLong() != value) {
      throw outOfTime(
          "the register is at %s, somebody has given up the attempt".formatted(inForce));
    }
    raised = true;
  }

  private void commit() {
    move = inForce(topology.commit(move));
    ownersRegister = NOT_OPENED;
    stopwatch.did(CutoverStep.COMMIT);
  }

  /** Whoever kept the gate open is looked for beside it, so that no work waits for the look. */
  private void giveUp() throws SQLException {
    if (gateStayedOpen && failure == null) {
      Workers.Both<Topology, String> both =
          Workers.both(
              () -> topology.giveUp(move),
              () -> GateHolders.describe(links.from(), mover.migration()));
      move = inForce(both.here());
      waitedFor = Optional.of(both.beside());
    } else {
      move = inForce(topology.giveUp(move));
      if (waitedFor.isEmpty()) {
        waitedFor = lockers().or(() -> routersReady ? Optional.empty() : routers.describeSilent());
      }
    }
    ownersRegister = NOT_OPENED;
  }

  /** Of a table that could not be drained in time; not where the owner is still to be opened. */
  private Optional<String> lockers() throws SQLException {
    if (failure != null || raised) {
      return Optional.empty();
    }
    links.takeTime();
    return copy.describeLockers();
  }

  /** A value that another raised further is as good. */
  private void open() throws SQLException {
    links.takeTime();
    ownersRegister = orOpen(Registers.advance(owner(), mover.migration(), move.value()));
    stopwatch.did(CutoverStep.OPEN);
  }

  private RangeMove inForce(Topology seen) {
    return seen.move(mover.migration())
        .orElseThrow(() -> new Superseded(mover.migration(), (int) mover.token()));
  }

  /**
   * No lock in time, by one lock or by the statement. No answer is something else: what was not
   * answered may be committed yet, long after, so that the sessions have to be seen gone.
   */
  private static boolean isOutOfTime(SQLException e) {
    return OUT_OF_TIME.contains(String.valueOf(e.getSQLState()));
  }

  private static SQLException outOfTime(String message) {
    return new SQLException(message, "57014");
  }

  private void rethrow() throws SQLException {
    if (failure instanceof SQLException e) {
      throw e;
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
  }
}
