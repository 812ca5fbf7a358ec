package dev.shardwright.bench.peers;

import dev.shardwright.bench.compare.Outcome;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Prints results as tables in Markdown, a row for each work and a column for each contestant. */
final class Report {
  private final List<String> names;
  private final List<Result> results;
  private final PrintStream out;

  Report(List<String> names, List<Result> results, PrintStream out) {
    this.names = names;
    this.results = results;
    this.out = out;
  }

  void print() {
    table(
        "Time of one thread's operation, median, and its ratio to the floor of the same round:"
            + " median (p10 - p90)",
        (outcome, isFloor) ->
            isFloor
                ? format("%,.0f us", outcome.micros())
                : format(
                    "%.2f (%.2f - %.2f)",
                    outcome.ratio(), outcome.lowRatio(), outcome.highRatio()));
    table(
        "CPU time of the whole JVM for an operation, us",
        (outcome, isFloor) -> format("%,.0f", outcome.cpuMicros()));
    table(
        "Allocated by all threads for an operation, KB",
        (outcome, isFloor) -> format("%,.1f", outcome.bytes() / 1_000));
    for (Result result : results) {
      result
          .objections()
          .forEach(
              (name, objection) ->
                  out.printf(
                      "%n- %s, %s: %s: %s%n",
                      result.work().title(), name, objection.verdict(), objection.reason()));
    }
  }

  private interface Figure {
    String of(Outcome outcome, boolean isFloor);
  }

  private void table(String title, Figure figure) {
    out.printf("%n**%s**%n%n", title);
    List<String> head = new ArrayList<>(List.of("work"));
    head.addAll(names);
    row(head);
    row(head.stream().map(name -> "---").toList());
    for (Result result : results) {
      List<String> cells = new ArrayList<>(List.of(result.work().title()));
      names.forEach(name -> cells.add(cell(result, name, figure)));
      row(cells);
    }
  }

  private String cell(Result result, String name, Figure figure) {
    Objection objection = result.objections().get(name);
    if (objection != null) {
      return objection.verdict();
    }
    Outcome outcome = result.outcomes().get(name);
    return outcome == null ? "" : figure.of(outcome, name.equals(names.get(0)));
  }

  private void row(List<String> cells) {
    out.println("| " + String.join(" | ", cells) + " |");
  }

  private static String format(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }
}
