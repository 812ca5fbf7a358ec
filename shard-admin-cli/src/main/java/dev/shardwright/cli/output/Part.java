package dev.shardwright.cli.output;

import static java.util.stream.Collectors.toUnmodifiableList;

import java.util.List;

/** One named part of an answer. Names are written as JSON writes them: {@code virtualNodes}. */
public sealed interface Part {
  /** The field of the JSON object. */
  String name();

  /**
   * A single value.
   *
   * @param name what it is
   * @param value how it is
   */
  record Fact(String name, Cell value) implements Part {}

  /**
   * Things of one kind, each with the same properties.
   *
   * @param name what they are
   * @param columns the names of the properties
   * @param rows the things; each has a cell for each column
   */
  record Table(String name, List<String> columns, List<List<Cell>> rows) implements Part {
    /**
     * @throws IllegalArgumentException if a row has another number of cells than there are columns
     */
    public Table {
      columns = List.copyOf(columns);
      rows = rows.stream().map(List::copyOf).collect(toUnmodifiableList());
      for (List<Cell> row : rows) {
        if (row.size() != columns.size()) {
          throw new IllegalArgumentException(
              "table %s has columns %s and a row %s".formatted(name, columns, row));
        }
      }
    }
  }

  /**
   * The rows of a query, whose columns may have any names, or all the same.
   *
   * @param name what they are
   * @param columns the names of the columns
   * @param rows with a cell for each column
   */
  record Grid(String name, List<String> columns, List<List<Cell>> rows) implements Part {
    /** Keeps copies. */
    public Grid {
      columns = List.copyOf(columns);
      rows = rows.stream().map(List::copyOf).collect(toUnmodifiableList());
    }
  }

  /**
   * Sentences.
   *
   * @param name what they are
   * @param lines one for each line of text
   */
  record Lines(String name, List<String> lines) implements Part {
    /** Keeps a copy. */
    public Lines {
      lines = List.copyOf(lines);
    }
  }

  /**
   * A single value that only programs are told; people are told it otherwise.
   *
   * @param name what it is
   * @param value how it is
   */
  record Hidden(String name, Cell value) implements Part {}
}
