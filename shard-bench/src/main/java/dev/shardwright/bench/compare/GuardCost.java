package dev.shardwright.bench.compare;

import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.admin.NewKeyspace;
import dev.shardwright.bench.Numbers;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.PostgresHash;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/**
 * What the ownership guard adds to a write: the same statements on a table without a guard, and on
 * tables whose shard owns few and many ranges. Bulk statements are rolled back, so that no commit
 * hides the cost; statements of one row commit.
 *
 * <p>Arguments: rounds (default 40), milliseconds of a turn (default 250).
 */
public final class GuardCost {
  private static final int SHARDS = 2;
  private static final int[] RANGES = {64, 2_048};

  private GuardCost() {}

  /** Runs the comparison and prints its tables. */
  public static void main(String[] arguments) throws Exception {
    long[] numbers = Numbers.of(arguments, 40, 250);
    int rounds = Math.toIntExact(numbers[0]);
    long turnMillis = numbers[1];
    run(new Comparison(1, rounds, turnMillis), System.out);
  }

  static void run(Comparison comparison, PrintStream out) throws Exception {
    List<Subject> subjects = new ArrayList<>();
    try (BenchCluster cluster = BenchCluster.start(SHARDS);
        ClusterAdmin admin = cluster.admin()) {
      PostgresServer shard = cluster.servers().get(0);
      List<Long> anyKeys = LongStream.range(0, GuardedRows.BULK).boxed().toList();
      for (String floor : List.of("no guard (floor)", "no guard once more")) {
        String table = "plain" + subjects.size();
        GuardedRows.create(shard, table);
        subjects.add(new Subject(floor, new GuardedRows(shard, table, anyKeys)));
      }
      for (int ranges : RANGES) {
        subjects.add(guarded(cluster, admin, ranges));
      }
      compare(comparison, subjects, out);
    } finally {
      for (Subject subject : subjects) {
        subject.rows().close();
      }
    }
  }

  private static void compare(Comparison comparison, List<Subject> subjects, PrintStream out)
      throws Exception {
    String bulk = ", " + GuardedRows.BULK + " rows";
    comparison.run("COPY" + bulk, contenders(subjects, (rows, random) -> rows.copy()), out);
    comparison.run(
        "INSERT … SELECT" + bulk, contenders(subjects, (rows, random) -> rows.insertMany()), out);
    for (Subject subject : subjects) {
      subject.rows().fill();
    }
    comparison.run("INSERT of one row", contenders(subjects, GuardedRows::insertOne), out);
    for (Subject subject : subjects) {
      subject.rows().fill();
    }
    comparison.run("UPDATE of one row", contenders(subjects, GuardedRows::updateOne), out);
  }

  private static List<Contender> contenders(List<Subject> subjects, Write write) {
    return subjects.stream()
        .map(subject -> new Contender(subject.name(), random -> write.to(subject.rows(), random)))
        .toList();
  }

  /** A table in a keyspace of which each shard owns so many ranges. */
  private static Subject guarded(BenchCluster cluster, ClusterAdmin admin, int ranges)
      throws Exception {
    String name = "guarded" + ranges;
    for (PostgresServer server : cluster.servers()) {
      GuardedRows.create(server, name);
    }
    admin.createKeyspace(NewKeyspace.hash(name, KeyType.BIGINT).withVirtualNodes(ranges));
    admin.registerTable(name, ShardedTable.of(TableName.of(name), "account_id"));
    KeyRangeSet owned =
        admin
            .topology()
            .keyspace(name)
            .orElseThrow()
            .placement(Region.ALL)
            .rangesOf(BenchCluster.shard(0));
    if (owned.ranges().size() != ranges) {
      throw new IllegalStateException(owned.ranges().size() + " ranges instead of " + ranges);
    }
    List<Long> keys =
        LongStream.iterate(0, key -> key + 1)
            .filter(key -> owned.contains(PostgresHash.hashInt8(key)))
            .limit(GuardedRows.BULK)
            .boxed()
            .toList();
    return new Subject(
        "guard, " + ranges + " ranges", new GuardedRows(cluster.servers().get(0), name, keys));
  }

  private record Subject(String name, GuardedRows rows) {}

  /** One statement, however many rows. */
  private interface Write {
    void to(GuardedRows rows, Random random) throws Exception;
  }
}
