package dev.shardwright.router.internal.sql.destination;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The elements of an array that a statement is given. */
final class ArrayElements {
  /** An array's text in which nothing is quoted, escaped or nested. */
  private static final Pattern PLAIN =
      Pattern.compile("\\{[A-Za-z0-9_.:+-]+(,[A-Za-z0-9_.:+-]+)*\\}");

  private ArrayElements() {}

  /**
   * The elements, NULL among them as null.
   *
   * @return empty if they are not known; without any for NULL
   */
  static Optional<List<@Nullable Object>> of(Operand array, ParameterValues values) {
    Object given = array.isParameter() ? values.value(array.place()) : array.constant();
    if (given == null) {
      return Optional.of(List.of());
    }
    if (given instanceof Collection<?> collection) {
      return flat(new ArrayList<>(collection));
    }
    if (given.getClass().isArray()) {
      List<@Nullable Object> elements = new ArrayList<>();
      for (int i = 0; i < Array.getLength(given); i++) {
        elements.add(Array.get(given, i));
      }
      return flat(elements);
    }
    return given instanceof String text ? parsed(text) : Optional.empty();
  }

  private static Optional<List<@Nullable Object>> flat(List<@Nullable Object> elements) {
    boolean nested =
        elements.stream()
            .anyMatch(e -> e instanceof Collection || (e != null && e.getClass().isArray()));
    return nested ? Optional.empty() : Optional.of(elements);
  }

  private static Optional<List<@Nullable Object>> parsed(String text) {
    if (text.equals("{}")) {
      return Optional.of(List.of());
    }
    if (!PLAIN.matcher(text).matches()) {
      return Optional.empty();
    }
    List<@Nullable Object> elements =
        new ArrayList<>(Arrays.asList(text.substring(1, text.length() - 1).split(",")));
    elements.replaceAll(e -> "null".equalsIgnoreCase(String.valueOf(e)) ? null : e);
    return Optional.of(elements);
  }
}
