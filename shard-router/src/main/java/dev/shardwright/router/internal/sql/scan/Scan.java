package dev.shardwright.router.internal.sql.scan;

import java.util.List;

/**
 * One statement cut into its words.
 *
 * @param original as the caller wrote it
 * @param normalised without comments and final semicolon; string constants are numbered literals
 *     such as {@code '~7'}, the caller's parameters {@code ?1}, {@code ?2} and so on, and the
 *     operator {@code ??} is {@code ?}
 * @param tokens the words of {@code normalised}; their positions are those in {@code original}
 * @param literals the string constants by their numbers, from 0
 * @param parameters how many parameters the caller has to give
 * @param text the statement as it goes to one shard
 */
public record Scan(
    String original,
    String normalised,
    List<Token> tokens,
    List<Literal> literals,
    int parameters,
    SqlText text) {
  public Scan {
    tokens = List.copyOf(tokens);
    literals = List.copyOf(literals);
  }

  /** The string constant that a token stands for. */
  public Literal literal(Token string) {
    String text = string.text();
    return literals.get(Integer.parseInt(text.substring(2, text.length() - 1)));
  }
}
