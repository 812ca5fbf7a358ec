package dev.shardwright.cli.daemon.alert;

import static dev.shardwright.cli.daemon.alert.Severity.CRITICAL;
import static dev.shardwright.cli.daemon.alert.Severity.WARNING;

import dev.shardwright.cli.output.Units;
import dev.shardwright.rebalance.MigrationStatus;
import dev.shardwright.rebalance.MigrationStatus.Hindrance;
import dev.shardwright.rebalance.MigrationStatus.Outcome;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.HeavyKey;
import dev.shardwright.rebalance.plan.Skew;
import dev.shardwright.rebalance.plan.Volume;
import dev.shardwright.rebalance.watch.MigrationProgress;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.zookeeper.RegisteredRouter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Chooses what to tell people of what was seen. Does nothing itself. */
public final class Alerts {
  /** A shard that has so many times its share is too full. */
  static final double SKEW = 2;

  /** One that has so many times its share has to be seen to now. */
  static final double SEVERE_SKEW = 4;

  /** With fewer statements in all, how they fall on shards is chance. */
  static final double LEAST_LOAD = 1_000;

  /** Fewer rows in all, or bytes, are no burden wherever they are. */
  static final double LEAST_ROWS = 10_000;

  static final double LEAST_BYTES = 10_000_000;

  static final Duration ROUTER_BEHIND = Duration.ofSeconds(30);
  static final Duration NO_LEADER = Duration.ofSeconds(30);
  static final Duration BLOCKED = Duration.ofSeconds(30);
  static final Duration STUCK = Duration.ofMinutes(10);

  /** Comparing and removing rows shows no numbers while it goes on. */
  static final Duration STUCK_SILENTLY = Duration.ofHours(1);

  /** What is over is told for so long. */
  static final Duration RECENT = Duration.ofHours(1);

  /** So many writes in a key log take some hundred megabytes. */
  static final long LONG_LOG = 1_000_000;

  private static final Set<String> WAITING = Set.of("PLANNED", "IN_WINDOW");

  /** In these a pause is not heeded. */
  private static final Set<String> UNPAUSABLE = Set.of("CUTTING_OVER", "IN_WINDOW", "ABORTING");

  private static final Set<String> SILENT = Set.of("VERIFYING", "CLEANING_UP", "ABORTING");

  /** In these a migration is by turns while no attempt keeps its budget. */
  private static final Set<String> ATTEMPTING = Set.of("CATCHING_UP", "CUTTING_OVER");

  private Alerts() {}

  /** ZooKeeper does not answer. */
  public static List<Alert> withoutZooKeeper(String reason, SampleFacts sample) {
    List<Alert> alerts = new ArrayList<>();
    alerts.add(
        Alert.of(
            "zookeeper_lost",
            CRITICAL,
            "ZooKeeper",
            reason,
            "bring its servers back: routers go on with what they know, and nothing can be moved or"
                + " changed meanwhile"));
    alerts.addAll(ofSample(sample));
    return alerts;
  }

  /** ZooKeeper answers. */
  public static List<Alert> of(ClusterFacts cluster, SampleFacts sample, Instant now) {
    List<Alert> alerts = new ArrayList<>(ofRouters(cluster));
    if (cluster.leader().isEmpty()
        && cluster.kept().legible().stream().anyMatch(Alerts::isToGoOn)) {
      alerts.add(
          Alert.of(
                  "no_leader",
                  CRITICAL,
                  "migrations",
                  "nobody leads, so migrations that are to go on rest",
                  "start a daemon with shard-admin serve, or look in the log of those that run why"
                      + " they do not stand for election")
              .after(NO_LEADER));
    }
    cluster.kept().legible().forEach(migration -> alerts.addAll(ofMigration(migration, now)));
    cluster.kept().illegible().forEach((number, why) -> alerts.add(illegible(number, why)));
    alerts.addAll(ofSample(sample));
    return alerts;
  }

  private static List<Alert> ofRouters(ClusterFacts cluster) {
    if (cluster.routers().isEmpty()) {
      return List.of(
          Alert.of(
              "no_router",
              WARNING,
              "routers",
              "no router is registered",
              "start a service that routes, or look whether its routers reach ZooKeeper"));
    }
    return cluster.routers().stream()
        .filter(router -> cluster.epoch().isAfter(router.epoch()))
        .map(router -> behind(router, cluster))
        .toList();
  }

  private static Alert behind(RegisteredRouter router, ClusterFacts cluster) {
    return Alert.of(
            "router_behind",
            WARNING,
            "router %d on %s".formatted(router.number(), router.description().host()),
            "it routes by epoch %s, and the newest is %s"
                .formatted(router.epoch(), cluster.epoch()),
            "look whether process %d there reaches ZooKeeper and is not stopped; moves wait for it"
                .formatted(router.description().pid()))
        .after(ROUTER_BEHIND);
  }

  private static List<Alert> ofMigration(MigrationStatus migration, Instant now) {
    List<Alert> alerts = new ArrayList<>();
    String subject = "migration " + migration.number();
    if (!migration.isOver() && !isPaused(migration)) {
      if (migration.hindrance() == Hindrance.TROUBLE) {
        alerts.add(blocked(migration, subject));
      }
      if (!WAITING.contains(migration.state())) {
        alerts.add(stuck(migration, subject));
      }
      if (isLogTooLong(migration)) {
        alerts.add(logTooLong(migration, subject));
      }
      if (ATTEMPTING.contains(migration.state()) && migration.attempts() > 0) {
        alerts.add(cutoverFailing(migration, subject));
      }
    }
    boolean recent = migration.entered().plus(RECENT).isAfter(now);
    if (recent && migration.state().equals("ABORTED") && migration.desired().equals("RUN")) {
      alerts.add(
          Alert.of(
              "migration_given_up",
              WARNING,
              subject,
              "it was given up: " + migration.note(),
              "do what is in the way there, and start a new rebalance"));
    }
    boolean slow = migration.pause().compareTo(migration.pauseBudget()) > 0;
    if (slow && (recent || migration.outcome() == Outcome.UNDER_WAY)) {
      alerts.add(
          Alert.of(
              "pause_over_budget",
              WARNING,
              subject,
              "work on its rows waited %s when they changed hands, and was to wait %s at most"
                  .formatted(Units.time(migration.pause()), Units.time(migration.pauseBudget())),
              "shard-admin migration show %d tells which part took so long: routers that are far or"
                      .formatted(migration.number())
                  + " busy, long transactions at the gate, or a slow disk or ZooKeeper"));
    }
    return alerts;
  }

  private static Alert illegible(int number, String why) {
    return Alert.of(
        "migration_illegible",
        WARNING,
        "migration " + number,
        "it cannot be read, so it is not carried out: " + why,
        "let daemons of the newer release that wrote it run, or mend its node in ZooKeeper; remove"
            + " that only if shard-admin status shows no range move of the number. Other migrations"
            + " go on; plans may be blocked meanwhile");
  }

  /** By what people want: where a pause is heeded, it is as soon as somebody leads. */
  private static boolean isToGoOn(MigrationStatus migration) {
    return !migration.isOver()
        && (!migration.desired().equals("PAUSE") || UNPAUSABLE.contains(migration.state()));
  }

  /** Only what rests: a pause that is wanted is heeded neither everywhere nor at once. */
  private static boolean isPaused(MigrationStatus migration) {
    return migration.desired().equals("PAUSE")
        && (migration.hindrance() == Hindrance.PAUSED || migration.state().equals("PLANNED"));
  }

  private static Alert blocked(MigrationStatus migration, String subject) {
    return Alert.of(
            "migration_blocked",
            WARNING,
            subject,
            "it is %s: %s".formatted(migration.state(), migration.note()),
            "see to that; it is tried again by itself" + otherwise(migration))
        .during(migration.note())
        .after(BLOCKED);
  }

  /** What can be done with one that does not get on, as its ranges are by then. */
  private static String otherwise(MigrationStatus migration) {
    boolean back = migration.rollingBack();
    return switch (migration.state()) {
      case "IN_WINDOW" ->
          ": its ranges have moved. Take them back only after that is mended; else they are cleaned"
              + " up when the window is over";
      case "CLEANING_UP" ->
          ": its ranges %s, and only the clean-up is left"
              .formatted(back ? "are back" : "have moved");
      case "ABORTING" -> ": it is being given up, and its ranges stay where they are";
      default ->
          back
              ? ", and takes its ranges back: that cannot be given up"
              : ". shard-admin migration abort %d gives it up".formatted(migration.number());
    };
  }

  /**
   * Becomes another alert, with a time of its own, whenever anything has moved. A key log grows by
   * itself while the service writes; only that it is shorter is progress, and only where it is
   * read.
   */
  private static Alert stuck(MigrationStatus migration, String subject) {
    boolean reads = migration.state().equals("CATCHING_UP");
    return Alert.of(
            "migration_stuck",
            WARNING,
            subject,
            "it is %s at %,d rows and does not get on"
                .formatted(migration.state(), migration.rows()),
            "look in the leader's log, and for locks and long transactions on shards %s and %s"
                .formatted(migration.transfer().source(), migration.transfer().target()))
        .during(
            "%s, %d rows, %d bytes, %d attempts"
                .formatted(
                    migration.state(), migration.rows(), migration.bytes(), migration.attempts()))
        .whileWaits(reads ? migration.progress().keyLog() : 0)
        .after(SILENT.contains(migration.state()) ? STUCK_SILENTLY : STUCK);
  }

  /** A new copy would be less work than what waits. */
  private static boolean isLogTooLong(MigrationStatus migration) {
    MigrationProgress progress = migration.progress();
    return progress.keyLog() > Math.max(LONG_LOG, progress.estimatedRows());
  }

  private static Alert logTooLong(MigrationStatus migration, String subject) {
    return Alert.of(
        "key_log_long",
        WARNING,
        subject,
        "%,d writes wait to be copied again, more than it has rows; their log takes room on the shard that has the ranges"
            .formatted(migration.progress().keyLog()),
        "shard-admin migration show %d tells what it waits for; look at the disks of shards %s and %s"
                .formatted(
                    migration.number(),
                    migration.transfer().source(),
                    migration.transfer().target())
            + otherwise(migration));
  }

  /** Its state and its rows move all the while, but its ranges do not. */
  private static Alert cutoverFailing(MigrationStatus migration, String subject) {
    return Alert.of(
            "cutover_failing",
            WARNING,
            subject,
            "its ranges were tried to change hands %,d times, and no attempt kept its budget of %s"
                .formatted(migration.attempts(), Units.time(migration.pauseBudget())),
            "shard-admin migration show %d tells what the attempts wait for; if that cannot be mended, start it again with a larger --max-pause"
                .formatted(migration.number()))
        .after(STUCK);
  }

  private static List<Alert> ofSample(SampleFacts sample) {
    List<Alert> alerts = new ArrayList<>();
    sample
        .unreachable()
        .forEach(
            (shard, reason) ->
                alerts.add(
                    Alert.of(
                        "shard_unreachable",
                        CRITICAL,
                        "shard " + shard,
                        reason,
                        ("bring its database back; if it lives elsewhere now, shard-admin shard"
                                + " set-url %1$s URL; if it is lost for good and owned nothing,"
                                + " shard-admin shard replace %1$s URL")
                            .formatted(shard))));
    if (!sample.failure().isEmpty()) {
      alerts.add(
          Alert.of(
              "sample_failed",
              WARNING,
              "skew",
              sample.failure(),
              "shard-admin doctor tells what is wrong with which shard; the next turn tries again"));
    }
    for (Skew skew : sample.skews()) {
      if (skew.goal() != Goal.TOKENS && !isTooLittle(skew)) {
        skew.shards().forEach((shard, part) -> alerts.addAll(ofPart(skew, shard, part)));
        skew.heavyKeys().forEach(key -> alerts.add(heavy(skew, key)));
      }
    }
    return alerts;
  }

  private static boolean isTooLittle(Skew skew) {
    return skew.shards().values().stream().mapToDouble(Skew.Part::amount).sum()
        < least(skew.goal());
  }

  private static double least(Goal goal) {
    return switch (goal) {
      case TOKENS -> 0;
      case ROWS -> LEAST_ROWS;
      case BYTES -> LEAST_BYTES;
      case LOAD -> LEAST_LOAD;
    };
  }

  /** One that is to be empty has no share: draining it is what is under way. */
  private static List<Alert> ofPart(Skew skew, ShardId shard, Skew.Part part) {
    if (part.share() == 0 || part.fullness() <= SKEW) {
      return List.of();
    }
    return List.of(
        Alert.of(
                "shard_skew",
                part.fullness() > SEVERE_SKEW ? CRITICAL : WARNING,
                "shard " + shard,
                String.format(
                    Locale.ROOT,
                    "it has %.1f times its share of the %s of %s",
                    part.fullness(),
                    word(skew.goal()),
                    skew.ring()),
                "shard-admin rebalance --by %s; what a single heavy key has stays where it is"
                    .formatted(word(skew.goal())))
            .during(skew.ring() + " " + skew.goal()));
  }

  private static Alert heavy(Skew skew, HeavyKey key) {
    return Alert.of(
            "heavy_key",
            WARNING,
            "key '%s' of %s".formatted(key.key(), skew.ring()),
            "it alone has %,d %s, more than the share of a shard"
                .formatted(amount(skew.goal(), key.volume()), word(skew.goal())),
            "no ring evens that out: move it to a shard of its own with shard-admin pin KEYSPACE KEY"
                + " SHARD --move, or divide it in the application")
        .during(skew.goal().name());
  }

  private static String word(Goal goal) {
    return goal.name().toLowerCase(Locale.ROOT);
  }

  private static long amount(Goal goal, Volume volume) {
    return switch (goal) {
      case TOKENS -> 0;
      case ROWS -> volume.rows();
      case BYTES -> volume.bytes();
      case LOAD -> volume.load();
    };
  }
}
