package dev.shardwright.examples.quickstart;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file of the OpenFlights project: UTF-8, a record a line, commas between fields, {@code \N} for
 * NULL, backslash escapes inside quotes.
 */
record DataFile(Path path, int columns) {

  /**
   * All records; a field that is NULL is null.
   *
   * @throws IOException if the file cannot be read, or a line has another number of fields
   */
  List<List<@Nullable String>> records() throws IOException {
    List<List<@Nullable String>> records = new ArrayList<>();
    try (BufferedReader reader = Files.newBufferedReader(path)) {
      String line = reader.readLine();
      while (line != null) {
        List<@Nullable String> fields = fields(line);
        if (fields.size() != columns) {
          throw new IOException(
              path
                  + " line "
                  + (records.size() + 1)
                  + " has "
                  + fields.size()
                  + " fields, expected "
                  + columns);
        }
        records.add(fields);
        line = reader.readLine();
      }
    }
    return records;
  }

  static List<@Nullable String> fields(String line) {
    List<@Nullable String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (quoted && c == '\\' && i + 1 < line.length()) {
        i++;
        field.append(line.charAt(i));
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        fields.add(nullable(field));
        field.setLength(0);
      } else {
        field.append(c);
      }
    }
    fields.add(nullable(field));
    return fields;
  }

  private static @Nullable String nullable(StringBuilder field) {
    return field.length() == 2 && field.charAt(0) == '\\' && field.charAt(1) == 'N'
        ? null
        : field.toString();
  }
}
