package dev.shardwright.cli.data;

import dev.shardwright.cli.session.NotDone;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackInputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.csv.QuoteMode;
import org.jspecify.annotations.Nullable;

/**
 * A CSV file in UTF-8, row by row, in constant memory. An empty field is NULL unless it is quoted.
 * Not thread-safe.
 */
final class CsvFile implements AutoCloseable {
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private final Path path;
  private final long size;
  private final CountedInput input;
  private final CSVParser parser;
  private final Iterator<CSVRecord> records;

  private CsvFile(Path path, long size, CountedInput input, CSVParser parser) {
    this.path = path;
    this.size = size;
    this.input = input;
    this.parser = parser;
    this.records = parser.iterator();
  }

  /**
   * Opens a file.
   *
   * @param nullText an unquoted field of that text is NULL
   * @throws NotDone if it cannot be read
   */
  static CsvFile open(Path path, String nullText) {
    CSVFormat format =
        CSVFormat.DEFAULT
            .builder()
            .setNullString(nullText)
            .setQuoteMode(QuoteMode.ALL_NON_NULL) // so that "" is told from nothing
            .setIgnoreEmptyLines(true)
            .get();
    try {
      long size = Files.size(path);
      CountedInput input = new CountedInput(Files.newInputStream(path));
      try {
        return new CsvFile(path, size, input, CSVParser.parse(text(input), format));
      } catch (IOException e) {
        input.close();
        throw e;
      }
    } catch (IOException e) {
      throw NotDone.file(path, "read", e);
    }
  }

  /** Without a byte order mark: in UTF-8 it orders nothing, yet some programs write it. */
  private static Reader text(InputStream file) throws IOException {
    PushbackInputStream bytes = new PushbackInputStream(file, BYTE_ORDER_MARK.length);
    byte[] first = bytes.readNBytes(BYTE_ORDER_MARK.length);
    if (!Arrays.equals(first, BYTE_ORDER_MARK)) {
      bytes.unread(first);
    }
    return new InputStreamReader(
        bytes,
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT));
  }

  /**
   * The next row, if there is one.
   *
   * @throws NotDone if the file is not CSV, or not UTF-8, from here on
   */
  Optional<CsvRow> next() {
    try {
      if (!records.hasNext()) {
        return Optional.empty();
      }
      CSVRecord row = records.next();
      List<@Nullable String> fields = new ArrayList<>(Arrays.asList(row.values()));
      return Optional.of(new CsvRow(parser.getCurrentLineNumber(), fields));
    } catch (UncheckedIOException | IllegalStateException e) {
      throw broken(e);
    }
  }

  /** How much of the file was read. */
  long bytesRead() {
    return input.bytesRead;
  }

  /** How long the file is. */
  long size() {
    return size;
  }

  @Override
  public void close() {
    try {
      parser.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private NotDone broken(RuntimeException e) {
    long line = parser.getCurrentLineNumber() + 1;
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof CharacterCodingException) {
        return new NotDone(
            "%s is not UTF-8 soon after line %d: convert it, for example with iconv -t UTF-8"
                .formatted(path, line),
            e);
      }
    }
    Throwable reason = e.getCause() == null ? e : e.getCause();
    return new NotDone(
        "%s is not CSV from line %d on (%s): mend its quotes"
            .formatted(path, line, reason.getMessage()),
        e);
  }

  /** Counts what is read, for the progress. */
  private static final class CountedInput extends FilterInputStream {
    private long bytesRead;

    CountedInput(InputStream in) {
      super(in);
    }

    /** A file would seek to tell, which a pipe cannot. */
    @Override
    public int available() {
      return 0;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = super.read(bytes, offset, length);
      bytesRead += Math.max(0, read);
      return read;
    }
  }
}
