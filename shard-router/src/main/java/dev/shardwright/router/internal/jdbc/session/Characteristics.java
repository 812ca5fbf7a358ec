package dev.shardwright.router.internal.jdbc.session;

import dev.shardwright.router.internal.loan.Loan;
import dev.shardwright.router.internal.pool.IsolationLevel;
import dev.shardwright.router.internal.sql.SessionStatement.TransactionModes;
import java.sql.SQLException;
import java.util.Optional;

/**
 * What a transaction is told as it begins; each is empty where the default of its shard holds.
 * Immutable.
 */
record Characteristics(
    Optional<Boolean> readOnly, Optional<IsolationLevel> isolation, Optional<Boolean> deferrable) {
  static final Characteristics DEFAULTS =
      new Characteristics(Optional.empty(), Optional.empty(), Optional.empty());

  /** These, but for what the modes say. */
  Characteristics with(TransactionModes modes) {
    return new Characteristics(
        modes.readOnly().or(() -> readOnly),
        level(modes).or(() -> isolation),
        modes.deferrable().or(() -> deferrable));
  }

  Characteristics withReadOnly(Optional<Boolean> wanted) {
    return new Characteristics(wanted, isolation, deferrable);
  }

  Characteristics withIsolation(IsolationLevel wanted) {
    return new Characteristics(readOnly, Optional.of(wanted), deferrable);
  }

  Characteristics withDeferrable(boolean wanted) {
    return new Characteristics(readOnly, isolation, Optional.of(wanted));
  }

  static Optional<IsolationLevel> level(TransactionModes modes) {
    return modes.isolation().map(level -> IsolationLevel.valueOf(level.name()));
  }

  static String setReadOnly(boolean wanted) {
    return "set transaction read " + (wanted ? "only" : "write");
  }

  static String setDeferrable(boolean wanted) {
    return "set transaction " + (wanted ? "deferrable" : "not deferrable");
  }

  /** Tells the transaction that begins on that connection. */
  void tell(Loan begun) throws SQLException {
    if (readOnly.orElse(false)) {
      begun.pooled().setReadOnly(true);
    } else if (readOnly.isPresent()) {
      Binding.execute(begun, setReadOnly(false));
    }
    if (isolation.isPresent()) {
      Binding.execute(begun, isolation.get().set());
    }
    if (deferrable.isPresent()) {
      Binding.execute(begun, setDeferrable(deferrable.get()));
    }
  }
}
