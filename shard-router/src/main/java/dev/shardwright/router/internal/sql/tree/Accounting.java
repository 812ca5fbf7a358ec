package dev.shardwright.router.internal.sql.tree;

import com.google.common.base.Ascii;
import dev.shardwright.router.internal.sql.scan.Token;
import dev.shardwright.router.internal.sql.scan.Token.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Holds a tree against the text that it was made from: the parser drops or changes what it does not
 * know, silently. Every word that went in must come out when the tree is printed, in the same
 * order. Three differences mean nothing to PostgreSQL and are allowed: the letter case of words
 * without quotes, {@code ALL} after {@code SELECT}, and the order among the clauses LIMIT, OFFSET,
 * FETCH and FOR at the end of a query.
 */
final class Accounting {
  private static final Set<String> LAST_CLAUSES = Set.of("limit", "offset", "fetch", "for");

  private final List<Token> tokens;
  private int at;

  private Accounting(List<Token> tokens) {
    this.tokens = tokens;
  }

  /** The first word that was lost or changed; empty if both say the same to PostgreSQL. */
  static Optional<String> firstLoss(List<Token> written, List<Token> printed) {
    List<String> in = inOneForm(written);
    List<String> out = inOneForm(printed);
    for (int i = 0; i < in.size(); i++) {
      if (i == out.size() || !in.get(i).equals(out.get(i))) {
        return Optional.of(in.get(i));
      }
    }
    return in.size() == out.size() ? Optional.empty() : Optional.of(out.get(in.size()));
  }

  private static List<String> inOneForm(List<Token> tokens) {
    return new Accounting(tokens).level();
  }

  /** The words up to the bracket that ends this level, its last clauses in one order. */
  private List<String> level() {
    List<String> words = new ArrayList<>();
    List<List<String>> clauses = new ArrayList<>();
    List<String> current = words;
    while (at < tokens.size() && !tokens.get(at).isSign(")") && !tokens.get(at).isSign("]")) {
      Token token = tokens.get(at++);
      String word = word(token);
      if (token.kind() == Kind.WORD && LAST_CLAUSES.contains(word)) {
        current = new ArrayList<>();
        clauses.add(current);
      }
      if (word.equals("all") && after("select")) {
        continue;
      }
      current.add(word);
      if (token.isSign("(") || token.isSign("[")) {
        current.addAll(level());
      }
    }
    clauses.sort(Comparator.comparing(clause -> clause.get(0)));
    clauses.forEach(words::addAll);
    if (at < tokens.size()) {
      words.add(word(tokens.get(at++)));
    }
    return words;
  }

  private boolean after(String keyword) {
    return at >= 2 && tokens.get(at - 2).is(keyword);
  }

  private static String word(Token token) {
    return token.kind() == Kind.WORD ? Ascii.toLowerCase(token.text()) : token.text();
  }
}
