package dev.shardwright.router.internal.sql;

import com.google.common.base.Ascii;
import dev.shardwright.router.internal.sql.functions.SpreadCheck;
import dev.shardwright.router.internal.sql.scan.Names;
import dev.shardwright.router.internal.sql.scan.Scan;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlRefused.Reason;
import dev.shardwright.router.internal.sql.scan.Token;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What an ALTER TABLE puts into the rows that a reference table has, which have to stay alike on
 * all shards: defaults of new columns, and what USING makes of those that are there.
 */
final class ColumnFilling {
  private static final Set<String> SERIALS =
      Set.of("bigserial", "serial", "serial2", "serial4", "serial8", "smallserial");

  /** Words that are no calls, though a bracket may follow. */
  private static final Set<String> BEFORE_BRACKETS =
      Set.of(
          "and", "case", "cast", "default", "else", "in", "not", "or", "then", "using", "varying",
          "when");

  /** What follows them fills nothing. */
  private static final Set<String> CONSTRAINTS =
      Set.of("check", "constraint", "primary", "references", "unique");

  private final Scan scan;
  private final List<Token> tokens;

  private ColumnFilling(Scan scan) {
    this.scan = scan;
    this.tokens = scan.tokens();
  }

  /**
   * Looks at a schema change for several shards.
   *
   * @throws SqlRefused naming what each shard would work out for itself
   */
  static void check(Scan scan, Topology topology) {
    CommandWords words = new CommandWords(scan);
    if (!scan.tokens().get(0).is("alter") || !words.skip("table")) {
      return;
    }
    if (words.skip("if")) {
      words.skip("exists");
    }
    words.skip("only");
    String name = words.dottedName();
    if (topology.referenceTables().stream().anyMatch(table -> mayBe(table, name))) {
      new ColumnFilling(scan)
          .ownToEach(scan.tokens().size() - words.left())
          .ifPresent(
              what -> {
                throw refused(what, name);
              });
    }
  }

  /** In whichever schema it is looked up, if none is said. */
  private static boolean mayBe(TableName table, String name) {
    return name.equals(table.name()) || name.equals(table.schema() + "." + table.name());
  }

  private static SqlRefused refused(String what, String table) {
    return new SqlRefused(
        Reason.NOT_OVER_SHARDS,
        ("over several shards: each would work out %s for the rows of the reference table %s,"
                + " which all have to hold alike: add the column without a default, then write its"
                + " values")
            .formatted(what, table));
  }

  private Optional<String> ownToEach(int begin) {
    int depth = 0;
    boolean fills = false;
    for (int at = begin; at < tokens.size(); at++) {
      Token token = tokens.get(at);
      depth += token.isSign("(") ? 1 : token.isSign(")") ? -1 : 0;
      if (depth == 0 && (token.isSign(",") || CONSTRAINTS.stream().anyMatch(token::is))) {
        fills = false;
      }
      fills |=
          (token.is("default") && !tokens.get(at - 1).is("set"))
              || (token.is("using") && !tokens.get(at - 1).is("exclude"));
      if (isNumbering(at) || (fills && isOwnToEach(at))) {
        return Optional.of(token.text());
      }
    }
    return Optional.empty();
  }

  /** A type or clause that draws from a sequence of each shard's own. */
  private boolean isNumbering(int at) {
    Token token = tokens.get(at);
    Token before = tokens.get(at - 1);
    boolean named = before.is("add") || before.is("column") || before.is("exists");
    return (token.is("identity") && before.is("as"))
        || (token.kind() == Token.Kind.WORD
            && SERIALS.contains(Ascii.toLowerCase(token.text()))
            && !named);
  }

  private boolean isOwnToEach(int at) {
    Token token = tokens.get(at);
    return switch (token.kind()) {
      case STRING -> SpreadCheck.isMoving(scan.literal(token).value());
      case WORD ->
          isCall(at) ? isOwnCall(at) : SpreadCheck.isOwnToEach(Ascii.toLowerCase(token.text()));
      case QUOTED -> isCall(at) && isOwnCall(at);
      case NUMBER, PARAMETER, OPERATOR, PUNCTUATION -> false;
    };
  }

  private boolean isCall(int at) {
    return at + 1 < tokens.size() && tokens.get(at + 1).isSign("(");
  }

  private boolean isOwnCall(int at) {
    Token before = tokens.get(at - 1);
    String name = Names.fold(tokens.get(at).text());
    boolean type = before.isSign("::") || before.is("as");
    boolean elsewhere = before.isSign(".") && !tokens.get(at - 2).is("pg_catalog");
    boolean harmless = BEFORE_BRACKETS.contains(name) || SpreadCheck.isAlike(name);
    return !type && (elsewhere || !harmless);
  }
}
