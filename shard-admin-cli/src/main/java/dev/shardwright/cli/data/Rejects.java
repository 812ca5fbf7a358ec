package dev.shardwright.cli.data;

import dev.shardwright.cli.session.NotDone;
import dev.shardwright.cli.session.Session;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.QuoteMode;
import org.jspecify.annotations.Nullable;

/**
 * The rows that could not be loaded: line, reason, and the row as it was. Without a file, the first
 * few are told. Thread-safe.
 */
final class Rejects implements AutoCloseable {
  private static final int MOST_TOLD = 5;

  private final Session session;
  private final @Nullable CSVPrinter printer;
  private long count;

  Rejects(Session session, @Nullable Path file) {
    this.session = session;
    this.printer = file == null ? null : open(file);
  }

  synchronized void add(CsvRow row, String reason) {
    count++;
    if (printer != null) {
      List<@Nullable Object> fields = new ArrayList<>();
      fields.add(row.line());
      fields.add(reason);
      fields.addAll(row.fields());
      try {
        printer.printRecord(fields);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    } else if (count <= MOST_TOLD) {
      session.tell("Rejected: line %d: %s".formatted(row.line(), reason));
    } else if (count == MOST_TOLD + 1) {
      session.tell("More rows are rejected: --rejects FILE keeps them all");
    }
  }

  synchronized long count() {
    return count;
  }

  @Override
  public synchronized void close() {
    try {
      if (printer != null) {
        printer.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static CSVPrinter open(Path file) {
    CSVFormat format =
        CSVFormat.DEFAULT
            .builder()
            .setNullString("")
            .setQuoteMode(QuoteMode.ALL_NON_NULL)
            .setRecordSeparator('\n')
            .get();
    try {
      Writer writer = Files.newBufferedWriter(file);
      return new CSVPrinter(writer, format);
    } catch (IOException e) {
      throw NotDone.file(file, "written", e);
    }
  }
}
