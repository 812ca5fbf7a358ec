package dev.shardwright.cli.output;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One value of an answer: what people read, and what programs read. */
public sealed interface Cell {
  /** For people. */
  String text();

  /** For programs: a text, a number, a boolean, null, a list of texts or numbers, or a table. */
  @Nullable Object json();

  /** Whether it is aligned to the right. */
  default boolean isNumber() {
    return false;
  }

  /** Nothing is known, or there is nothing. */
  static Cell none() {
    return new None();
  }

  /**
   * What a database said.
   *
   * @param text as the database writes it; null for its NULL
   * @param json the same as a number or a boolean, where it is one
   */
  static Cell said(@Nullable String text, @Nullable Object json) {
    return new Said(text, json);
  }

  /** A text. */
  static Cell of(String value) {
    return new Text(value);
  }

  /** The text of a value, such as an id. */
  static Cell of(Object value) {
    return new Text(value.toString());
  }

  /** A whole number. */
  static Cell of(long value) {
    return new Count(value);
  }

  /** A number by which something is called, such as an epoch: people type it as it stands here. */
  static Cell number(long value) {
    return new Numeral(value);
  }

  /** Yes or no. */
  static Cell of(boolean value) {
    return new Flag(value);
  }

  /** An amount of data. */
  static Cell bytes(long value) {
    return new Bytes(value);
  }

  /** A number with a fraction. */
  static Cell ratio(double value) {
    return new Ratio(value);
  }

  /** A span of time; milliseconds for programs. */
  static Cell time(Duration value) {
    return new Time(value);
  }

  /** Several texts. */
  static Cell items(List<String> values) {
    return new Items(values);
  }

  /** Several whole numbers. */
  static Cell numbers(List<Integer> values) {
    return new Numbers(values);
  }

  /**
   * Things within a thing, each with the same properties; people are told how many there are.
   *
   * @param columns the names of the properties
   * @param rows the things; each has a cell for each column
   */
  static Cell table(List<String> columns, List<List<Cell>> rows) {
    return new Table(new Part.Table("", columns, rows));
  }

  /** See {@link Cell#of(String)}. */
  record Text(String value) implements Cell {
    @Override
    public String text() {
      return value;
    }

    @Override
    public Object json() {
      return value;
    }
  }

  /** See {@link Cell#of(long)}. */
  record Count(long value) implements Cell {
    @Override
    public String text() {
      return String.format(Locale.ROOT, "%,d", value);
    }

    @Override
    public Object json() {
      return value;
    }

    @Override
    public boolean isNumber() {
      return true;
    }
  }

  /** See {@link Cell#number}. */
  record Numeral(long value) implements Cell {
    @Override
    public String text() {
      return Long.toString(value);
    }

    @Override
    public Object json() {
      return value;
    }

    @Override
    public boolean isNumber() {
      return true;
    }
  }

  /** See {@link Cell#bytes}. */
  record Bytes(long value) implements Cell {
    @Override
    public String text() {
      return Units.bytes(value);
    }

    @Override
    public Object json() {
      return value;
    }

    @Override
    public boolean isNumber() {
      return true;
    }
  }

  /** See {@link Cell#ratio}. */
  record Ratio(double value) implements Cell {
    @Override
    public String text() {
      return String.format(Locale.ROOT, "%.3f", value);
    }

    /** JSON has no infinity: null stands for it. */
    @Override
    public @Nullable Object json() {
      return Double.isFinite(value) ? (Object) (Math.round(value * 1e6) / 1e6) : null;
    }

    @Override
    public boolean isNumber() {
      return true;
    }
  }

  /** See {@link Cell#time}. */
  record Time(Duration value) implements Cell {
    @Override
    public String text() {
      return Units.time(value);
    }

    @Override
    public Object json() {
      return Math.round(value.toNanos() / 1e3) / 1e3;
    }

    @Override
    public boolean isNumber() {
      return true;
    }
  }

  /** See {@link Cell#of(boolean)}. */
  record Flag(boolean value) implements Cell {
    @Override
    public String text() {
      return value ? "yes" : "no";
    }

    @Override
    public Object json() {
      return value;
    }
  }

  /** See {@link Cell#items}. */
  record Items(List<String> values) implements Cell {
    /** Keeps a copy. */
    public Items {
      values = List.copyOf(values);
    }

    @Override
    public String text() {
      return values.isEmpty() ? "-" : String.join(", ", values);
    }

    @Override
    public Object json() {
      return values;
    }
  }

  /** See {@link Cell#numbers}. */
  record Numbers(List<Integer> values) implements Cell {
    /** Keeps a copy. */
    public Numbers {
      values = List.copyOf(values);
    }

    @Override
    public String text() {
      return values.isEmpty()
          ? "-"
          : values.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    @Override
    public Object json() {
      return values;
    }
  }

  /** See {@link Cell#table}. */
  record Table(Part.Table things) implements Cell {
    @Override
    public String text() {
      return Integer.toString(things.rows().size());
    }

    @Override
    public Object json() {
      return things;
    }

    @Override
    public boolean isNumber() {
      return true;
    }
  }

  /** See {@link Cell#none}. */
  record None() implements Cell {
    @Override
    public String text() {
      return "-";
    }

    @Override
    public @Nullable Object json() {
      return null;
    }
  }

  /** See {@link Cell#said}. */
  record Said(@Nullable String value, @Nullable Object jsonValue) implements Cell {
    @Override
    public String text() {
      return value == null ? "NULL" : value;
    }

    @Override
    public @Nullable Object json() {
      return jsonValue == null ? value : jsonValue;
    }

    @Override
    public boolean isNumber() {
      return jsonValue instanceof Number;
    }
  }
}
