package dev.shardwright.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the part of PromQL that our rules and panels use, and finds what they name. Anything else
 * does not parse.
 */
final class PromQl {
  /** A metric that is asked for, and by which of its labels. */
  record Selector(String metric, List<Label> labels) {}

  /** A label, and the values that it may have; empty where any counts that is not something. */
  record Label(String name, List<String> values) {}

  /**
   * What an expression names.
   *
   * @param selectors the metrics
   * @param grouping the labels that results are grouped or matched by
   */
  record Names(List<Selector> selectors, List<String> grouping) {}

  private static final Pattern TOKEN =
      Pattern.compile(
          "\\s+|(?<word>[a-zA-Z_:][\\w:]*)|(?<number>\\d+(\\.\\d+)?(ms|[smhdwy])?)"
              + "|(?<text>\"(?:[^\"\\\\]|\\\\.)*\")"
              + "|(?<sign>==|!=|>=|<=|=~|!~|[-+*/%^<>=(){}\\[\\],])");
  private static final Set<String> AGGREGATIONS =
      Set.of("sum", "min", "max", "avg", "count", "topk");
  private static final Set<String> FUNCTIONS =
      Set.of(
          "rate",
          "increase",
          "changes",
          "delta",
          "deriv",
          "absent",
          "histogram_quantile",
          "max_over_time",
          "min_over_time");

  /** Functions whose argument is a range of time. */
  private static final Set<String> OVER_TIME =
      Set.of("rate", "increase", "changes", "delta", "deriv", "max_over_time", "min_over_time");

  private static final Set<String> OPERATORS =
      Set.of("+", "-", "*", "/", "%", "^", "==", "!=", ">", "<", ">=", "<=", "and", "or", "unless");
  private static final Pattern DURATION = Pattern.compile("\\d+(ms|[smhdwy])");

  private final List<String> tokens = new ArrayList<>();
  private final List<Selector> selectors = new ArrayList<>();
  private final List<String> grouping = new ArrayList<>();
  private int next;

  private PromQl(String text) {
    Matcher token = TOKEN.matcher(text);
    int end = 0;
    while (end < text.length()) {
      if (!token.find(end) || token.start() != end) {
        throw new IllegalArgumentException("at '%s'".formatted(text.substring(end)));
      }
      if (!token.group().isBlank()) {
        tokens.add(token.group());
      }
      end = token.end();
    }
  }

  /**
   * Reads an expression.
   *
   * @throws IllegalArgumentException if it is none, or one that we cannot read
   */
  static Names read(String text) {
    PromQl reader = new PromQl(text);
    reader.expression();
    if (reader.next != reader.tokens.size()) {
      throw reader.unexpected("an operator or the end");
    }
    return new Names(reader.selectors, reader.grouping);
  }

  private void expression() {
    operand();
    while (OPERATORS.contains(peek())) {
      take();
      if (peek().equals("on") || peek().equals("ignoring")) {
        take();
        labels();
        if (peek().equals("group_left") || peek().equals("group_right")) {
          take();
          labels();
        }
      }
      operand();
    }
  }

  private void operand() {
    String token = take();
    if (token.equals("(")) {
      expression();
      expect(")");
    } else if (token.equals("-")) {
      operand();
    } else if (AGGREGATIONS.contains(token)) {
      aggregation();
    } else if (FUNCTIONS.contains(token)) {
      function(token);
    } else if (Character.isLetter(token.charAt(0)) && !OPERATORS.contains(token)) {
      selector(token);
    } else if (!token.matches("\\d+(\\.\\d+)?")) {
      next--;
      throw unexpected("a metric, a function, a number or (");
    }
  }

  private void aggregation() {
    if (peek().equals("by") || peek().equals("without")) {
      take();
      labels();
    }
    expect("(");
    arguments();
  }

  private void function(String name) {
    expect("(");
    int before = next;
    arguments();
    boolean hasRange = tokens.subList(before, next).contains("[");
    if (OVER_TIME.contains(name) && !hasRange) {
      throw new IllegalArgumentException(name + " needs a range, as in metric[5m]");
    }
  }

  private void arguments() {
    expression();
    while (peek().equals(",")) {
      take();
      expression();
    }
    expect(")");
  }

  private void labels() {
    expect("(");
    while (!peek().equals(")")) {
      grouping.add(name());
      if (!peek().equals(")")) {
        expect(",");
      }
    }
    expect(")");
  }

  private void selector(String metric) {
    List<Label> labels = new ArrayList<>();
    if (peek().equals("{")) {
      take();
      while (!peek().equals("}")) {
        labels.add(label());
        if (!peek().equals("}")) {
          expect(",");
        }
      }
      take();
    }
    if (peek().equals("[")) {
      take();
      if (!DURATION.matcher(take()).matches()) {
        next--;
        throw unexpected("a time, as in 5m");
      }
      expect("]");
    }
    selectors.add(new Selector(metric, labels));
  }

  private Label label() {
    String name = name();
    String sign = take();
    String text = take();
    if (!Set.of("=", "!=", "=~", "!~").contains(sign) || !text.startsWith("\"")) {
      throw new IllegalArgumentException("label %s: %s %s".formatted(name, sign, text));
    }
    String value = text.substring(1, text.length() - 1);
    return switch (sign) {
      case "=" -> new Label(name, List.of(value));
      case "=~" -> new Label(name, List.of(value.split("\\|")));
      default -> new Label(name, List.of());
    };
  }

  private String name() {
    String name = take();
    if (!name.matches("[a-zA-Z_]\\w*")) {
      next--;
      throw unexpected("the name of a label");
    }
    return name;
  }

  private void expect(String token) {
    if (!peek().equals(token)) {
      throw unexpected(token);
    }
    take();
  }

  private String peek() {
    return next < tokens.size() ? tokens.get(next) : "";
  }

  private String take() {
    if (next == tokens.size()) {
      throw unexpected("more");
    }
    return tokens.get(next++);
  }

  private IllegalArgumentException unexpected(@Nullable String wanted) {
    return new IllegalArgumentException(
        "%s expected after %s".formatted(wanted, tokens.subList(0, next)));
  }
}
