package dev.shardwright.rebalance;

import dev.shardwright.rebalance.plan.MoveOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/** What becomes of a migration in a test, and when the interesting part of it begins. */
enum Journey {
  /** The ranges move, and all is cleaned up. */
  THERE(MigrationStatus.Outcome.MOVED, "PLANNED", Duration.ZERO, Long.MAX_VALUE) {
    @Override
    void turn(Rebalancer rebalancer, int migration) {}

    @Override
    List<Moment> someMoments(Random random) {
      List<Moment> moments = new ArrayList<>();
      moments.add(Moment.after(1 + random.nextInt(18)));
      moments.add(Moment.afterBeginning(random.nextInt(30)));
      moments.addAll(aroundTheCommit(2, random));
      moments.add(Moment.afterCommit(random.nextInt(50)));
      return moments;
    }
  },
  /** They move, and are taken back. */
  BACK(MigrationStatus.Outcome.TAKEN_BACK, "IN_WINDOW", Duration.ofMinutes(10), Long.MAX_VALUE) {
    @Override
    void turn(Rebalancer rebalancer, int migration) {
      rebalancer.rollBack(migration);
    }

    @Override
    List<Moment> someMoments(Random random) {
      List<Moment> moments = aroundTheCommit(1, random);
      moments.add(Moment.afterCommit(random.nextInt(50)));
      return moments;
    }
  },
  /** The copy, which takes long, is given up. */
  ABORTED(MigrationStatus.Outcome.TAKEN_BACK, "COPYING", Duration.ZERO, 20_000) {
    @Override
    void turn(Rebalancer rebalancer, int migration) {
      rebalancer.abort(migration);
    }

    @Override
    List<Moment> someMoments(Random random) {
      return List.of(Moment.after(1 + random.nextInt(40)));
    }
  };

  final MigrationStatus.Outcome outcome;

  /** From here on it is interesting, and the turn is taken. */
  final String from;

  private final Duration window;
  private final long bytesPerSecond;

  Journey(MigrationStatus.Outcome outcome, String from, Duration window, long bytesPerSecond) {
    this.outcome = outcome;
    this.from = from;
    this.window = window;
    this.bytesPerSecond = bytesPerSecond;
  }

  MoveOptions options() {
    return new MoveOptions(window, bytesPerSecond, 2, Duration.ofMillis(500));
  }

  /** Says what makes it this journey. */
  abstract void turn(Rebalancer rebalancer, int migration);

  /** One or two of each part. */
  abstract List<Moment> someMoments(Random random);

  /** Different ones from the hold to what follows the opening. */
  private static List<Moment> aroundTheCommit(int count, Random random) {
    return random
        .ints(0, 9)
        .distinct()
        .limit(count)
        .mapToObj(Moment::afterHold)
        .collect(Collectors.toCollection(ArrayList::new));
  }
}
