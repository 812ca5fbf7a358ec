package dev.shardwright.router.differential;

import java.sql.Connection;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One PostgreSQL as the measure of answers to generated statements. Used by one thread.
 *
 * @param one a session with it
 * @param majorVersion its version
 */
record Measure(Connection one, int majorVersion) {
  private static final Pattern GROUPING_SETS = Pattern.compile("rollup|cube|grouping sets");

  /**
   * Whether it is a measure of that one. Before version 18 PostgreSQL takes columns that a join has
   * made equal to be equal under grouping sets too, where one of them may be NULL, and does not
   * sort by the second. What EXPLAIN prints of such a statement has no sort for ORDER BY.
   */
  boolean isFor(Generated statement) {
    String sql = statement.question().sql();
    return majorVersion >= 18 || !sql.contains(" join ") || !GROUPING_SETS.matcher(sql).find();
  }

  /** How its answer differs; a statement may be refused. */
  Optional<String> difference(Generated statement, Outcome actual) {
    if (actual instanceof Outcome.Failed failed && failed.isRefusal()) {
      return Optional.empty();
    }
    Outcome expected = Session.ask(one, statement.question());
    Optional<Outcome.Rows> all =
        statement
            .open()
            .outOf()
            .map(sql -> new Question(sql, statement.question().arguments()))
            .map(question -> (Outcome.Rows) Session.ask(one, question));
    return Comparer.difference(expected, actual, statement.open(), all);
  }
}
