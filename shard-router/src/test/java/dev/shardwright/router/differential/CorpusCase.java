package dev.shardwright.router.differential;

import java.util.List;
import java.util.Optional;

/**
 * One statement of the corpus.
 *
 * @param at file and line
 * @param level how it is expected to be carried out, as {@code corpus/README.md} lists it
 * @param why for {@code refused}: SQLSTATE, then words of the message; for {@code fails}: SQLSTATE
 * @param question what is asked of the cluster
 * @param onOne the text for the one PostgreSQL, if it needs another
 * @param open what PostgreSQL leaves open in the answer
 * @param before statements that set up the session; only the driver has one
 * @param empty whether it is meant to find no row
 * @param checked whether two PostgreSQLs are bound to agree on the answer
 * @param optIn whether the connection consents to writes to several shards
 * @param driverOnly whether only the driver can carry it out
 * @param since the oldest PostgreSQL that knows what it uses, by its major version
 */
record CorpusCase(
    String at,
    String level,
    List<String> why,
    Question question,
    Optional<String> onOne,
    Openness open,
    List<String> before,
    boolean empty,
    boolean checked,
    boolean optIn,
    boolean driverOnly,
    int since) {
  CorpusCase {
    why = List.copyOf(why);
    before = List.copyOf(before);
  }

  /** The question for one PostgreSQL. */
  Question questionForOne() {
    return new Question(onOne.orElse(question.sql()), question.arguments());
  }

  Optional<Question> all() {
    return open.outOf().map(sql -> new Question(sql, question.arguments()));
  }

  @Override
  public String toString() {
    return at
        + ": "
        + question.sql()
        + (question.arguments().isEmpty() ? "" : " " + question.arguments());
  }
}
