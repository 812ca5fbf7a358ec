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

  /** An index is made, replaced or dropped so in several transactions. */
  private static final String CONCURRENTLY = "concurrently";

  private OwnCommits() {}

  /** Whether the text, outside of a transaction, may; where in doubt, the answer is yes. */
  public static boolean areIn(String sql) {
    try {
      List<List<Token>> statements = SqlScanner.statements(sql);
      return statements.size() > 1 || statements.stream().anyMatch(OwnCommits::mayCommit);
    } catch (SqlRefused unreadable) {
      return true;
    }
  }

  private static boolean mayCommit(List<Token> statement) {
    return statement.stream().anyMatch(token -> isWord(token, CONCURRENTLY))
        || beginsLikeOne(statement.get(0));
  }

  private static boolean isWord(Token token, String word) {
    return token.kind() == Token.Kind.WORD && Ascii.equalsIgnoreCase(token.text(), word);
  }

  private static boolean beginsLikeOne(Token first) {
    boolean escapedCall = first.isSign("{");
    return escapedCall
        || (first.kind() == Token.Kind.WORD
            && FIRST_WORDS.contains(Ascii.toLowerCase(first.text())));
  }
}
