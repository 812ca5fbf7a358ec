package dev.shardwright.router.differential;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/** Asks one PostgreSQL that holds all rows. */
final class OnePostgres {
  private OnePostgres() {}

  static Outcome ask(Connection connection, CorpusCase statement) throws SQLException {
    for (String setting : statement.before()) {
      Session.execute(connection, setting);
    }
    Outcome outcome = Session.ask(connection, statement.questionForOne());
    if (!statement.before().isEmpty()) {
      Session.execute(connection, "reset all");
    }
    return outcome;
  }

  /** The rows that may be chosen from, if the statement leaves a choice. */
  static Optional<Outcome.Rows> choice(Connection connection, CorpusCase statement) {
    return statement.all().map(all -> (Outcome.Rows) Session.ask(connection, all));
  }
}
