package dev.shardwright.router.internal.sql.scan;

import com.google.common.base.Ascii;

/**
 * A word of SQL, as PostgreSQL's scanner cuts it.
 *
 * @param text as it stands in the normalised text
 * @param start where it begins in the text that was scanned
 */
public record Token(Kind kind, String text, int start) {
  public enum Kind {
    /** A keyword or a name without quotes. */
    WORD,
    /** A name in double quotes, quotes included. */
    QUOTED,
    /** A string constant of whatever form: {@code '~7'} stands for the literal of that number. */
    STRING,
    NUMBER,
    /** A place for a value: {@code ?3} whichever way the caller wrote it. */
    PARAMETER,
    /** An operator of PostgreSQL, as long as PostgreSQL's rules make it. */
    OPERATOR,
    /** Brackets, comma, semicolon, dot, colon, {@code ::} and {@code :=}. */
    PUNCTUATION
  }

  /** Whether it is this keyword, which is given in lower case. */
  public boolean is(String keyword) {
    return kind == Kind.WORD && Ascii.equalsIgnoreCase(text, keyword);
  }

  /** Whether it is this operator or punctuation. */
  public boolean isSign(String sign) {
    return (kind == Kind.OPERATOR || kind == Kind.PUNCTUATION) && text.equals(sign);
  }
}
