package dev.shardwright.router.internal.sql.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.router.internal.sql.answer.Answer;
import dev.shardwright.router.internal.sql.answer.ColumnType;
import dev.shardwright.router.internal.sql.answer.Combine;
import dev.shardwright.router.internal.sql.answer.Cut;
import dev.shardwright.router.internal.sql.answer.Gather;
import dev.shardwright.router.internal.sql.answer.MergeGroups;
import dev.shardwright.router.internal.sql.answer.MergeRows;
import dev.shardwright.router.internal.sql.answer.SortKey;
import dev.shardwright.router.internal.sql.answer.TokenFilter;
import dev.shardwright.router.internal.sql.functions.OutputNames;
import dev.shardwright.router.internal.sql.scan.Binding;
import dev.shardwright.router.internal.sql.scan.SqlText;
import dev.shardwright.router.internal.sql.tables.DeclaredTables;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.TestDatabase;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Databases with parts of the rows and one with all of them, to see whether an answer is what one
 * PostgreSQL says. Puts answers together in the simplest way that is right.
 */
final class AnswerLab implements AutoCloseable {
  private static final int SHARDS = 3;
  private static final OffsetDateTime NOW =
      OffsetDateTime.of(2026, 2, 3, 4, 5, 6, 0, ZoneOffset.UTC);

  private final List<TestDatabase> databases = new ArrayList<>();
  private final List<Connection> shards = new ArrayList<>();
  private final Connection whole;
  private final Map<String, String> keys;
  private final Set<String> references;

  /**
   * @param keys the columns that place the rows of the sharded tables
   */
  AnswerLab(String schema, Map<String, String> keys, Set<String> references) throws SQLException {
    this.keys = keys;
    this.references = references;
    for (int i = 0; i <= SHARDS; i++) {
      TestDatabase database = PostgresServer.shared().freshDatabase();
      databases.add(database);
      database.execute(schema);
    }
    for (int i = 0; i < SHARDS; i++) {
      int shard = i;
      for (Map.Entry<String, String> table : keys.entrySet()) {
        databases
            .get(shard)
            .execute(
                "delete from %s where abs(hashtext(%s::text)) %% %d <> %d"
                    .formatted(table.getKey(), table.getValue(), SHARDS, shard));
      }
      shards.add(connect(databases.get(i)));
    }
    whole = connect(databases.get(SHARDS));
  }

  /** The text protocol, as the router uses it for rows that PostgreSQL is to read again. */
  private static Connection connect(TestDatabase database) throws SQLException {
    return DriverManager.getConnection(
        database.url() + "?prepareThreshold=0&binaryTransfer=false",
        database.user(),
        database.password());
  }

  /** What came back, with the names of the columns. */
  record Rows(List<String> names, List<List<@Nullable String>> rows) {}

  /** The answers that the planner gives. */
  List<Answer> answers(String sql) {
    return answers(sql, TokenFilter.NONE);
  }

  List<Answer> answers(String sql, TokenFilter filter) {
    ParsedStatement statement = ParsedStatement.of(sql);
    return AnswerPlanner.answers(
        statement, new DeclaredTables(statement, keys, references), filter);
  }

  /** Changes what one PostgreSQL has. */
  void executeOnWhole(String sql) throws SQLException {
    try (Statement statement = whole.createStatement()) {
      statement.execute(sql);
    }
  }

  /** What one PostgreSQL says. */
  Rows expected(String sql, @Nullable Object... values) throws SQLException {
    ParsedStatement statement = ParsedStatement.of(sql);
    return run(whole, statement.text(), Arrays.asList(values), List.of()).visible(0);
  }

  /** How a shard carries out a part that has no parameters. */
  List<String> plan(SqlText part) throws SQLException {
    SqlText explain = SqlText.of("explain (verbose, costs off) " + part.text());
    Result plan = run(shards.get(0), explain, List.of(), List.of());
    return plan.rows().stream().map(row -> String.valueOf(row.get(0)).strip()).toList();
  }

  /** What the answer gives; empty if it does not fit the types. */
  Optional<Rows> run(Answer answer, String sql, @Nullable Object... values) throws SQLException {
    List<@Nullable Object> given = Arrays.asList(values);
    if (answer instanceof Combine combine) {
      return combine(combine, ParsedStatement.of(sql), given);
    }
    if (answer instanceof MergeRows merge) {
      return merge(merge, given);
    }
    if (answer instanceof MergeGroups merge) {
      return merge(merge, given);
    }
    return Optional.of(gather((Gather) answer, given));
  }

  private Optional<Rows> combine(
      Combine combine, ParsedStatement statement, List<@Nullable Object> given)
      throws SQLException {
    List<Result> parts = new ArrayList<>();
    for (Connection shard : shards) {
      parts.add(run(shard, combine.part(), given, List.of()));
    }
    List<String> names = describe(shards.get(0), statement.text());
    Result first = parts.get(0);
    Optional<SqlText> last = combine.last().over(types(first), first.visible(0).names(), names);
    if (last.isEmpty()) {
      return Optional.empty();
    }
    List<List<@Nullable String>> partials =
        parts.stream().flatMap(part -> part.rows().stream()).toList();
    return Optional.of(run(shards.get(0), last.get(), given, partials).visible(0));
  }

  private static List<ColumnType> types(Result part) {
    return part.types().stream().map(name -> new ColumnType(name, "")).toList();
  }

  private Optional<Rows> merge(MergeRows merge, List<@Nullable Object> given) throws SQLException {
    List<List<@Nullable String>> rows = new ArrayList<>();
    List<String> names = List.of();
    for (Connection shard : shards) {
      Result part = run(shard, merge.part(), given, List.of());
      if (!comparable(part, merge.order())) {
        return Optional.empty();
      }
      List<List<@Nullable String>> sorted = new ArrayList<>(part.rows());
      sorted.sort(order(part, merge.order()));
      assertThat(keysOf(sorted, merge.order()))
          .as("order of a part")
          .isEqualTo(keysOf(part.rows(), merge.order()));
      rows.addAll(part.rows());
      names = part.visible(merge.hidden()).names();
      rows.sort(order(part, merge.order()));
    }
    if (merge.distinct()) {
      rows = new ArrayList<>(new LinkedHashMap<>(byKeys(rows, merge.order())).values());
    }
    List<List<@Nullable String>> cut = cut(rows, merge.cut(), merge.order(), given);
    return Optional.of(new Rows(names, visible(cut, merge.hidden())));
  }

  private static Map<Object, List<@Nullable String>> byKeys(
      List<List<@Nullable String>> rows, List<SortKey> order) {
    Map<Object, List<@Nullable String>> first = new LinkedHashMap<>();
    rows.forEach(row -> first.putIfAbsent(keysOf(List.of(row), order), row));
    return first;
  }

  private Optional<Rows> merge(MergeGroups merge, List<@Nullable Object> given)
      throws SQLException {
    Map<Object, List<@Nullable String>> groups = new LinkedHashMap<>();
    Result part = new Result(List.of(), List.of(), List.of());
    for (Connection shard : shards) {
      part = run(shard, merge.part(), given, List.of());
      if (!comparable(part, merge.groups()) || !comparable(part, merge.order())) {
        return Optional.empty();
      }
      for (int i = 0; i < merge.columns().size(); i++) {
        boolean number = isNumber(part.types().get(i)) || part.types().get(i).equals("bool");
        MergeGroups.Fold fold = merge.columns().get(i);
        boolean fits =
            fold == MergeGroups.Fold.AVERAGE ? part.types().get(i).equals("numeric") : number;
        if (fold != MergeGroups.Fold.SAME && !fits) {
          return Optional.empty();
        }
      }
      for (List<@Nullable String> row : part.rows()) {
        groups.merge(keysOf(List.of(row), merge.groups()), row, (a, b) -> fold(a, b, merge));
      }
    }
    List<List<@Nullable String>> rows = new ArrayList<>();
    for (List<@Nullable String> group : groups.values()) {
      rows.add(withAverages(group, merge));
    }
    rows.sort(order(part, merge.groups()));
    rows.sort(order(part, merge.order()));
    int hidden = part.types().size() - merge.columns().size();
    return Optional.of(
        new Rows(
            part.visible(hidden).names(),
            visible(cut(rows, merge.cut(), merge.order(), given), hidden)));
  }

  private static List<@Nullable String> fold(
      List<@Nullable String> a, List<@Nullable String> b, MergeGroups merge) {
    List<@Nullable String> folded = new ArrayList<>(a);
    for (int i = 0; i < folded.size(); i++) {
      String left = a.get(i);
      String right = b.get(i);
      if (left == null || right == null) {
        folded.set(i, left == null ? right : left);
        continue;
      }
      folded.set(
          i,
          switch (merge.fold(i + 1)) {
            case SAME, AVERAGE -> left;
            case COUNT, SUM, EXACT_SUM ->
                new BigDecimal(left).add(new BigDecimal(right)).toPlainString();
            case MIN -> new BigDecimal(left).compareTo(new BigDecimal(right)) <= 0 ? left : right;
            case MAX -> new BigDecimal(left).compareTo(new BigDecimal(right)) >= 0 ? left : right;
            case BOOL_AND -> left.equals("t") && right.equals("t") ? "t" : "f";
            case BOOL_OR -> left.equals("t") || right.equals("t") ? "t" : "f";
            case BIT_AND -> Long.toString(Long.parseLong(left) & Long.parseLong(right));
            case BIT_OR -> Long.toString(Long.parseLong(left) | Long.parseLong(right));
            case BIT_XOR -> Long.toString(Long.parseLong(left) ^ Long.parseLong(right));
          });
    }
    return folded;
  }

  /** PostgreSQL divides. */
  private List<@Nullable String> withAverages(List<@Nullable String> group, MergeGroups merge)
      throws SQLException {
    List<@Nullable String> row = new ArrayList<>(group);
    for (MergeGroups.Average average : merge.averages()) {
      try (PreparedStatement division =
          shards.get(0).prepareStatement("select (?::numeric / nullif(?::numeric, 0))::text")) {
        division.setString(1, group.get(average.sums() - 1));
        division.setString(2, group.get(average.counts() - 1));
        try (ResultSet result = division.executeQuery()) {
          result.next();
          row.set(average.column() - 1, result.getString(1));
        }
      }
    }
    return row;
  }

  private Rows gather(Gather gather, List<@Nullable Object> given) throws SQLException {
    Connection place = shards.get(0);
    place.setAutoCommit(false);
    try {
      for (Gather.Copy copy : gather.copies()) {
        copy(copy, place, given);
      }
      return run(place, gather.last(), given, List.of()).visible(0);
    } finally {
      place.rollback();
      place.setAutoCommit(true);
    }
  }

  private void copy(Gather.Copy copy, Connection place, List<@Nullable Object> given)
      throws SQLException {
    String table =
        OutputNames.quoted(copy.table().schema()) + "." + OutputNames.quoted(copy.table().name());
    List<String> all = columns(table, "true");
    List<String> key =
        columns(
            table,
            "attnum = any ((select conkey from pg_constraint where conrelid = '%s'::regclass and"
                    .formatted(table)
                + " contype = 'p')::int2[])");
    List<String> needed =
        copy.columns().isEmpty()
            ? all
            : all.stream()
                .filter(name -> copy.columns().get().contains(name) || key.contains(name))
                .toList();
    String list = String.join(", ", needed.stream().map(OutputNames::quoted).toList());
    String temporary = "pg_temp." + OutputNames.quoted(copy.table().name());
    try (Statement statement = place.createStatement()) {
      statement.execute(
          "create temporary table %s on commit drop as select %s from %s where false"
              .formatted(OutputNames.quoted(copy.table().name()), list, table));
      if (!key.isEmpty()) {
        statement.execute(
            "alter table %s add primary key (%s)"
                .formatted(
                    temporary, String.join(", ", key.stream().map(OutputNames::quoted).toList())));
      }
    }
    for (Connection shard : shards) {
      SqlText condition = copy.condition().orElse(SqlText.of("true"));
      SqlText rows =
          new SqlText(
              "select %s from %s where %s".formatted(list, table, condition.text()),
              condition.bindings());
      Result read = run(shard, rows, given, List.of());
      for (List<@Nullable String> row : read.rows()) {
        String values = String.join(", ", Collections.nCopies(row.size(), "?::text"));
        StringBuilder casts = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
          casts.append(i == 0 ? "" : ", ").append("v.c").append(i);
          casts.append("::\"").append(read.types().get(i)).append('"');
        }
        StringBuilder names = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
          names.append(i == 0 ? "" : ", ").append("c").append(i);
        }
        try (PreparedStatement insert =
            place.prepareStatement(
                "insert into %s (%s) select %s from (values (%s)) as v(%s)"
                    .formatted(temporary, list, casts, values, names))) {
          for (int i = 0; i < row.size(); i++) {
            insert.setString(i + 1, row.get(i));
          }
          insert.execute();
        }
      }
    }
  }

  private List<String> columns(String table, String which) throws SQLException {
    List<String> names = new ArrayList<>();
    try (Statement statement = whole.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select attname from pg_attribute where attrelid = '%s'::regclass and attnum > 0 and not attisdropped and %s order by attnum"
                    .formatted(table, which))) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    return names;
  }

  private static List<List<@Nullable String>> cut(
      List<List<@Nullable String>> rows,
      Cut cut,
      List<SortKey> order,
      List<@Nullable Object> given) {
    int from = (int) Math.min(rows.size(), amount(cut.offset(), given, 0));
    int to = from + (int) Math.min(rows.size() - from, amount(cut.limit(), given, rows.size()));
    while (cut.withTies() && to > from && to < rows.size()) {
      if (!keysOf(rows.subList(to, to + 1), order)
          .equals(keysOf(rows.subList(to - 1, to), order))) {
        break;
      }
      to++;
    }
    return rows.subList(from, to);
  }

  private static long amount(Optional<Cut.Amount> amount, List<@Nullable Object> given, long none) {
    if (amount.isEmpty()) {
      return none;
    }
    if (amount.get() instanceof Cut.Amount.Literal literal) {
      return literal.rows();
    }
    Object value = given.get(((Cut.Amount.Parameter) amount.get()).place() - 1);
    return value == null ? none : ((Number) value).longValue();
  }

  private static List<List<@Nullable String>> visible(
      List<List<@Nullable String>> rows, int hidden) {
    return rows.stream().map(row -> row.subList(0, row.size() - hidden)).toList();
  }

  private static boolean comparable(Result part, List<SortKey> order) {
    return order.stream().allMatch(key -> comparable(part, key));
  }

  private static boolean comparable(Result part, SortKey key) {
    String type = part.types().get(at(key.column(), part.types().size()));
    if (isNumber(type)
        || Set.of("bool", "timestamp", "timestamptz", "date", "uuid").contains(type)) {
      return true;
    }
    if (!Set.of("text", "varchar").contains(type)) {
      return false;
    }
    int collation = at(key.collation().orElseThrow(), part.types().size());
    return part.rows().stream()
        .allMatch(
            row -> Set.of("\"default\"", "\"C\"").contains(String.valueOf(row.get(collation))));
  }

  private static boolean isNumber(String type) {
    return Set.of("int2", "int4", "int8", "numeric").contains(type);
  }

  private static Comparator<List<@Nullable String>> order(Result part, List<SortKey> order) {
    Comparator<List<@Nullable String>> all = Comparator.comparing(row -> 0);
    for (SortKey key : order) {
      int at = at(key.column(), part.types().size());
      Comparator<String> values =
          isNumber(part.types().get(at))
              ? Comparator.comparing(BigDecimal::new)
              : Comparator.comparing(
                  text -> text.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);
      Comparator<String> directed = key.descending() ? values.reversed() : values;
      all =
          all.thenComparing(
              row -> row.get(at),
              key.nullsFirst() ? Comparator.nullsFirst(directed) : Comparator.nullsLast(directed));
    }
    return all;
  }

  private static List<Object> keysOf(List<List<@Nullable String>> rows, List<SortKey> order) {
    List<Object> keys = new ArrayList<>();
    for (List<@Nullable String> row : rows) {
      for (SortKey key : order) {
        keys.add(String.valueOf(row.get(at(key.column(), row.size()))));
      }
    }
    return keys;
  }

  private static int at(int column, int size) {
    return column > 0 ? column - 1 : size + column;
  }

  /** Rows as text, with the types of the columns. */
  private record Result(List<String> names, List<String> types, List<List<@Nullable String>> rows) {
    Rows visible(int hidden) {
      return new Rows(names.subList(0, names.size() - hidden), AnswerLab.visible(rows, hidden));
    }
  }

  private static List<String> describe(Connection connection, SqlText text) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(text.text())) {
      ResultSetMetaData columns = statement.getMetaData();
      List<String> names = new ArrayList<>();
      for (int i = 1; i <= columns.getColumnCount(); i++) {
        names.add(columns.getColumnLabel(i));
      }
      return names;
    }
  }

  private static Result run(
      Connection connection,
      SqlText text,
      List<@Nullable Object> given,
      List<List<@Nullable String>> partials)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(text.text())) {
      for (int i = 0; i < text.bindings().size(); i++) {
        Binding binding = text.bindings().get(i);
        if (binding instanceof Binding.Parameter parameter) {
          statement.setObject(i + 1, given.get(parameter.place() - 1));
        } else if (binding instanceof Binding.Partials column) {
          Object[] values = partials.stream().map(row -> row.get(column.column() - 1)).toArray();
          statement.setArray(i + 1, connection.createArrayOf("text", values));
        } else {
          statement.setObject(i + 1, NOW);
        }
      }
      try (ResultSet rows = statement.executeQuery()) {
        return read(rows);
      }
    } catch (SQLException e) {
      throw new SQLException(e.getMessage() + "\n  in: " + text.text(), e.getSQLState(), e);
    }
  }

  private static Result read(ResultSet rows) throws SQLException {
    ResultSetMetaData columns = rows.getMetaData();
    List<String> names = new ArrayList<>();
    List<String> types = new ArrayList<>();
    for (int i = 1; i <= columns.getColumnCount(); i++) {
      names.add(columns.getColumnLabel(i));
      types.add(
          columns.getColumnTypeName(i).replace("bigserial", "int8").replace("serial", "int4"));
    }
    List<List<@Nullable String>> all = new ArrayList<>();
    while (rows.next()) {
      List<@Nullable String> row = new ArrayList<>();
      for (int i = 1; i <= names.size(); i++) {
        row.add(rows.getString(i));
      }
      all.add(row);
    }
    return new Result(names, types, all);
  }

  @Override
  public void close() throws SQLException {
    for (Connection shard : shards) {
      shard.close();
    }
    whole.close();
    for (TestDatabase database : databases) {
      database.close();
    }
  }
}
