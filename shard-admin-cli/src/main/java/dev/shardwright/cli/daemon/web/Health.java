package dev.shardwright.cli.daemon.web;

import dev.shardwright.cli.output.Answer;
import dev.shardwright.cli.output.Cell;
import java.util.Optional;

/**
 * Whether the daemon can do its work.
 *
 * @param zooKeeper whether ZooKeeper answers
 * @param leads whether this daemon carries out migrations
 * @param leader who does, if that is known and somebody does
 * @param reason what is wrong; empty if nothing is
 */
public record Health(boolean zooKeeper, boolean leads, Optional<String> leader, String reason) {
  /** Whether it can. */
  public boolean isUp() {
    return reason.isEmpty();
  }

  Answer answer() {
    Answer answer =
        Answer.EMPTY
            .fact("status", Cell.of(isUp() ? "up" : "down"))
            .fact("zookeeper", Cell.of(zooKeeper))
            .fact("leads", Cell.of(leads))
            .fact("leader", leader.map(Cell::of).orElseGet(Cell::none));
    return isUp() ? answer : answer.fact("reason", Cell.of(reason));
  }
}
