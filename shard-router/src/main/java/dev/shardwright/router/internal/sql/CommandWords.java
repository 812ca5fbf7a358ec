package dev.shardwright.router.internal.sql;

import com.google.common.base.Ascii;
import dev.shardwright.router.internal.sql.scan.Names;
import dev.shardwright.router.internal.sql.scan.Scan;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlRefused.Reason;
import dev.shardwright.router.internal.sql.scan.Token;
import java.util.List;

/**
 * Reads the words of a command from left to right, beginning with the second. Used by one thread.
 */
final class CommandWords {
  private final Scan scan;
  private final List<Token> tokens;
  private int at = 1;

  CommandWords(Scan scan) {
    this.scan = scan;
    this.tokens = scan.tokens();
  }

  /** How many have not been read. */
  int left() {
    return tokens.size() - at;
  }

  boolean isNext(String keyword) {
    return left() > 0 && tokens.get(at).is(keyword);
  }

  boolean isNextSign(String sign) {
    return left() > 0 && tokens.get(at).isSign(sign);
  }

  /** Whether the word after the next is that one. */
  boolean isSecond(String keyword) {
    return left() > 1 && tokens.get(at + 1).is(keyword);
  }

  boolean isSecondSign(String sign) {
    return left() > 1 && tokens.get(at + 1).isSign(sign);
  }

  /** Reads it if it is next. */
  boolean skip(String keyword) {
    boolean there = isNext(keyword);
    at += there ? 1 : 0;
    return there;
  }

  /** Reads it if it is next. */
  boolean skipSign(String sign) {
    boolean there = isNextSign(sign);
    at += there ? 1 : 0;
    return there;
  }

  /** Reads what must be next. */
  void require(String keyword) {
    if (!skip(keyword)) {
      throw syntax("needs " + Ascii.toUpperCase(keyword) + where());
    }
  }

  void requireEnd() {
    if (left() > 0) {
      throw syntax("goes on" + where());
    }
  }

  /** Reads a constant or a word. */
  String value() {
    String sign = isNextSign("-") || isNextSign("+") ? next().text() : "";
    Token token = next();
    return switch (token.kind()) {
      case WORD, QUOTED -> Names.fold(token.text());
      case NUMBER -> sign.equals("-") ? "-" + token.text() : token.text();
      case STRING -> scan.literal(token).value();
      case PARAMETER, OPERATOR, PUNCTUATION ->
          throw syntax("has '" + token.text() + "' in the place of a value");
    };
  }

  /** Reads whatever is next. */
  Token next() {
    if (left() == 0) {
      throw syntax("ends before a value");
    }
    at++;
    return tokens.get(at - 1);
  }

  /** Reads a name with those that qualify it. */
  String dottedName() {
    StringBuilder name = new StringBuilder(name());
    while (skipSign(".")) {
      name.append('.').append(name());
    }
    return name.toString();
  }

  /** Reads a name up to the end. */
  String lastName() {
    String name = name();
    requireEnd();
    return name;
  }

  private String name() {
    if (left() > 0) {
      Token token = tokens.get(at);
      if (token.kind() == Token.Kind.WORD || token.kind() == Token.Kind.QUOTED) {
        at++;
        return Names.fold(token.text());
      }
    }
    throw syntax("has no name where one is needed");
  }

  /** What has not been read, in the caller's own text; not at the end. */
  String rest() {
    return scan.original().substring(tokens.get(at).start());
  }

  private String where() {
    return left() > 0
        ? " at '" + tokens.get(at).text() + "'"
        : " after '" + tokens.get(tokens.size() - 1).text() + "'";
  }

  /** The command is not PostgreSQL's. */
  SqlRefused syntax(String what) {
    return new SqlRefused(
        Reason.SYNTAX, "the statement " + Ascii.toUpperCase(tokens.get(0).text()) + " " + what);
  }
}
