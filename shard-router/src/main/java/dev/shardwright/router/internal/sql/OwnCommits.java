package dev.shardwright.router.internal.sql;

import com.google.common.base.Ascii;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlScanner;
import dev.shardwright.router.internal.sql.scan.Token;
import java.util.List;
import java.util.Set;

/**
 * Knows texts that may commit before they end. Of such a text that fails a part may stay, whatever
 * PostgreSQL says of the failure. Several statements are among them: the driver ends their common
 * transaction in the middle where their answers might fill its buffer.
 */
public final class OwnCommits {
  /** A procedure and a block may commit; the others come between statements of one text. */
  private static final Set<String> FIRST_WORDS = Set.of("call", "do", "commit", "end", "prepare");

  private OwnCommits() {}

  /** Whether the text, outside of a transaction, may; where in doubt, the answer is yes. */
  public static boolean areIn(String sql) {
    try {
      List<List<Token>> statements = SqlScanner.statements(sql);
      return statements.size() > 1
          || statements.stream().anyMatch(statement -> mayCommit(statement.get(0)));
    } catch (SqlRefused unreadable) {
      return true;
    }
  }

  /**
   * Whether the text is carried out in several transactions, as an index is made, replaced or
   * dropped concurrently: after a conflict an invalid one may be left.
   */
  public static boolean isInStages(String sql) {
    try {
      return SqlScanner.statements(sql).stream()
          .flatMap(List::stream)
          .anyMatch(
              token ->
                  token.kind() == Token.Kind.WORD
                      && Ascii.equalsIgnoreCase(token.text(), "concurrently"));
    } catch (SqlRefused unreadable) {
      return true;
    }
  }

  private static boolean mayCommit(Token first) {
    boolean escapedCall = first.isSign("{");
    return escapedCall
        || (first.kind() == Token.Kind.WORD
            && FIRST_WORDS.contains(Ascii.toLowerCase(first.text())));
  }
}
