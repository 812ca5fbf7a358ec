package dev.shardwright.cli.data;

import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row of a CSV file.
 *
 * @param line the line that it ends on
 * @param fields its values, in the order of the columns; null for NULL
 */
record CsvRow(long line, List<@Nullable String> fields) {
  /** Keeps the list: rows are many, and nobody changes them. */
  CsvRow {
    fields = Collections.unmodifiableList(fields);
  }

  /** How many characters its values have. */
  long length() {
    return fields.stream().mapToLong(field -> field == null ? 0 : field.length()).sum();
  }
}
