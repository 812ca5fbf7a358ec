package dev.shardwright.router.internal.sql.tree;

import dev.shardwright.router.internal.sql.scan.Binding;
import dev.shardwright.router.internal.sql.scan.Literal;
import dev.shardwright.router.internal.sql.scan.Scan;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlRefused.Reason;
import dev.shardwright.router.internal.sql.scan.SqlScanner;
import dev.shardwright.router.internal.sql.scan.SqlText;
import dev.shardwright.router.internal.sql.scan.StackGuard;
import dev.shardwright.router.internal.sql.scan.Token;
import dev.shardwright.router.internal.sql.scan.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.sf.jsqlparser.expression.DateUnitExpression;
import net.sf.jsqlparser.expression.StringValue;
import net.sf.jsqlparser.parser.CCJSqlParser;
import net.sf.jsqlparser.parser.ParseException;
import net.sf.jsqlparser.parser.StringProvider;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.statement.Statement;
import net.sf.jsqlparser.statement.select.Join;
import net.sf.jsqlparser.statement.select.ParenthesedSelect;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.SetOperationList;

/**
 * A statement with its tree. In the tree every string constant is a numbered literal such as {@code
 * '~7'} (see {@link #literal}) and every parameter a {@code JdbcParameter} with the caller's place
 * as its index, so that the tree, or any part of it, or a changed copy, can be printed with {@code
 * toString()}, be composed with other SQL, and become a text for a shard by {@link #print}.
 *
 * <p>The tree is shared by all users of the statement: copy what is to be changed. Parsing it anew
 * with {@link #copyOfTree} is the sure way.
 */
public final class ParsedStatement {
  private static final Pattern LITERAL = Pattern.compile("'~([0-9]{1,7})'");

  /** The operators with this sign that the parser knows; in others it takes it for a letter. */
  private static final Set<String> SHARPS = Set.of("#>", "#>>", "<#>");

  /** PostgreSQL would hardly plan more. */
  private static final int MAX_JOINS = 500;

  /** So much of a text is shown in a message. */
  private static final int SHOWN = 200;

  /** Beyond any place of a caller's parameter. */
  private static final int STATEMENT_START = 1_000_000;

  /** One below the first column of the partial rows. */
  private static final int FIRST_PARTIALS = STATEMENT_START;

  private final Scan scan;
  private final Statement tree;

  private ParsedStatement(Scan scan, Statement tree) {
    this.scan = scan;
    this.tree = tree;
  }

  /**
   * Reads a caller's text.
   *
   * @throws SqlRefused if it is not one statement, or cannot be understood for certain
   */
  public static ParsedStatement of(String sql) {
    return of(SqlScanner.scan(sql));
  }

  /**
   * Reads a scanned text.
   *
   * @throws SqlRefused if it cannot be understood for certain
   */
  public static ParsedStatement of(Scan scan) {
    Statement tree = parse(scan.normalised());
    check(scan, tree);
    return new ParsedStatement(scan, TableQueries.spelledOut(tree));
  }

  Scan scan() {
    return scan;
  }

  /** The tree, which nobody changes. */
  public Statement tree() {
    return tree;
  }

  /** Another tree of the same statement, which the caller may change. */
  Statement copyOfTree() {
    return TableQueries.spelledOut(parse(scan.normalised()));
  }

  /** How many parameters the caller has to give. */
  public int parameters() {
    return scan.parameters();
  }

  /** The caller's text as it goes to one shard. */
  public SqlText text() {
    return scan.text();
  }

  /**
   * The string constant that a node of the tree stands for; empty for one that was put in later.
   */
  public Optional<Literal> literal(StringValue node) {
    Matcher number = LITERAL.matcher("'" + node.getValue() + "'");
    return node.getPrefix() == null && number.matches()
        ? Optional.of(numbered(number))
        : Optional.empty();
  }

  /** How a text to be printed names what is bound: {@code ?3} for the caller's third parameter. */
  public static String place(Binding binding) {
    if (binding instanceof Binding.Parameter parameter) {
      return "?" + parameter.place();
    }
    if (binding instanceof Binding.Partials partials) {
      return "?" + (FIRST_PARTIALS + partials.column());
    }
    return binding instanceof Binding.StatementStart ? "?" + STATEMENT_START : "?0";
  }

  /**
   * Makes the text for a shard: puts the caller's string constants back in and the places of what
   * is bound.
   *
   * @param normalised the tree or parts of it as they print themselves, composed with other SQL in
   *     which strings are plain, do not begin with a tilde, and {@link #place} names what is bound
   */
  public SqlText print(String normalised) {
    return print(normalised, ParsedStatement::once);
  }

  /** The same for a piece of a text, which others may stand before. */
  public SqlText printPiece(String normalised) {
    return print(normalised, ParsedStatement::another);
  }

  private SqlText print(String normalised, BiFunction<Binding, List<Binding>, String> places) {
    StringBuilder text = new StringBuilder();
    List<Binding> bindings = new ArrayList<>();
    int copied = 0;
    for (Token token : SqlScanner.rescan(normalised)) {
      String word = printed(token, bindings, places);
      if (!word.equals(token.text())) {
        text.append(normalised, copied, token.start());
        if (token.kind() == Kind.STRING && endsInName(text)) {
          text.append(' ');
        }
        text.append(word);
        copied = token.start() + token.text().length();
      }
    }
    text.append(normalised, copied, normalised.length());
    return new SqlText(text.toString(), bindings);
  }

  private String printed(
      Token token, List<Binding> bindings, BiFunction<Binding, List<Binding>, String> places) {
    return switch (token.kind()) {
      case STRING -> {
        Matcher number = LITERAL.matcher(token.text());
        yield number.matches() ? numbered(number).source() : token.text();
      }
      case PARAMETER ->
          places.apply(binding(Integer.parseInt(token.text().substring(1))), bindings);
      case OPERATOR -> token.text().replace("?", "??");
      case WORD, QUOTED, NUMBER, PUNCTUATION -> token.text();
    };
  }

  private static String another(Binding binding, List<Binding> bindings) {
    bindings.add(binding);
    return "?";
  }

  /**
   * A moment has one place, which further mentions name: PostgreSQL would take what is grouped by
   * one parameter and shown with another for two expressions.
   */
  private static String once(Binding binding, List<Binding> bindings) {
    boolean moment = binding instanceof Binding.Now || binding instanceof Binding.StatementStart;
    int before = moment ? bindings.indexOf(binding) : -1;
    return before < 0 ? another(binding, bindings) : "$" + (before + 1);
  }

  private Literal numbered(Matcher number) {
    return scan.literals().get(Integer.parseInt(number.group(1)));
  }

  private static Binding binding(int number) {
    if (number == 0) {
      return new Binding.Now();
    }
    if (number == STATEMENT_START) {
      return new Binding.StatementStart();
    }
    return number > FIRST_PARTIALS
        ? new Binding.Partials(number - FIRST_PARTIALS)
        : new Binding.Parameter(number);
  }

  private static boolean endsInName(StringBuilder text) {
    return !text.isEmpty() && Character.isUnicodeIdentifierPart(text.charAt(text.length() - 1));
  }

  private static void check(Scan scan, Statement tree) {
    // First of all the depth: a tree prints itself by recursion through call sites that are linked
    // on the way, and what runs out of stack while it is linked may never work again.
    List<Object> nodes = Nodes.each(tree);
    Accounting.firstLoss(scan.tokens(), SqlScanner.rescan(tree.toString()))
        .ifPresent(
            word -> {
              throw notUnderstood("at '" + word + "'" + remedy(word));
            });
    for (Token token : scan.tokens()) {
      if (token.kind() == Kind.OPERATOR
          && token.text().contains("#")
          && !SHARPS.contains(token.text())) {
        throw notUnderstood("at '" + token.text() + "'");
      }
    }
    int joins = 0;
    for (Object node : nodes) {
      joins += node instanceof Join ? 1 : 0;
      if (joins > MAX_JOINS) {
        throw StackGuard.tooDeep();
      }
      Dialect.foreign(node)
          .ifPresent(
              what -> {
                throw notUnderstood("for " + what);
              });
      if (!Grouping.isPostgres(node)) {
        throw notUnderstood("in which operands belong together; put parentheses in " + start(node));
      }
    }
  }

  private static String start(Object node) {
    String text = node.toString();
    return text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
  }

  /**
   * Puts right what the parser takes for something else: a column that is called {@code day} for a
   * unit of time, and what cuts off rows of a whole union for a clause of its last query.
   */
  private static Statement mended(Statement tree) {
    for (Object parent : Nodes.all(tree, Object.class)) {
      if (parent instanceof SetOperationList list) {
        cutAsAWhole(list);
      }
      for (Object child : Nodes.children(parent)) {
        if (child instanceof DateUnitExpression unit) {
          Nodes.replace(parent, unit, new Column(unit.toString()));
        }
      }
    }
    return tree;
  }

  private static void cutAsAWhole(SetOperationList list) {
    Select last = list;
    while (last instanceof SetOperationList inner) {
      last = inner.getSelects().get(inner.getSelects().size() - 1);
    }
    if (last instanceof ParenthesedSelect) {
      return;
    }
    if (last.getLimit() != null) {
      list.setLimit(last.getLimit());
      last.setLimit(null);
    }
    if (last.getOffset() != null) {
      list.setOffset(last.getOffset());
      last.setOffset(null);
    }
    if (last.getFetch() != null) {
      list.setFetch(last.getFetch());
      last.setFetch(null);
    }
  }

  /** Whatever the parser stumbles over in a hostile text, it is a text not understood. */
  private static Statement parse(String normalised) {
    try {
      Statement tree = mended(new CCJSqlParser(new StringProvider(normalised)).Statement());
      Regrouping.apply(tree);
      return tree;
    } catch (ParseException | RuntimeException e) {
      throw notUnderstood("in its syntax");
    }
  }

  /** The parser loses NATURAL where INNER follows, which says nothing. */
  private static String remedy(String lost) {
    return lost.equals("natural") ? "; write natural join without inner" : "";
  }

  private static SqlRefused notUnderstood(String where) {
    return new SqlRefused(
        Reason.NOT_UNDERSTOOD,
        "the statement is not understood for certain "
            + where
            + "; or else say its sharding key, so that it can go to one shard as it is");
  }
}
