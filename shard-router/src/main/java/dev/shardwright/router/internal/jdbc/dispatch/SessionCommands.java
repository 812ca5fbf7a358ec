package dev.shardwright.router.internal.jdbc.dispatch;

import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import dev.shardwright.router.internal.jdbc.session.AnyShard;
import dev.shardwright.router.internal.jdbc.session.Engine;
import dev.shardwright.router.internal.jdbc.session.Session;
import dev.shardwright.router.internal.jdbc.session.Transaction;
import dev.shardwright.router.internal.jdbc.setting.SessionSettings;
import dev.shardwright.router.internal.jdbc.setting.SessionView;
import dev.shardwright.router.internal.sql.SessionStatement;
import dev.shardwright.router.internal.sql.SessionStatement.Assign;
import dev.shardwright.router.internal.sql.SessionStatement.Begin;
import dev.shardwright.router.internal.sql.SessionStatement.Commit;
import dev.shardwright.router.internal.sql.SessionStatement.DiscardAll;
import dev.shardwright.router.internal.sql.SessionStatement.Release;
import dev.shardwright.router.internal.sql.SessionStatement.Reset;
import dev.shardwright.router.internal.sql.SessionStatement.Rollback;
import dev.shardwright.router.internal.sql.SessionStatement.RollbackTo;
import dev.shardwright.router.internal.sql.SessionStatement.Savepoint;
import dev.shardwright.router.internal.sql.SessionStatement.SetCharacteristics;
import dev.shardwright.router.internal.sql.SessionStatement.SetTransaction;
import dev.shardwright.router.internal.sql.SessionStatement.TransactionModes;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Carries out SQL that is about the session or its transaction: what JDBC's own methods do, said in
 * SQL. Used by one thread.
 */
final class SessionCommands {
  /** Settings of which only the value that holds anyway may be set. */
  private static final Set<String> AS_IT_IS =
      Set.of("client_encoding=utf8", "client_encoding=utf-8", "standard_conforming_strings=on");

  private final Engine engine;
  private final Session session;

  SessionCommands(Engine engine, Session session) {
    this.engine = engine;
    this.session = session;
  }

  /**
   * Carries it out.
   *
   * @param sql its text
   * @return false if it is to be carried out like a query
   */
  boolean run(SessionStatement statement, String sql) throws SQLException {
    Transaction within = session.transaction();
    boolean ends =
        statement instanceof Commit
            || statement instanceof Rollback
            || statement instanceof RollbackTo;
    if (within != null && within.isAborted() && !ends) {
      throw SqlFailures.aborted();
    }
    if (statement instanceof Begin begin) {
      if (within == null) {
        session.begin();
      }
      apply(begin.modes());
    } else if (statement instanceof Commit commit) {
      checkChain(commit.chain(), within, "COMMIT AND CHAIN");
      session.end(Transaction::commit, commit.chain());
    } else if (statement instanceof Rollback rollback) {
      checkChain(rollback.chain(), within, "ROLLBACK AND CHAIN");
      session.end(Transaction::rollback, rollback.chain());
    } else if (statement instanceof Savepoint savepoint) {
      in(within, "SAVEPOINT").setSavepoint(savepoint.name(), session.view());
    } else if (statement instanceof Release release) {
      Transaction of = in(within, "RELEASE SAVEPOINT");
      of.release(of.mark(release.name()));
    } else if (statement instanceof RollbackTo rollback) {
      Transaction of = in(within, "ROLLBACK TO SAVEPOINT");
      session.rollbackTo(of.mark(rollback.name()));
    } else if (statement instanceof SetTransaction set) {
      // Outside a transaction PostgreSQL warns, and does nothing.
      apply(set.modes());
    } else if (statement instanceof SetCharacteristics set) {
      session.characteristics(set.modes());
    } else if (statement instanceof Assign assign) {
      assign(assign, within, sql);
    } else if (statement instanceof Reset reset) {
      reset(reset, within, sql);
    } else if (statement instanceof DiscardAll) {
      if (within != null) {
        throw SqlFailures.notInState(
            "DISCARD ALL cannot run inside a transaction block", SqlFailures.ACTIVE_TRANSACTION);
      }
      session.reset();
    } else {
      return false;
    }
    return true;
  }

  private void apply(TransactionModes modes) throws SQLException {
    Transaction within = session.transaction();
    if (within != null) {
      within.set(modes);
    }
  }

  private void assign(Assign assign, @Nullable Transaction within, String sql) throws SQLException {
    Optional<SessionSettings.Setting> setting = SessionSettings.Setting.of(assign.name());
    boolean isPath = setting.equals(Optional.of(SessionSettings.Setting.SEARCH_PATH));
    String sets = isPath ? SessionSettings.setPath(assign.local(), assign.values()) : sql;
    if (assign.local()) {
      if (within != null) {
        if (!isAsItIs(assign)) {
          checkReadsTheSame(assign);
          session.view(session.view().withLocal(assign.name(), assign.values()));
          within.sessionChanged();
        }
        within.run(sets);
      }
      return;
    }
    if (setting.isPresent()) {
      SessionView changed = session.view().with(setting.get(), assign.values());
      if (setting.get() == SessionSettings.Setting.TIME_ZONE) {
        tryTimeZone(String.join(", ", assign.values()), within);
      }
      session.view(changed, sets);
    } else if (!isAsItIs(assign)) {
      throw untracked(assign.name());
    }
  }

  /** One that no shard knows would fail each statement that comes after, wherever it goes. */
  private void tryTimeZone(String zone, @Nullable Transaction within) throws SQLException {
    if (within != null && within.isBound()) {
      return; // there it is set now
    }
    new AnyShard(engine, session).answer(driver -> tryTimeZone(driver, zone));
  }

  private static boolean tryTimeZone(Connection driver, String zone) throws SQLException {
    try (PreparedStatement statement =
        driver.prepareStatement("select set_config('timezone', ?, true)")) {
      statement.setString(1, zone);
      return statement.execute();
    }
  }

  private void reset(Reset reset, @Nullable Transaction within, String sql) throws SQLException {
    Optional<SessionSettings.Setting> one = reset.name().flatMap(SessionSettings.Setting::of);
    if (reset.local()) {
      if (within != null) {
        SessionView view = session.view();
        within.run(one.map(view.settings()::localReset).orElse(sql));
        session.view(reset.name().map(view::withoutLocal).orElse(view));
        within.sessionChanged();
      }
      return;
    }
    if (reset.name().isPresent() && one.isEmpty()) {
      throw untracked(reset.name().get());
    }
    List<SessionSettings.Setting> settings =
        one.map(List::of).orElseGet(() -> List.of(SessionSettings.Setting.values()));
    SessionView view = one.isPresent() ? session.view() : session.view().withoutLocal();
    for (SessionSettings.Setting setting : settings) {
      view = view.without(setting);
    }
    String resets = String.join(";", view.settings().resets(settings));
    session.view(view, one.isPresent() ? resets : "reset all;" + resets);
  }

  /** Also what is set for one transaction must leave statements as they are read here. */
  private static void checkReadsTheSame(Assign assign) {
    if (assign.name().equalsIgnoreCase("standard_conforming_strings")) {
      throw new SqlRefused(
          SqlRefused.Reason.SESSION_FEATURE,
          "standard_conforming_strings is on, since strings are read so: write E'…' for one with"
              + " backslashes, or use a connection that is bound to a key");
    }
  }

  private static boolean isAsItIs(Assign assign) {
    return AS_IT_IS.contains(
        assign.name() + "=" + String.join(",", assign.values()).toLowerCase(Locale.ROOT));
  }

  private static void checkChain(boolean chain, @Nullable Transaction within, String command)
      throws SQLException {
    if (chain) {
      in(within, command);
    }
  }

  private static Transaction in(@Nullable Transaction within, String command) throws SQLException {
    if (within == null) {
      throw SqlFailures.notInState(
          command + " can only be used in transaction blocks", SqlFailures.NO_TRANSACTION);
    }
    return within;
  }

  private static SqlRefused untracked(String setting) {
    return new SqlRefused(
        SqlRefused.Reason.SESSION_FEATURE,
        ("the setting %s is not kept for a session over shards, these are: %s. Use SET LOCAL within"
                + " a transaction, or a connection that is bound to a key, or set it for the role"
                + " with ALTER ROLE")
            .formatted(setting, SessionSettings.Setting.names()));
  }
}
