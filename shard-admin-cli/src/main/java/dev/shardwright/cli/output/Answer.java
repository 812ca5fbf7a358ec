package dev.shardwright.cli.output;

import java.util.ArrayList;
import java.util.List;

/**
 * What a command answers.
 *
 * @param parts in the order to show them
 */
public record Answer(List<Part> parts) {
  /** Nothing yet. */
  public static final Answer EMPTY = new Answer(List.of());

  /** Keeps a copy. */
  public Answer {
    parts = List.copyOf(parts);
  }

  /** This and one more part. */
  public Answer with(Part part) {
    List<Part> all = new ArrayList<>(parts);
    all.add(part);
    return new Answer(all);
  }

  /** This and a single value. */
  public Answer fact(String name, Cell value) {
    return with(new Part.Fact(name, value));
  }

  /** This and things of one kind. */
  public Answer table(String name, List<String> columns, List<List<Cell>> rows) {
    return with(new Part.Table(name, columns, rows));
  }

  /** This and sentences. */
  public Answer lines(String name, List<String> lines) {
    return with(new Part.Lines(name, lines));
  }
}
