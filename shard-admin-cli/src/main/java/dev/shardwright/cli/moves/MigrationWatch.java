package dev.shardwright.cli.moves;

import dev.shardwright.ShardException;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.Session;
import dev.shardwright.rebalance.MigrationStatus;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.rebalance.SteeringRefused;
import dev.shardwright.topology.zookeeper.Leader;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Watches migrations until they are as wanted, and carries them out where nobody else does. When it
 * is interrupted, what it led is paused, and what another leads goes on.
 */
final class MigrationWatch {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(250);

  private final Session session;
  private final Rebalancer rebalancer;
  private final String candidate =
      "shard-admin, process %d, %s".formatted(ProcessHandle.current().pid(), UUID.randomUUID());

  MigrationWatch(Session session, Rebalancer rebalancer) {
    this.session = session;
    this.rebalancer = rebalancer;
  }

  /** Stands for election, for as long as the rebalancer is open. */
  void campaign() {
    rebalancer.campaign(candidate);
  }

  /**
   * Shows how far they are until each is as wanted, or over.
   *
   * @param good whether one that is as wanted, or over, came to a good end
   * @return the exit code: not done if one of them did not
   */
  int until(
      List<Integer> numbers, Predicate<MigrationStatus> wanted, Predicate<MigrationStatus> good) {
    ProgressView view = new ProgressView(session.err(), session.isTerminal());
    try {
      while (true) {
        List<MigrationStatus> seen = look(numbers);
        view.show(seen);
        if (seen.stream().allMatch(status -> status.isOver() || wanted.test(status))) {
          session.print(MigrationAnswer.of(seen));
          return seen.stream().allMatch(good) ? ExitCode.DONE : ExitCode.NOT_DONE;
        }
        Thread.sleep(LOOK_AGAIN.toMillis());
      }
    } catch (InterruptedException e) {
      return leave(numbers);
    } catch (ShardException e) {
      if (!Thread.interrupted()) {
        throw e;
      }
      return leave(numbers);
    }
  }

  /** Not interrupted any more: what was interrupted is tidied up. */
  private int leave(List<Integer> numbers) {
    if (!leads()) {
      session.tell(
          "Detached: another process carries the migrations out. To look again: shard-admin"
              + " migration watch");
      return ExitCode.INTERRUPTED;
    }
    List<Integer> paused = numbers.stream().filter(this::pause).toList();
    session.tell(
        paused.isEmpty()
            ? "Interrupted: nothing is lost. To go on: shard-admin migration watch"
            : "Interrupted: what was not done is paused, and nothing is lost. To go on: shard-admin"
                + " migration resume %s --watch".formatted(joined(paused)));
    return ExitCode.INTERRUPTED;
  }

  /** Only what did not move yet: after that there is nothing to wait with. */
  private boolean pause(int number) {
    try {
      boolean open =
          rebalancer
              .migration(number)
              .filter(status -> !status.isOver() && !status.hasMoved())
              .isPresent();
      if (open) {
        rebalancer.pause(number);
      }
      return open;
    } catch (SteeringRefused e) {
      return false; // it ended in between
    }
  }

  private boolean leads() {
    try (ZooKeeperCluster cluster = session.cluster()) {
      return cluster.election().leader().map(Leader::name).filter(candidate::equals).isPresent();
    }
  }

  private List<MigrationStatus> look(List<Integer> numbers) {
    return numbers.stream().flatMap(number -> rebalancer.migration(number).stream()).toList();
  }

  static String joined(List<Integer> numbers) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(" "));
  }
}
