package dev.shardwright.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.zookeeper.MoveAcknowledgements.Subject;
import java.util.Set;
import java.util.stream.Stream;

/** A range move whose decisions a test makes, in place of a leader, and one router follows. */
public final class MoveByHand {
  private final TestCluster cluster;
  private final ShardRouter router;
  private RangeMove move;

  /**
   * @param move as it will begin
   */
  public MoveByHand(TestCluster cluster, ShardRouter router, RangeMove move) {
    this.cluster = cluster;
    this.router = router;
    this.move = move;
    cluster.acknowledgements().prepare(move.number());
  }

  /** As it was decided last. */
  public RangeMove decided() {
    return move;
  }

  /** As it is in the topology, where a router may have ended a hold. */
  public RangeMove inForce() {
    return cluster.admin.topology().move(move.number()).orElseThrow();
  }

  public void begin() {
    become(move);
  }

  /** New work on the ranges waits from here on. */
  public void hold() {
    become(inForce().hold());
  }

  /** The ranges change hands. */
  public void commit() {
    become(move.commit());
  }

  /** The hold ends without that, if it has not ended already. */
  public void giveUp() {
    move = inForce();
    if (move.held()) {
      become(move.giveUp());
    }
  }

  /** Something to do while rows are held. */
  @FunctionalInterface
  public interface Held {
    void run() throws Exception;
  }

  /** Does it again if a router has ended the hold meanwhile, since it lasted too long. */
  public void whileHeld(Held work) throws Exception {
    for (int attempt = 1; ; attempt++) {
      hold();
      RangeMove held = move;
      try {
        work.run();
        return;
      } catch (Exception | AssertionError e) {
        if (attempt == 10 || inForce().value() != held.valueOnceGivenUp()) {
          throw e;
        }
      }
    }
  }

  /** Until so many pieces of work wait for another topology, in whatever router of this JVM. */
  public static void awaitWaiting(int pieces) {
    await().until(() -> waiting() >= pieces);
  }

  /** How many do so now. */
  public static long waiting() {
    return Thread.getAllStackTraces().values().stream()
        .filter(frames -> Stream.of(frames).anyMatch(MoveByHand::waits))
        .count();
  }

  private static boolean waits(StackTraceElement frame) {
    return frame.getClassName().endsWith(".TopologyFollower")
        && frame.getMethodName().startsWith("await");
  }

  private void become(RangeMove next) {
    cluster.change(
        topology -> {
          if (topology.move(next.number()).isEmpty()) {
            return topology.withMove(next);
          }
          boolean follows = !move.held() || topology.moves().containsValue(move) || next.held();
          assertThat(follows).as("the hold is in force").isTrue();
          return topology.withOwnerOf(next);
        });
    move = next;
    await().until(() -> router.topology().move(next.number()).map(next::equals).orElse(false));
  }

  public void awaitAcknowledged() {
    await().until(this::isAcknowledged);
  }

  /** Whether the router says that nothing older than the last decision runs. */
  public boolean isAcknowledged() {
    return acknowledgements().contains(router.health().router());
  }

  /** The routers that have said so. */
  public Set<Integer> acknowledgements() {
    return cluster.acknowledgements().of(Subject.of(move));
  }
}
