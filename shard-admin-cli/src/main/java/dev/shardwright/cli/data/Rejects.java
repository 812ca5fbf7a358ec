package dev.shardwright.cli.data;

import dev.shardwright.cli.session.NotDone;
import dev.shardwright.cli.session.Session;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.QuoteMode;
import org.jspecify.annotations.Nullable;

/**
 * The rows that could not be loaded: line, reason, and the row as it was. What is in the file from
 * before goes when the first row is rejected. Without a file, the first few are told. Thread-safe.
 */
final class Rejects implements AutoCloseable {
  private static final int MOST_TOLD = 5;

  private final Session session;
  private final @Nullable FileChannel file;
  private final @Nullable CSVPrinter printer;
  private long count;

  Rejects(Session session, @Nullable Path file) {
    this.session = session;
    this.file = file == null ? null : open(file);
    this.printer = this.file == null ? null : printer(this.file);
  }

  synchronized void add(CsvRow row, String reason) {
    count++;
    if (file != null && printer != null) {
      List<@Nullable Object> fields = new ArrayList<>();
      fields.add(row.line());
      fields.add(reason);
      fields.addAll(row.fields());
      try {
        if (count == 1) {
          file.truncate(0);
        }
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

  private static FileChannel open(Path file) {
    try {
      return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw NotDone.file(file, "written", e);
    }
  }

  private static CSVPrinter printer(FileChannel file) {
    CSVFormat format =
        CSVFormat.DEFAULT
            .builder()
            .setNullString("")
            .setQuoteMode(QuoteMode.ALL_NON_NULL)
            .setRecordSeparator('\n')
            .get();
    try {
      Writer writer = new BufferedWriter(Channels.newWriter(file, StandardCharsets.UTF_8));
      return new CSVPrinter(writer, format);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // without a header it writes nothing yet
    }
  }
}
