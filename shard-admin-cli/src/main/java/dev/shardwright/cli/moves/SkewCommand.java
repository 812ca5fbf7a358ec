package dev.shardwright.cli.moves;

import dev.shardwright.ShardException;
import dev.shardwright.cli.output.Units;
import dev.shardwright.cli.session.Bounds;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.Session;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.rebalance.plan.Skew;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code skew}. */
@Command(
    name = "skew",
    description = "Measures how uneven the shards are, and names the fullest nodes and keys.",
    footer = {
      "",
      "By tokens from the topology, by rows and bytes from samples, by load from what routers report.",
      "",
      "Examples:",
      "  shard-admin skew",
      "  shard-admin skew --watch --every 1m --output json"
    })
public final class SkewCommand implements Callable<Integer> {
  private final Session session;

  @Option(names = "--watch", description = "Measure again and again, until interrupted.")
  private boolean watch;

  @Option(
      names = "--every",
      paramLabel = "TIME",
      description = "With --watch: how long to wait in between (default: 30s; 1s to 1d).")
  private Duration every = Duration.ofSeconds(30);

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "Name so many virtual nodes and keys of each ring (default: 3; 0 to 10).")
  private int top = 3;

  /** For one run of the program. */
  public SkewCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    Bounds.check("--every", every);
    Bounds.check("--top", top, 0, Skew.MOST_NAMED);
    try (Rebalancer rebalancer = session.rebalancer()) {
      if (!watch) {
        session.print(SkewAnswer.of(rebalancer.skew(), top));
        return ExitCode.DONE;
      }
      session.printNext(SkewAnswer.of(rebalancer.skew(), top));
      while (true) {
        Thread.sleep(every.toMillis());
        measureAgain(rebalancer);
      }
    }
  }

  /** What could be measured once is waited for: a shard restarts, ZooKeeper elects. */
  private void measureAgain(Rebalancer rebalancer) {
    try {
      session.printNext(SkewAnswer.of(rebalancer.skew(), top));
    } catch (ShardException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw e;
      }
      session.tell(
          "Not measured, to be tried again in %s: %s".formatted(Units.time(every), e.getMessage()));
    }
  }
}
