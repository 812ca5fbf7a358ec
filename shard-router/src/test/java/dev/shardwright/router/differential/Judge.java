package dev.shardwright.router.differential;

import java.util.Optional;

/** Holds what the cluster did against what the corpus says and what one PostgreSQL answered. */
final class Judge {
  private Judge() {}

  /** What is wrong; empty if all is as it should be. */
  static Optional<String> wrong(
      CorpusCase statement, Outcome expected, Answered actual, Optional<Outcome.Rows> all) {
    if (statement.level().equals("refused")) {
      return refusal(statement, actual.outcome());
    }
    Optional<String> difference =
        statement.checked() || expected instanceof Outcome.Failed
            ? Comparer.difference(expected, actual.outcome(), statement.open(), all)
            : Optional.empty();
    if (difference.isPresent()) {
      return difference;
    }
    if (statement.level().equals("fails") || statement.level().equals(actual.level())) {
      return Optional.empty();
    }
    return Optional.of(actual.level() + " instead of " + statement.level());
  }

  private static Optional<String> refusal(CorpusCase statement, Outcome actual) {
    if (!(actual instanceof Outcome.Failed failed)) {
      return Optional.of("is not refused");
    }
    String said = failed.sqlState() + " " + failed.message();
    return statement.why().stream().allMatch(said::contains)
        ? Optional.empty()
        : Optional.of("is refused with " + said);
  }
}
