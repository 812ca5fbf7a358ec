package dev.shardwright.router.differential;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A generated statement.
 *
 * @param question the statement
 * @param open what PostgreSQL leaves open in its answer
 */
record Generated(Question question, Openness open) {

  /** The statement with its parameters numbered by their places in the text. */
  static Generated of(String sql, List<Object> arguments, Openness open) {
    Question question = question(sql, arguments);
    return new Generated(question, open);
  }

  static Question question(String marked, List<Object> arguments) {
    StringBuilder text = new StringBuilder();
    List<@Nullable Object> inOrder = new ArrayList<>();
    String[] pieces = marked.split(String.valueOf(Expressions.PARAMETER), -1);
    for (int i = 0; i < pieces.length; i++) {
      if (i % 2 == 0) {
        text.append(pieces[i]);
      } else {
        text.append('?');
        inOrder.add(arguments.get(Integer.parseInt(pieces[i])));
      }
    }
    return new Question(text.toString(), inOrder);
  }

  /** A line that can be added to the corpus. */
  String line(String level) {
    StringBuilder line = new StringBuilder(level + ": " + question.sql());
    if (!question.arguments().isEmpty()) {
      line.append("\n    @with ");
      List<String> each = new ArrayList<>();
      for (Object argument : question.arguments()) {
        String type =
            argument instanceof Integer ? "int" : argument instanceof Long ? "long" : "text";
        each.add(type + " " + argument);
      }
      line.append(String.join(", ", each));
    }
    option(line, "ties", open.keys());
    option(line, "close", open.close());
    option(line, "bag", open.bags());
    option(line, "alike", open.alike());
    open.outOf().ifPresent(all -> line.append("\n    @out-of ").append(all));
    return line.toString();
  }

  private static void option(StringBuilder line, String name, Iterable<Integer> columns) {
    List<String> numbers = new ArrayList<>();
    columns.forEach(column -> numbers.add(column.toString()));
    if (!numbers.isEmpty()) {
      line.append("\n    @").append(name).append(' ').append(String.join(" ", numbers));
    }
  }
}
