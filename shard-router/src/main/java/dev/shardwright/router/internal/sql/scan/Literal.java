package dev.shardwright.router.internal.sql.scan;

/**
 * A string constant of the caller's text.
 *
 * @param source as written there, with its quotes and prefix
 * @param value what PostgreSQL reads in it; of bits, the digits
 */
public record Literal(Kind kind, String source, String value) {
  public enum Kind {
    /** {@code '…'}, {@code E'…'}, {@code U&'…'} and {@code $$…$$}: of no type until it is used. */
    TEXT,
    /** {@code B'…'} and {@code X'…'}. */
    BITS,
    /** {@code N'…'}: of type {@code bpchar}. */
    NATIONAL
  }
}
