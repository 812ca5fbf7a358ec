package dev.shardwright.router.internal.sql;

import dev.shardwright.router.internal.sql.scan.Scan;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.Token;
import java.util.Optional;
import java.util.Set;

/** Reads what comes before the statement that {@code EXPLAIN} explains. */
final class ExplainReader {
  private static final Set<String> QUERIES = Set.of("select", "with", "values", "table");
  private static final Set<String> OFF = Set.of("off", "false", "0");

  private final Scan scan;
  private final CommandWords words;

  private ExplainReader(Scan scan) {
    this.scan = scan;
    this.words = new CommandWords(scan);
  }

  /**
   * A statement that is explained.
   *
   * @param analyze whether it is carried out
   */
  record Explained(String sql, boolean analyze) {}

  /**
   * What is explained; empty if the statement is no EXPLAIN.
   *
   * @throws SqlRefused if it is none of PostgreSQL's
   */
  static Optional<Explained> read(Scan scan) {
    return scan.tokens().get(0).is("explain")
        ? Optional.of(new ExplainReader(scan).read())
        : Optional.empty();
  }

  private Explained read() {
    boolean analyze = false;
    if (words.isNextSign("(") && !isQueryInBrackets()) {
      words.skipSign("(");
      do {
        analyze = option(analyze);
      } while (words.skipSign(","));
      if (!words.skipSign(")")) {
        throw words.syntax("has options that are not PostgreSQL's");
      }
    } else {
      analyze = words.skip("analyze") || words.skip("analyse");
      words.skip("verbose");
    }
    if (words.left() == 0 || words.isNext("explain")) {
      throw words.syntax("needs a statement to explain");
    }
    return new Explained(words.rest(), analyze);
  }

  private boolean isQueryInBrackets() {
    Optional<Token> inner =
        scan.tokens().stream().skip(1).dropWhile(token -> token.isSign("(")).findFirst();
    return inner.isPresent() && QUERIES.stream().anyMatch(inner.get()::is);
  }

  private boolean option(boolean analyze) {
    boolean isAnalyze = words.isNext("analyze") || words.isNext("analyse");
    words.next();
    String value = words.isNextSign(",") || words.isNextSign(")") ? "on" : words.value();
    return isAnalyze ? !OFF.contains(value) : analyze;
  }
}
