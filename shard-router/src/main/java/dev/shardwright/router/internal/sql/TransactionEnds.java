package dev.shardwright.router.internal.sql;

import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlScanner;
import dev.shardwright.router.internal.sql.scan.Token;
import java.util.List;
import java.util.regex.Pattern;

/** Knows texts that end the transaction in which they are carried out. */
public final class TransactionEnds {
  /** Most texts have none of these anywhere, and need not be read. */
  private static final Pattern WORDS =
      Pattern.compile("\\b(?:commit|end|rollback|abort|prepare)\\b", Pattern.CASE_INSENSITIVE);

  private TransactionEnds() {}

  /** Whether a statement of the text does; where in doubt, the answer is yes. */
  public static boolean areIn(String sql) {
    if (!WORDS.matcher(sql).find()) {
      return false;
    }
    try {
      return isAmong(SqlScanner.statements(sql));
    } catch (SqlRefused unreadable) {
      return true;
    }
  }

  private static boolean isAmong(List<List<Token>> statements) {
    boolean inBody = false;
    for (List<Token> statement : statements) {
      if (inBody) {
        inBody = !statement.get(0).is("end");
      } else if (ends(statement)) {
        return true;
      } else {
        inBody = opensBody(statement);
      }
    }
    return false;
  }

  private static boolean ends(List<Token> statement) {
    Token first = statement.get(0);
    return first.is("commit")
        || first.is("end")
        || first.is("abort")
        || (first.is("prepare") && is(statement, 1, "transaction"))
        || (first.is("rollback") && !isToSavepoint(statement));
  }

  private static boolean isToSavepoint(List<Token> rollback) {
    boolean hasNoise = is(rollback, 1, "work") || is(rollback, 1, "transaction");
    return is(rollback, hasNoise ? 2 : 1, "to");
  }

  /** The statements of a function's body follow, and a word that ends it. */
  private static boolean opensBody(List<Token> statement) {
    int last = statement.size() - 1;
    for (int i = 1; i < last; i++) {
      if (statement.get(i).is("begin") && statement.get(i + 1).is("atomic")) {
        return statement.get(0).is("create") && !statement.get(last).is("end");
      }
    }
    return false;
  }

  private static boolean is(List<Token> statement, int place, String keyword) {
    return place < statement.size() && statement.get(place).is(keyword);
  }
}
