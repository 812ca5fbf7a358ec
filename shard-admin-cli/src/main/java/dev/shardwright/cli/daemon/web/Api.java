package dev.shardwright.cli.daemon.web;

import dev.shardwright.cli.output.Answer;

/** What can be asked of the daemon, whoever asks. Implementations are thread-safe. */
public interface Api {
  /** Whether the daemon can do its work; never waits for longer than ZooKeeper may take. */
  Health health();

  /** The cluster at a glance. */
  Answer status();
}
