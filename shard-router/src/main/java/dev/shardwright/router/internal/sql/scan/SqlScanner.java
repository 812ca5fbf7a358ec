package dev.shardwright.router.internal.sql.scan;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.base.Ascii;
import com.google.common.collect.Lists;
import dev.shardwright.router.internal.sql.scan.SqlRefused.Reason;
import dev.shardwright.router.internal.sql.scan.Token.Kind;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a text into words by the lexical rules of PostgreSQL, with {@code
 * standard_conforming_strings} on, as it is by default, and of its JDBC driver, for which every
 * {@code ?} outside of strings is a parameter and {@code ??} an operator's question mark.
 */
public final class SqlScanner {
  /** The most characters of a statement; beyond it, data belongs into parameters. */
  static final int MAX_LENGTH = 1 << 20;

  /** The most brackets within brackets. */
  static final int MAX_DEPTH = 64;

  /** As many parameters as PostgreSQL's protocol can carry. */
  static final int MAX_PARAMETERS = 65_535;

  /** The most bytes that PostgreSQL keeps of a name. */
  private static final int MAX_NAME = 63;

  private static final String OPERATOR_SIGNS = "+-*/<>=~!@#%^&|`?";
  private static final String KEEP_FINAL_SIGN = "~!@#%^&|`?";
  private static final Pattern NUMBER =
      Pattern.compile(
          "0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+"
              + "|(?:[0-9](?:_?[0-9])*(?:\\.(?!\\.)(?:[0-9](?:_?[0-9])*)?)?|\\.[0-9](?:_?[0-9])*)"
              + "(?:[eE][+-]?[0-9](?:_?[0-9])*)?");
  private static final Pattern DOLLAR_QUOTE =
      Pattern.compile("\\$(?:[A-Za-z_\\x{80}-\\x{10FFFF}][A-Za-z0-9_\\x{80}-\\x{10FFFF}]*)?\\$");
  private static final Pattern UESCAPE =
      Pattern.compile("[uU][eE][sS][cC][aA][pP][eE](?![A-Za-z0-9_$\\x{80}-\\x{10FFFF}])");

  private final String in;
  private final boolean normalised;
  private final StringBuilder out = new StringBuilder();
  private final List<Token> tokens = new ArrayList<>();

  /** Where among the tokens a statement begins. */
  private final List<Integer> beginnings = new ArrayList<>();

  private final List<Literal> literals = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();
  private final List<Binding> bindings = new ArrayList<>();
  private final StringBuilder open = new StringBuilder();
  private int at;
  private int copied;
  private int highest;
  private boolean questionMarks;
  private boolean several;
  private boolean ended;

  private SqlScanner(String in, boolean normalised) {
    this.in = in;
    this.normalised = normalised;
  }

  /**
   * Scans what a caller wrote.
   *
   * @throws SqlRefused if it is not exactly one statement, or too long or too deep
   */
  public static Scan scan(String sql) {
    checkCharacters(sql);
    SqlScanner scanner = new SqlScanner(sql, false);
    scanner.run();
    if (scanner.tokens.isEmpty()) {
      throw new SqlRefused(Reason.SYNTAX, "the statement is empty");
    }
    scanner.text.append(sql, scanner.copied, sql.length());
    return new Scan(
        sql,
        scanner.out.toString(),
        scanner.tokens,
        scanner.literals,
        scanner.highest,
        new SqlText(scanner.text.toString(), scanner.bindings));
  }

  /**
   * The statements of a text, none of them empty; it may have several, and escapes of JDBC.
   *
   * @throws SqlRefused if it cannot be cut into words
   */
  public static List<List<Token>> statements(String sql) {
    SqlScanner scanner = new SqlScanner(sql, false);
    scanner.several = true;
    scanner.run();
    List<List<Token>> statements = new ArrayList<>();
    int end = scanner.tokens.size();
    for (int begin : Lists.reverse(scanner.beginnings)) {
      statements.add(0, scanner.tokens.subList(begin, end));
      end = begin;
    }
    return statements;
  }

  /** Scans a normalised text, or one composed of such: all strings are plain. */
  public static List<Token> rescan(String normalised) {
    SqlScanner scanner = new SqlScanner(normalised, true);
    scanner.run();
    return scanner.tokens;
  }

  /** Where a text has half a surrogate pair, or -1. */
  static int loneSurrogate(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        return i;
      }
    }
    return -1;
  }

  private static void checkCharacters(String sql) {
    if (sql.length() > MAX_LENGTH) {
      throw new SqlRefused(
          Reason.SYNTAX,
          "the statement has "
              + sql.length()
              + " characters, more than "
              + MAX_LENGTH
              + "; give data as parameters");
    }
    int nul = sql.indexOf('\0');
    if (nul >= 0) {
      throw new SqlRefused(Reason.SYNTAX, "the statement has a zero byte at position " + (nul + 1));
    }
    int lone = loneSurrogate(sql);
    if (lone >= 0) {
      throw new SqlRefused(
          Reason.SYNTAX, "the statement has half a surrogate pair at position " + (lone + 1));
    }
  }

  private void run() {
    while (at < in.length()) {
      int start = at;
      char c = in.charAt(at);
      if (isSpace(c)) {
        at++;
        out.append(c);
      } else if (startsWith("--")) {
        lineComment();
        out.append(' ');
      } else if (startsWith("/*")) {
        blockComment();
        out.append(' ');
      } else if (c == ';') {
        at++;
        ended = !tokens.isEmpty();
      } else {
        if (begins(start)) {
          beginnings.add(tokens.size());
        }
        word(c, start);
      }
    }
    if (!open.isEmpty()) {
      throw syntax(in.length(), "ends before a closing bracket");
    }
  }

  /** Whether a statement begins here. */
  private boolean begins(int start) {
    if (ended && !several) {
      throw syntax(start, "has a second statement, send them one by one");
    }
    boolean first = ended || tokens.isEmpty();
    ended = false;
    return first;
  }

  private void word(char c, int start) {
    char next = at + 1 < in.length() ? in.charAt(at + 1) : '\0';
    if (c == '\'') {
      string(Literal.Kind.TEXT, start, 0);
    } else if (next == '\'' && "eE".indexOf(c) >= 0) {
      string(Literal.Kind.TEXT, start, 1);
    } else if (next == '\'' && "bBxX".indexOf(c) >= 0) {
      string(Literal.Kind.BITS, start, 1);
    } else if (next == '\'' && "nN".indexOf(c) >= 0) {
      string(Literal.Kind.NATIONAL, start, 1);
    } else if (startsWith("u&'") || startsWith("U&'")) {
      string(Literal.Kind.TEXT, start, 2);
    } else if (c == '"') {
      quotedName(start, 0);
    } else if (startsWith("u&\"") || startsWith("U&\"")) {
      quotedName(start, 2);
    } else if (isNameStart(c)) {
      name(start);
    } else if (isDigit(c) || (c == '.' && isDigit(next))) {
      number(start);
    } else if (c == '$') {
      dollar(start, next);
    } else if (c == '?') {
      questionMark(start, next);
    } else if (OPERATOR_SIGNS.indexOf(c) >= 0) {
      operator(start);
    } else {
      punctuation(c, start);
    }
  }

  private void name(int start) {
    while (at < in.length() && isNamePart(in.charAt(at))) {
      at++;
    }
    String name = in.substring(start, at);
    checkName(name, start);
    add(Kind.WORD, name, start);
  }

  private void quotedName(int start, int prefix) {
    String body = quoted(start + prefix, '"', false);
    if (prefix == 0) {
      String name = body.replace("\"\"", "\"");
      checkName(name, start);
      add(Kind.QUOTED, '"' + body + '"', start);
      return;
    }
    String name = StringDecoder.unicode(body, '"', uescape());
    checkName(name, start);
    add(Kind.QUOTED, '"' + name.replace("\"", "\"\"") + '"', start);
  }

  private void checkName(String name, int start) {
    if (name.isEmpty()) {
      throw syntax(start, "has a name of no characters");
    }
    if (name.length() * 3 > MAX_NAME && name.getBytes(UTF_8).length > MAX_NAME) {
      throw syntax(
          start, "has a name of more than " + MAX_NAME + " bytes, which PostgreSQL would cut off");
    }
  }

  private void string(Literal.Kind kind, int start, int prefix) {
    if (normalised) {
      String body = quoted(start + prefix, '\'', false);
      add(Kind.STRING, in.substring(start, start + prefix) + '\'' + body + '\'', start);
      return;
    }
    boolean escapes = "eE".indexOf(in.charAt(start)) >= 0;
    StringBuilder body = new StringBuilder(quoted(start + prefix, '\'', escapes));
    int next;
    while ((next = continuation()) >= 0) {
      at = next;
      body.append(quoted(next, '\'', escapes));
    }
    String value =
        switch (prefix) {
          case 2 -> StringDecoder.unicode(body.toString(), '\'', uescape());
          default ->
              escapes
                  ? StringDecoder.escaped(body.toString())
                  : StringDecoder.plain(body.toString());
        };
    literal(new Literal(kind, in.substring(start, at), value), start);
  }

  /** Where a string constant goes on, after white space with a line break in it; else -1. */
  private int continuation() {
    int ahead = at;
    boolean newline = false;
    while (ahead < in.length()) {
      char c = in.charAt(ahead);
      if (isSpace(c)) {
        newline |= c == '\n' || c == '\r';
        ahead++;
      } else if (in.startsWith("--", ahead)) {
        ahead = endOfLine(ahead);
      } else {
        break;
      }
    }
    return newline && ahead < in.length() && in.charAt(ahead) == '\'' ? ahead : -1;
  }

  /** Reads {@code UESCAPE 'c'} if it is there. */
  private char uescape() {
    int before = at;
    skipBlank();
    Matcher keyword = UESCAPE.matcher(in).region(at, in.length());
    if (!keyword.lookingAt()) {
      at = before;
      return '\\';
    }
    at = keyword.end();
    skipBlank();
    int start = at;
    if (at + 2 >= in.length() || in.charAt(at) != '\'' || in.charAt(at + 2) != '\'') {
      throw syntax(start, "has UESCAPE without a single character");
    }
    char escape = in.charAt(at + 1);
    at += 3;
    if (Character.digit(escape, 16) >= 0 || "+'\"".indexOf(escape) >= 0 || isSpace(escape)) {
      throw syntax(start, "has UESCAPE with a character that cannot be one");
    }
    return escape;
  }

  private void skipBlank() {
    while (at < in.length()) {
      if (isSpace(in.charAt(at))) {
        at++;
      } else if (startsWith("--")) {
        lineComment();
      } else if (startsWith("/*")) {
        blockComment();
      } else {
        return;
      }
    }
  }

  /** Reads from a quote to the one that ends it, and gives what is between. */
  private String quoted(int quoteAt, char quote, boolean backslashes) {
    for (int i = quoteAt + 1; i < in.length(); i++) {
      char c = in.charAt(i);
      if (c == '\\' && backslashes) {
        i++;
      } else if (c == quote) {
        if (i + 1 < in.length() && in.charAt(i + 1) == quote) {
          i++;
        } else {
          at = i + 1;
          return in.substring(quoteAt + 1, i);
        }
      }
    }
    throw syntax(quoteAt, "has a quote that nothing closes");
  }

  private void literal(Literal literal, int start) {
    literals.add(literal);
    add(Kind.STRING, "'~" + (literals.size() - 1) + "'", start);
  }

  private void number(int start) {
    Matcher number = NUMBER.matcher(in).region(at, in.length());
    if (!number.lookingAt()
        || (number.end() < in.length() && isNamePart(in.charAt(number.end())))) {
      throw syntax(start, "has a number that letters follow");
    }
    at = number.end();
    add(Kind.NUMBER, decimal(number.group()), start);
  }

  /** As all know it: for others {@code 1_000} is the name of a column, or 1 that is called so. */
  private static String decimal(String number) {
    String digits = number.replace("_", "");
    int radix =
        switch (digits.length() < 2 ? ' ' : Ascii.toLowerCase(digits.charAt(1))) {
          case 'x' -> 16;
          case 'o' -> 8;
          case 'b' -> 2;
          default -> 10;
        };
    return radix == 10 ? digits : new BigInteger(digits.substring(2), radix).toString();
  }

  private void dollar(int start, char next) {
    if (isDigit(next)) {
      dollarParameter(start);
      return;
    }
    Matcher quote = DOLLAR_QUOTE.matcher(in).region(at, in.length());
    if (!quote.lookingAt()) {
      throw syntax(start, "has a dollar sign that begins nothing");
    }
    int end = in.indexOf(quote.group(), quote.end());
    if (end < 0) {
      throw syntax(start, "has a quote " + quote.group() + " that nothing closes");
    }
    at = end + quote.group().length();
    literal(
        new Literal(Literal.Kind.TEXT, in.substring(start, at), in.substring(quote.end(), end)),
        start);
  }

  private void dollarParameter(int start) {
    at++;
    int place = digits();
    if (place < 1 || place > MAX_PARAMETERS || (at < in.length() && isNamePart(in.charAt(at)))) {
      throw syntax(start, "has a parameter that is not within $1 to $" + MAX_PARAMETERS);
    }
    if (questionMarks) {
      throw mixed(start);
    }
    text.append(in, copied, start).append('?');
    copied = at;
    parameter(place, start);
  }

  private void questionMark(int start, char next) {
    if (normalised && isDigit(next)) {
      at++;
      int place = digits();
      add(Kind.PARAMETER, "?" + place, start);
      return;
    }
    if (normalised || next == '?') {
      operator(start);
      return;
    }
    at++;
    if (isNamePart(next)) {
      throw syntax(start, "has a parameter that letters or digits follow");
    }
    if (highest > 0 && !questionMarks) {
      throw mixed(start);
    }
    questionMarks = true;
    parameter(highest + 1, start);
  }

  private void parameter(int place, int start) {
    if (place > MAX_PARAMETERS) {
      throw syntax(start, "has more than " + MAX_PARAMETERS + " parameters");
    }
    highest = Math.max(highest, place);
    bindings.add(new Binding.Parameter(place));
    add(Kind.PARAMETER, "?" + place, start);
  }

  private int digits() {
    int start = at;
    while (at < in.length() && isDigit(in.charAt(at))) {
      at++;
    }
    return at - start > 9 ? Integer.MAX_VALUE : Integer.parseInt(in.substring(start, at));
  }

  /** As in PostgreSQL's scanner: the longest run of signs, without a comment's begin. */
  private void operator(int start) {
    StringBuilder run = new StringBuilder();
    int end = at;
    while (end < in.length()) {
      char c = in.charAt(end);
      if (OPERATOR_SIGNS.indexOf(c) < 0 || in.startsWith("--", end) || in.startsWith("/*", end)) {
        break;
      }
      if (c == '?') {
        boolean digitFollows = end + 1 < in.length() && isDigit(in.charAt(end + 1));
        if (normalised ? digitFollows : !in.startsWith("??", end)) {
          break; // a parameter
        }
        end += normalised ? 1 : 2;
      } else {
        end++;
      }
      run.append(c);
    }
    // A final + or - is a sign of what follows, unless the operator could not be SQL's own.
    int length = run.length();
    while (length > 1
        && (run.charAt(length - 1) == '+' || run.charAt(length - 1) == '-')
        && !keepsFinalSign(run, length)) {
      length--;
      end--;
    }
    run.setLength(length);
    at = end;
    add(Kind.OPERATOR, run.toString(), start);
  }

  private static boolean keepsFinalSign(StringBuilder run, int length) {
    for (int i = 0; i < length - 1; i++) {
      if (KEEP_FINAL_SIGN.indexOf(run.charAt(i)) >= 0) {
        return true;
      }
    }
    return false;
  }

  private void punctuation(char c, int start) {
    String sign;
    if (startsWith("::") || startsWith(":=")) {
      sign = in.substring(at, at + 2);
    } else if (",()[].:".indexOf(c) >= 0) {
      sign = String.valueOf(c);
    } else if (several && (c == '{' || c == '}')) {
      sign = String.valueOf(c);
    } else if (c == '{' || c == '}') {
      throw syntax(start, "has a JDBC escape { }; write what PostgreSQL has for it");
    } else {
      throw syntax(start, "has '" + Character.toString(in.codePointAt(at)) + "'");
    }
    bracket(c, start);
    at += sign.length();
    add(Kind.PUNCTUATION, sign, start);
  }

  private void bracket(char c, int start) {
    if (c == '(' || c == '[') {
      open.append(c);
      if (open.length() > MAX_DEPTH) {
        throw syntax(start, "has more than " + MAX_DEPTH + " brackets within brackets");
      }
    } else if (c == ')' || c == ']') {
      int last = open.length() - 1;
      if (last < 0 || open.charAt(last) != (c == ')' ? '(' : '[')) {
        throw syntax(start, "has '" + c + "' that closes nothing");
      }
      open.setLength(last);
    }
  }

  private void add(Kind kind, String word, int start) {
    // Words that may stand together in PostgreSQL must not melt into one elsewhere: interval'1 day'
    boolean apart =
        kind == Kind.STRING
            || kind == Kind.QUOTED
            || kind == Kind.PARAMETER
            || (kind == Kind.OPERATOR && word.indexOf('?') >= 0);
    if (apart && !out.isEmpty() && !isSpace(out.charAt(out.length() - 1))) {
      out.append(' ');
    }
    out.append(word);
    if (apart) {
      out.append(' ');
    }
    tokens.add(new Token(kind, word, start));
  }

  private void lineComment() {
    at = endOfLine(at);
  }

  private int endOfLine(int from) {
    int end = from;
    while (end < in.length() && in.charAt(end) != '\n' && in.charAt(end) != '\r') {
      end++;
    }
    return end;
  }

  private void blockComment() {
    int start = at;
    int depth = 0;
    do {
      if (startsWith("/*")) {
        depth++;
        at += 2;
      } else if (startsWith("*/")) {
        depth--;
        at += 2;
      } else {
        at++;
      }
      if (at >= in.length() && depth > 0) {
        throw syntax(start, "has a comment that nothing closes");
      }
    } while (depth > 0);
  }

  private boolean startsWith(String expected) {
    return in.startsWith(expected, at);
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == 0x0B;
  }

  private static boolean isDigit(char c) {
    return '0' <= c && c <= '9';
  }

  private static boolean isNameStart(char c) {
    return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || c == '_' || c >= 0x80;
  }

  private static boolean isNamePart(char c) {
    return isNameStart(c) || isDigit(c) || c == '$';
  }

  private static SqlRefused mixed(int start) {
    return syntax(start, "mixes $n and ?; an operator's question mark is written ??");
  }

  private static SqlRefused syntax(int start, String what) {
    return new SqlRefused(
        Reason.SYNTAX, "the statement " + what + " (at position " + (start + 1) + ")");
  }
}
