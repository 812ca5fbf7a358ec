package dev.shardwright.router.internal.sql.tree;

import com.google.common.base.Ascii;
import java.util.Set;

/** The keywords of PostgreSQL that are not names unless they are quoted. */
final class Keywords {
  /** Reserved, but for those that may name functions and types. */
  private static final Set<String> RESERVED =
      words(
          """
          all analyse analyze and any array as asc asymmetric both case cast check collate column
          constraint create current_catalog current_date current_role current_time
          current_timestamp current_user default deferrable desc distinct do else end except false
          fetch for foreign from grant group having in initially intersect into lateral leading
          limit localtime localtimestamp not null offset on only or order placing primary references
          returning select session_user some symmetric system_user table then to trailing true
          union unique user using variadic when where window with
          """);

  /** Reserved, but may name functions and types. */
  private static final Set<String> FUNCTIONS_AND_TYPES =
      words(
          """
          authorization binary collation concurrently cross current_schema freeze full ilike inner
          is isnull join left like natural notnull outer overlaps right similar tablesample verbose
          """);

  /** Those that name a column of a result only after AS. */
  private static final Set<String> ONLY_AFTER_AS =
      words(
          """
          array as char character create day except fetch filter for from grant group having hour
          intersect into isnull limit minute month notnull offset on order over overlaps precision
          returning second to union varying where window with within without year
          """);

  private Keywords() {}

  /** Whether an unquoted word cannot be the name of a column or table. */
  static boolean isNoName(String word) {
    String lower = Ascii.toLowerCase(word);
    return RESERVED.contains(lower) || FUNCTIONS_AND_TYPES.contains(lower);
  }

  /** Whether an unquoted word cannot be an alias without AS, of a column or of a table. */
  static boolean isNoBareLabel(String word) {
    return isNoName(word) || ONLY_AFTER_AS.contains(Ascii.toLowerCase(word));
  }

  static Set<String> reserved() {
    return RESERVED;
  }

  static Set<String> functionsAndTypes() {
    return FUNCTIONS_AND_TYPES;
  }

  static Set<String> onlyAfterAs() {
    return ONLY_AFTER_AS;
  }

  private static Set<String> words(String text) {
    return Set.of(text.strip().split("\\s+"));
  }
}
