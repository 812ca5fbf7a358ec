package dev.shardwright.cli.output;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes an answer as one JSON object, with a field for each part. */
public final class JsonRendering {
  private static final JsonFactory JSON = new JsonFactory();

  private JsonRendering() {}

  /** On several lines, for a command that answers once. */
  public static String pretty(Answer answer) {
    DefaultIndenter lines = new DefaultIndenter("  ", "\n");
    return write(answer, new DefaultPrettyPrinter().withObjectIndenter(lines));
  }

  /** On one line, for a command that goes on answering. */
  public static String oneLine(Answer answer) {
    return write(answer, null);
  }

  private static String write(Answer answer, @Nullable DefaultPrettyPrinter printer) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      if (printer != null) {
        printer.indentArraysWith(new DefaultIndenter("  ", "\n"));
        json.setPrettyPrinter(printer);
      }
      json.writeStartObject();
      for (Part part : answer.parts()) {
        write(json, part);
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // there is no IO
    }
    return text.toString();
  }

  private static void write(JsonGenerator json, Part part) throws IOException {
    if (part instanceof Part.Fact fact) {
      json.writeFieldName(fact.name());
      write(json, fact.value().json());
    } else if (part instanceof Part.Hidden hidden) {
      json.writeFieldName(hidden.name());
      write(json, hidden.value().json());
    } else if (part instanceof Part.Table table) {
      write(json, table);
    } else if (part instanceof Part.Grid grid) {
      write(json, grid);
    } else if (part instanceof Part.Lines lines) {
      json.writeFieldName(lines.name());
      write(json, lines.lines());
    }
  }

  private static void write(JsonGenerator json, Part.Table table) throws IOException {
    json.writeFieldName(table.name());
    writeRows(json, table);
  }

  private static void writeRows(JsonGenerator json, Part.Table table) throws IOException {
    json.writeStartArray();
    for (List<Cell> row : table.rows()) {
      json.writeStartObject();
      for (int i = 0; i < row.size(); i++) {
        json.writeFieldName(table.columns().get(i));
        write(json, row.get(i).json());
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void write(JsonGenerator json, Part.Grid grid) throws IOException {
    json.writeFieldName("columns");
    write(json, grid.columns());
    json.writeArrayFieldStart(grid.name());
    for (List<Cell> row : grid.rows()) {
      json.writeStartArray();
      for (Cell cell : row) {
        write(json, cell.json());
      }
      json.writeEndArray();
    }
    json.writeEndArray();
  }

  private static void write(JsonGenerator json, @Nullable Object value) throws IOException {
    if (value instanceof List<?> items) {
      json.writeStartArray();
      for (Object item : items) {
        json.writeObject(item); // texts or numbers: needs no mapper either
      }
      json.writeEndArray();
    } else if (value instanceof Part.Table table) {
      writeRows(json, table);
    } else {
      json.writeObject(value); // a text, a number, a boolean or null: needs no mapper
    }
  }
}
