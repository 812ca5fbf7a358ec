package dev.shardwright.router.internal.sql;

import dev.shardwright.router.internal.sql.SessionStatement.Isolation;
import dev.shardwright.router.internal.sql.SessionStatement.TransactionModes;
import java.util.Optional;

/** Reads the commands that begin and end transactions. Used once, by one thread. */
final class TransactionReader {
  private final CommandWords words;

  TransactionReader(CommandWords words) {
    this.words = words;
  }

  SessionStatement begin() {
    skipWork();
    return new SessionStatement.Begin(modes());
  }

  /** {@code COMMIT}, or {@code ROLLBACK}, and their like. */
  SessionStatement end(boolean commit) {
    if (words.isNext("prepared")) {
      return new SessionStatement.OneShardOnly(commit ? "COMMIT PREPARED" : "ROLLBACK PREPARED");
    }
    skipWork();
    if (!commit && words.skip("to")) {
      words.skip("savepoint");
      return new SessionStatement.RollbackTo(words.lastName());
    }
    boolean chain = false;
    if (words.skip("and")) {
      chain = !words.skip("no");
      words.require("chain");
    }
    words.requireEnd();
    return commit ? new SessionStatement.Commit(chain) : new SessionStatement.Rollback(chain);
  }

  SessionStatement start() {
    words.require("transaction");
    return new SessionStatement.Begin(modes());
  }

  /** What a transaction is told, up to the end. */
  TransactionModes modes() {
    Optional<Isolation> isolation = Optional.empty();
    Optional<Boolean> readOnly = Optional.empty();
    Optional<Boolean> deferrable = Optional.empty();
    while (words.left() > 0) {
      if (words.skip("isolation")) {
        words.require("level");
        isolation = Optional.of(isolation());
      } else if (words.skip("read")) {
        boolean only = words.skip("only");
        if (!only) {
          words.require("write");
        }
        readOnly = Optional.of(only);
      } else {
        boolean not = words.skip("not");
        words.require("deferrable");
        deferrable = Optional.of(!not);
      }
      words.skipSign(",");
    }
    return new TransactionModes(isolation, readOnly, deferrable);
  }

  private Isolation isolation() {
    if (words.skip("serializable")) {
      return Isolation.SERIALIZABLE;
    }
    if (words.skip("repeatable")) {
      words.require("read");
      return Isolation.REPEATABLE_READ;
    }
    words.require("read");
    if (words.skip("committed")) {
      return Isolation.READ_COMMITTED;
    }
    words.require("uncommitted");
    return Isolation.READ_UNCOMMITTED;
  }

  private void skipWork() {
    if (!words.skip("work")) {
      words.skip("transaction");
    }
  }
}
