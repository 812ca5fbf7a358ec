package dev.shardwright.cli.output;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Writes an answer as aligned text, for people. */
public final class TextRendering {
  private static final String BOLD = "\u001b[1m";
  private static final String PLAIN = "\u001b[0m";

  private final boolean colours;

  /** With headings that stand out, if the terminal can show that. */
  public TextRendering(boolean colours) {
    this.colours = colours;
  }

  /** The lines, with a line break at the end of each. */
  public String render(Answer answer) {
    List<String> lines = new ArrayList<>();
    long tables = answer.parts().stream().filter(Part.Table.class::isInstance).count();
    int width =
        answer.parts().stream()
            .filter(Part.Fact.class::isInstance)
            .mapToInt(part -> words(part.name()).length())
            .max()
            .orElse(0);
    for (Part part : answer.parts()) {
      if (part instanceof Part.Fact fact) {
        lines.add(
            padded(words(fact.name()), width, false) + "  " + Printable.lines(fact.value().text()));
      } else if (part instanceof Part.Table table) {
        addTitle(lines, table.name(), tables > 1 || !lines.isEmpty());
        List<String> headings = table.columns().stream().map(TextRendering::heading).toList();
        addTable(lines, headings, table.rows());
      } else if (part instanceof Part.Grid grid) {
        addTable(lines, grid.columns(), grid.rows());
      } else if (part instanceof Part.Lines sentences) {
        sentences.lines().forEach(line -> lines.add(Printable.lines(line)));
      }
    }
    return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
  }

  private void addTitle(List<String> lines, String name, boolean shown) {
    if (!shown) {
      return;
    }
    if (!lines.isEmpty()) {
      lines.add("");
    }
    lines.add(words(name) + ":");
  }

  private void addTable(List<String> lines, List<String> headings, List<List<Cell>> rows) {
    if (rows.isEmpty()) {
      lines.add("(none)");
      return;
    }
    List<Integer> widths = new ArrayList<>();
    List<Boolean> numbers = new ArrayList<>();
    for (int i = 0; i < headings.size(); i++) {
      int column = i;
      int longest = rows.stream().mapToInt(row -> length(row.get(column).text())).max().orElse(0);
      widths.add(Math.max(length(headings.get(i)), longest));
      numbers.add(rows.stream().anyMatch(row -> row.get(column).isNumber()));
    }
    String head = line(headings, widths, numbers);
    lines.add(colours ? BOLD + head + PLAIN : head);
    for (List<Cell> row : rows) {
      lines.add(line(row.stream().map(Cell::text).toList(), widths, numbers));
    }
  }

  private static String line(List<String> texts, List<Integer> widths, List<Boolean> numbers) {
    List<String> padded = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      padded.add(padded(Printable.line(texts.get(i)), widths.get(i), numbers.get(i)));
    }
    return String.join("  ", padded).stripTrailing();
  }

  private static String padded(String text, int width, boolean right) {
    String gap = String.join("", Collections.nCopies(Math.max(0, width - length(text)), " "));
    return right ? gap + text : text + gap;
  }

  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  private static String heading(String name) {
    return words(name).toUpperCase(Locale.ROOT);
  }

  /** As in {@code virtual nodes} for {@code virtualNodes}. */
  private static String words(String name) {
    return name.replaceAll("([a-z])([A-Z])", "$1 $2").toLowerCase(Locale.ROOT);
  }
}
