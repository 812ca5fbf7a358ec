package dev.shardwright.router.internal.run;

import java.util.Locale;
import java.util.Set;

/**
 * A cheap look at the text of a statement that its caller says only reads: a second opinion before
 * it is repeated. Not a parser; where in doubt, the answer is no.
 */
public final class ReadText {
  private static final Set<String> FIRST_WORDS = Set.of("select", "values", "table", "with");

  /** {@code into} creates a table; {@code for update} locks, and is refused along with the rest. */
  private static final Set<String> WRITING_WORDS =
      Set.of("insert", "update", "delete", "merge", "into");

  private ReadText() {}

  /** Whether the text begins like a read, and names nothing that writes. */
  public static boolean onlyReads(String sql) {
    String text = sql.toLowerCase(Locale.ROOT);
    boolean first = true;
    int at = 0;
    while (at < text.length()) {
      if (!isWordPart(text.charAt(at))) {
        at++;
        continue;
      }
      int end = at;
      while (end < text.length() && isWordPart(text.charAt(end))) {
        end++;
      }
      String word = text.substring(at, end);
      if ((first && !FIRST_WORDS.contains(word)) || WRITING_WORDS.contains(word)) {
        return false;
      }
      first = false;
      at = end;
    }
    return !first;
  }

  private static boolean isWordPart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '$';
  }
}
