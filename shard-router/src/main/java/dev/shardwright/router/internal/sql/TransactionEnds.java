package dev.shardwright.router.internal.sql;

import com.google.common.base.Ascii;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlScanner;
import dev.shardwright.router.internal.sql.scan.Token;
import java.util.List;
import java.util.regex.Pattern;

/** Knows texts that end the transaction in which they are carried out. */
public final class TransactionEnds {
  /** Most texts have none of these anywhere, and need not be read. */
  private static final Pattern WORDS =
      Pattern.compile("\\b(?:commit|end|rollback|abort)\\b", Pattern.CASE_INSENSITIVE);

  private static final Pattern TO_SAVEPOINT = Pattern.compile("\\bto\\b", Pattern.CASE_INSENSITIVE);

  private TransactionEnds() {}

  /** Whether a statement of the text does; where in doubt, the answer is yes. */
  public static boolean areIn(String sql) {
    if (!WORDS.matcher(sql).find()) {
      return false;
    }
    try {
      List<Token> firstWords = SqlScanner.firstWords(sql);
      boolean toSavepoint = firstWords.size() == 1 && TO_SAVEPOINT.matcher(sql).find();
      return firstWords.stream().anyMatch(first -> ends(first, toSavepoint));
    } catch (SqlRefused unreadable) {
      return true;
    }
  }

  private static boolean ends(Token first, boolean toSavepoint) {
    return first.kind() == Token.Kind.WORD
        && switch (Ascii.toLowerCase(first.text())) {
          case "commit", "end", "abort" -> true;
          case "rollback" -> !toSavepoint;
          default -> false;
        };
  }
}
