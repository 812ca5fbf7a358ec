package dev.shardwright.router.differential;

import java.math.BigDecimal;
import java.sql.Date;
import java.sql.Timestamp;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the hand-written statements; {@code corpus/README.md} says how they are written down. */
final class Corpus {
  private static final List<String> QUERIES =
      List.of(
          "rows.txt",
          "order.txt",
          "limit.txt",
          "distinct.txt",
          "group.txt",
          "aggregates.txt",
          "windows.txt",
          "sets.txt",
          "subqueries.txt",
          "joins.txt",
          "keys.txt",
          "parameters.txt",
          "lists.txt",
          "names.txt",
          "scopes.txt",
          "time.txt",
          "refused.txt");

  private static final Pattern HEAD =
      Pattern.compile(
          "(any|one|single|merge|combine|gather|split|all|fails [0-9A-Z]{5}|refused"
              + " (?:SW\\d{3}|42601)[^:]*):(.*)");

  private final List<CorpusCase> cases = new ArrayList<>();
  private final String file;
  private @Nullable Draft draft;

  /** A case of which not all lines have been read. */
  private static final class Draft {
    private final String at;
    private final String head;
    private final StringBuilder sql;
    private final List<Object> arguments = new ArrayList<>();
    private final List<String> before = new ArrayList<>();
    private Optional<String> onOne = Optional.empty();
    private Openness open = Openness.NOTHING;
    private boolean empty;
    private boolean checked = true;
    private boolean optIn;
    private boolean driverOnly;
    private int since;

    Draft(String at, String head, String sql) {
      this.at = at;
      this.head = head;
      this.sql = new StringBuilder(sql);
    }

    CorpusCase done() {
      String text = sql.toString().strip();
      String[] words = head.split(" ");
      return new CorpusCase(
          at,
          words[0],
          Arrays.asList(words).subList(1, words.length),
          new Question(text, arguments),
          onOne,
          open.withOrder(orders(text)),
          before,
          empty,
          checked,
          optIn,
          driverOnly || optIn || !before.isEmpty(),
          since);
    }

    void option(String name, String value) {
      switch (name) {
        case "ties" -> open = open.withKeys(List.copyOf(columns(value)));
        case "out-of" -> open = open.withOutOf(value);
        case "close" -> open = open.withClose(Set.copyOf(columns(value)));
        case "bag" -> open = open.withBags(Set.copyOf(columns(value)));
        case "alike" -> open = open.withAlike(Set.copyOf(columns(value)));
        case "one" -> onOne = Optional.of(value);
        case "set" -> before.add("set " + value);
        case "empty" -> empty = true;
        case "open" -> checked = false;
        case "opt-in" -> optIn = true;
        case "driver" -> driverOnly = true;
        case "since" -> since = Integer.parseInt(value);
        case "with" ->
            Arrays.stream(value.split(", ", -1)).map(Draft::argument).forEach(arguments::add);
        default -> throw new IllegalArgumentException(at + ": no option @" + name);
      }
    }

    private static List<Integer> columns(String list) {
      return Arrays.stream(list.split(" ")).map(Integer::valueOf).toList();
    }

    private static @Nullable Object argument(String text) {
      String[] parts = text.split(" ", 2);
      String value = parts.length == 1 ? "" : parts[1];
      return switch (parts[0]) {
        case "null" -> null;
        case "short" -> Short.valueOf(value);
        case "int" -> Integer.valueOf(value);
        case "long" -> Long.valueOf(value);
        case "double" -> Double.valueOf(value);
        case "float" -> Float.valueOf(value);
        case "decimal" -> new BigDecimal(value);
        case "boolean" -> Boolean.valueOf(value);
        case "text" -> value;
        case "uuid" -> UUID.fromString(value);
        case "bytes" -> HexFormat.of().parseHex(value);
        case "day" -> LocalDate.parse(value);
        case "time" -> LocalTime.parse(value);
        case "instant" -> OffsetDateTime.parse(value);
        case "local" -> LocalDateTime.parse(value);
        case "timestamp" -> Timestamp.valueOf(value);
        case "date" -> Date.valueOf(value);
        case "longs" -> Arrays.stream(value.split(" ")).map(Long::valueOf).toArray(Long[]::new);
        case "texts" -> value.split(" ");
        default -> throw new IllegalArgumentException("no type '" + parts[0] + "' of parameters");
      };
    }
  }

  private Corpus(String file) {
    this.file = file;
  }

  /** The queries that use nothing newer than a server of that version. */
  static List<CorpusCase> queries(int majorVersion) {
    return QUERIES.stream()
        .flatMap(file -> read(file).stream())
        .filter(each -> each.since() <= majorVersion)
        .toList();
  }

  static List<CorpusCase> read(String file) {
    return of(file, Resources.text("corpus/" + file));
  }

  static List<CorpusCase> of(String file, String text) {
    Corpus corpus = new Corpus(file);
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      corpus.line(number, line);
    }
    corpus.finish();
    return corpus.cases;
  }

  private void line(int number, String line) {
    if (line.isBlank() || line.startsWith("#")) {
      finish();
    } else if (!line.startsWith(" ")) {
      finish();
      Matcher head = HEAD.matcher(line);
      if (!head.matches()) {
        throw new IllegalArgumentException(file + ":" + number + ": no expectation in " + line);
      }
      draft = new Draft(file + ":" + number, head.group(1), head.group(2).strip());
    } else if (draft == null) {
      throw new IllegalArgumentException(file + ":" + number + ": belongs to no statement");
    } else if (line.strip().startsWith("@")) {
      String[] option = line.strip().substring(1).split(" ", 2);
      draft.option(option[0], option.length == 1 ? "" : option[1]);
    } else {
      draft.sql.append('\n').append(line);
    }
  }

  private void finish() {
    if (draft != null) {
      cases.add(draft.done());
      draft = null;
    }
  }

  /** Whether a statement has an ORDER BY of its own, outside of all brackets. */
  private static boolean orders(String sql) {
    String bare = sql;
    String before;
    do {
      before = bare;
      bare = bare.replaceAll("\\([^()]*\\)", "");
    } while (!bare.equals(before));
    return Pattern.compile("\\border\\s+by\\b", Pattern.CASE_INSENSITIVE).matcher(bare).find();
  }

  /** How often each level occurs. */
  static String summary(List<String> levels) {
    return levels.stream()
        .collect(Collectors.groupingBy(level -> level, TreeMap::new, Collectors.counting()))
        .toString();
  }
}
