package dev.shardwright.router.internal.sql.plan;

import com.google.common.collect.ImmutableSet;
import dev.shardwright.router.internal.sql.answer.ColumnType;
import dev.shardwright.router.internal.sql.functions.OutputNames;
import dev.shardwright.router.internal.sql.scan.Binding;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The rows that the shards' parts have given, as a table of the last query. */
final class PartialRows {
  static final String TABLE = "shardwright_partial";

  private static final String COLUMN = "c";

  /** Types that have no text that PostgreSQL would read again. */
  private static final ImmutableSet<String> UNREADABLE =
      ImmutableSet.of("record", "_record", "void", "unknown", "anyarray");

  private PartialRows() {}

  /** Whether PostgreSQL reads the texts of values of these types again. */
  static boolean areReadable(List<ColumnType> types) {
    return types.stream().map(ColumnType::name).noneMatch(UNREADABLE::contains);
  }

  /** The name of a column, from 1. */
  static String column(int number) {
    return COLUMN + number;
  }

  /**
   * A column, from 1, with the table's name: without it ORDER BY would take a column of the answer
   * that has the same name.
   */
  static String reference(int number) {
    return TABLE + "." + column(number);
  }

  /** The number of a column from a reference to it. */
  static int numberOf(String reference) {
    return Integer.parseInt(reference.substring((TABLE + "." + COLUMN).length()));
  }

  /**
   * The WITH clause that makes the table. The first branch of its UNION reads nothing: it gives the
   * columns the exact types and collations that the part gives them.
   *
   * @param part the shards' part, as it prints itself
   * @param types the columns' types
   */
  static String with(String part, List<ColumnType> types) {
    return with(part, types, Set.of());
  }

  /**
   * The same, of which some columns are the texts of their values still.
   *
   * @param texts those columns, from 1; of a part that gives no others than it names
   */
  static String with(String part, List<ColumnType> types, Set<Integer> texts) {
    List<Integer> numbers = IntStream.rangeClosed(1, types.size()).boxed().toList();
    String columns = join(numbers, PartialRows::column);
    String shown =
        texts.isEmpty() ? "*" : join(numbers, i -> column(i) + (texts.contains(i) ? "::text" : ""));
    String values =
        join(
            numbers,
            i -> "u." + column(i) + (texts.contains(i) ? "" : "::" + typed(types.get(i - 1))));
    String places = join(numbers, i -> ParsedStatement.place(new Binding.Partials(i)) + "::text[]");
    return "with "
        + TABLE
        + "("
        + columns
        + ") as (select "
        + shown
        + " from ("
        + part
        + ") s where false union all select "
        + values
        + " from unnest("
        + places
        + ") as u("
        + columns
        + ")) ";
  }

  private static String join(List<Integer> numbers, java.util.function.IntFunction<String> each) {
    return numbers.stream().map(each::apply).collect(Collectors.joining(", "));
  }

  /** A type with its bounds, to cast to. */
  static String typed(ColumnType type) {
    return quoted(type.name()) + type.bounds();
  }

  /**
   * A type's name so that it is not taken for a word of SQL with a meaning of its own: {@code bit}
   * would be {@code bit(1)}, and {@code char} another type.
   */
  static String quoted(String type) {
    return type.startsWith("\"") || type.contains(".") ? type : OutputNames.quoted(type);
  }
}
