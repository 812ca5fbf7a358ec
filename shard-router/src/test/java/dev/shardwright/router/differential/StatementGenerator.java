package dev.shardwright.router.differential;

import dev.shardwright.router.differential.Source.Field;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Generates queries over the tables of {@code schema.sql}, together with what PostgreSQL leaves
 * open in their answers.
 */
final class StatementGenerator {
  private final Tape tape;
  private final Expressions expressions;
  private final Sources sources;
  private final List<Field> items = new ArrayList<>();
  private final Set<Integer> close = new TreeSet<>();
  private final Set<Integer> bags = new TreeSet<>();
  private final Set<Integer> alike = new TreeSet<>();

  private StatementGenerator(Tape tape) {
    this.tape = tape;
    this.expressions = new Expressions(tape);
    this.sources = new Sources(tape, expressions);
  }

  static Generated from(Tape tape) {
    return new StatementGenerator(tape).statement();
  }

  private Generated statement() {
    return switch (tape.below(12)) {
      case 0, 1, 2 -> rows();
      case 3, 4, 5 -> groups();
      case 6 -> whole();
      case 7, 8 -> distinct();
      case 9 -> window();
      case 10 -> distinctOn();
      default -> setOperation();
    };
  }

  /** Rows in a total order, in any order, or ordered by what they show. */
  private Generated rows() {
    Source source = sources.source();
    select(source, 1 + tape.below(4));
    String body = body("select ", source);
    return switch (tape.below(4)) {
      case 0 -> done(body, Openness.ORDER);
      case 1, 2 -> done(body + totalOrder(source) + cut(), Openness.NOTHING);
      default -> ties(body);
    };
  }

  private Generated ties(String body) {
    int key = 1 + tape.below(items.size());
    if (items.get(key - 1).type().hasFaces()) {
      alike.add(key);
    }
    Openness open = Openness.NOTHING.withKeys(List.of(key));
    String cut = cut();
    String ordered = body + " order by " + direction(Integer.toString(key)) + cut;
    return done(ordered, cut.isEmpty() ? open : open.withOutOf(question(body).sql()));
  }

  private Generated groups() {
    Source source = sources.source();
    List<Field> keys = new ArrayList<>();
    int count = 1 + tape.below(2);
    for (int i = 0; i < count; i++) {
      keys.add(tape.chance(20) ? source.fields().get(0) : expressions.any(source));
    }
    Set<String> by = new LinkedHashSet<>();
    for (Field key : keys) {
      by.add(key.sql());
      add(key, key.type().hasFaces());
    }
    int aggregates = 1 + tape.below(3);
    for (int i = 0; i < aggregates; i++) {
      aggregate(source, true);
    }
    if (tape.chance(20) && source.fields().contains(keys.get(0))) {
      add(lookOf(keys.get(0)), false);
    }
    String sets = String.join(", ", by);
    String grouping =
        tape.chance(12)
            ? tape.one("rollup (", "cube (") + sets + ")"
            : tape.chance(20) && by.size() == keys.size() ? ordinals(keys.size()) : sets;
    String sql = body("select ", source) + " group by " + grouping;
    if (tape.chance(25)) {
      sql += " having " + having(source);
    }
    if (tape.chance(25)) {
      return done(sql, Openness.ORDER);
    }
    boolean plain = !grouping.startsWith("rollup") && !grouping.startsWith("cube");
    List<String> order = new ArrayList<>();
    for (int i = keys.size() + 1; i <= items.size(); i++) {
      if (tape.chance(20) && !close.contains(i) && !bags.contains(i)) {
        order.add(direction(Integer.toString(i)));
      }
    }
    for (int i = 1; i <= keys.size(); i++) {
      order.add(direction(Integer.toString(i)));
    }
    String ordered = sql + " order by " + String.join(", ", order);
    if (plain) {
      return done(ordered + cut(), Openness.NOTHING);
    }
    List<Integer> columns = new ArrayList<>();
    for (int i = 1; i <= keys.size(); i++) {
      columns.add(i);
    }
    return done(sql + " order by " + ordinals(keys.size()), Openness.NOTHING.withKeys(columns));
  }

  /** Whether a subquery sees the key as it is shown; a group by its looks would come in pieces. */
  private static Field lookOf(Field key) {
    String look = key.sql() + "::text";
    return new Field("(select " + look + ") is not distinct from " + look, Type.BOOL);
  }

  private String having(Source source) {
    List<Field> numbers = source.fields(Type.INT);
    String bound = Integer.toString(tape.below(4));
    return numbers.isEmpty() || tape.chance(50)
        ? "count(*) > " + bound
        : tape.one("min(", "max(", "avg(", "sum(") + tape.one(numbers).sql() + ") > " + bound;
  }

  /** One group of all rows. */
  private Generated whole() {
    Source source = sources.source();
    int aggregates = 1 + tape.below(4);
    for (int i = 0; i < aggregates; i++) {
      aggregate(source, true);
    }
    return done(body("select ", source), Openness.ORDER);
  }

  private Generated distinct() {
    Source source = sources.source();
    int count = 1 + tape.below(3);
    for (int i = 0; i < count; i++) {
      Field item = expressions.any(source);
      add(item, item.type().hasFaces());
    }
    String sql = body("select distinct ", source);
    if (tape.chance(30)) {
      return done(sql, Openness.ORDER);
    }
    return done(sql + " order by " + directed(items.size()) + cut(), Openness.NOTHING);
  }

  private Generated distinctOn() {
    Source source = sources.source();
    Field on = tape.chance(30) ? source.fields().get(0) : expressions.any(source);
    add(on, false);
    select(source, 1 + tape.below(2));
    String order = " order by " + direction(on.sql()) + ", " + unique(source);
    return done(
        body("select distinct on (" + on.sql() + ") ", source) + order + cut(), Openness.NOTHING);
  }

  private Generated window() {
    Source source = sources.source();
    select(source, 1 + tape.below(2));
    int windows = 1 + tape.below(2);
    for (int i = 0; i < windows; i++) {
      windowItem(source);
    }
    return done(body("select ", source) + totalOrder(source) + cut(), Openness.NOTHING);
  }

  private void windowItem(Source source) {
    String partition =
        tape.chance(60)
            ? "partition by "
                + (tape.chance(50) ? source.fields().get(0) : expressions.any(source)).sql()
                + " "
            : "";
    Field by = expressions.any(source);
    String total =
        "(" + partition + "order by " + direction(by.sql()) + ", " + unique(source) + ")";
    String peers = "(" + partition + "order by " + direction(by.sql()) + ")";
    Field item = expressions.field(source);
    List<Field> numbers = source.fields(Type.INT);
    String sum = numbers.isEmpty() ? "count(*)" : "sum(" + tape.one(numbers).sql() + ")";
    Field window =
        switch (tape.below(6)) {
          case 0 -> new Field("row_number() over " + total, Type.BIGINT);
          case 1 -> new Field("rank() over " + peers, Type.BIGINT);
          case 2 -> new Field("count(*) over (" + partition + ")", Type.BIGINT);
          case 3 -> new Field(sum + " over " + total, Type.BIGINT);
          case 4 -> new Field("lag(" + item.sql() + ") over " + total, item.type());
          default -> new Field("first_value(" + item.sql() + ") over " + total, item.type());
        };
    add(window, false);
  }

  private Generated setOperation() {
    Source a = sources.table();
    Source b = sources.table();
    List<Field> left = new ArrayList<>();
    List<Field> right = new ArrayList<>();
    int count = 1 + tape.below(2);
    for (int i = 0; i < count; i++) {
      Field one = expressions.any(a);
      List<Field> same = b.fields(one.type());
      left.add(one);
      right.add(
          same.isEmpty() ? new Field(expressions.literal(one.type()), one.type()) : tape.one(same));
    }
    left.forEach(item -> add(item, item.type().hasFaces()));
    String first = part(left, a);
    String second = part(right, b);
    String operator =
        tape.one(
            " union all ", " union ", " intersect ", " except ", " intersect all ", " except all ");
    String sql = first + operator + second;
    if (tape.chance(30)) {
      return done(sql, Openness.ORDER);
    }
    List<Integer> keys = new ArrayList<>();
    for (int i = 1; i <= items.size(); i++) {
      keys.add(i);
    }
    return done(
        sql + " order by " + ordinals(items.size()) + cut(), Openness.NOTHING.withKeys(keys));
  }

  private String part(List<Field> columns, Source source) {
    List<String> texts = new ArrayList<>();
    for (Field column : columns) {
      texts.add(column.sql() + " as c" + texts.size());
    }
    String sql = "select " + String.join(", ", texts) + " from " + source.from();
    return tape.chance(50) ? sql + " where " + expressions.condition(source, 1) : sql;
  }

  private void select(Source source, int count) {
    for (int i = 0; i < count; i++) {
      add(expressions.any(source), false);
    }
  }

  private void add(Field item, boolean hasFaces) {
    items.add(item);
    if (hasFaces) {
      alike.add(items.size());
    }
  }

  private void aggregate(Source source, boolean filters) {
    String filter =
        filters && tape.chance(15)
            ? " filter (where " + expressions.condition(source, 0) + ")"
            : "";
    Field of = tape.chance(20) ? expressions.any(source) : expressions.field(source);
    String a = of.sql();
    int place = items.size() + 1;
    Field made =
        switch (tape.below(10)) {
          case 0 -> new Field(counted(filter), Type.BIGINT);
          case 1, 2 -> sum(of, filter, place);
          case 3 -> extreme(of, filter, place);
          case 4 -> average(of, filter, place);
          case 5 -> new Field("count(distinct " + a + ")" + filter, Type.BIGINT);
          case 6 -> array(of, source, filter);
          case 7 -> listed(of, source, filter, place);
          case 8 -> flags(of, source, filter);
          default -> new Field("count(" + a + ")" + filter + " + 1", Type.BIGINT);
        };
    items.add(made);
  }

  /** Perhaps beside a subquery that every shard answers alike. */
  private String counted(String filter) {
    String count = "count(*)" + filter;
    return tape.chance(30) ? "greatest(" + count + ", (select min(p.id) from products p))" : count;
  }

  private Field sum(Field of, String filter, int place) {
    if (!of.type().isNumber()) {
      return new Field("count(" + of.sql() + ")" + filter, Type.BIGINT);
    }
    if (of.type() == Type.FLOAT) {
      close.add(place);
    }
    String sum = "sum(" + of.sql() + ")" + filter;
    return switch (tape.below(4)) {
      case 0, 1 -> new Field(sum, of.type());
      case 2 -> new Field("coalesce(" + sum + ", 0)", of.type());
      default -> new Field("sum(distinct " + of.sql() + ")" + filter, of.type());
    };
  }

  private Field extreme(Field of, String filter, int place) {
    if (of.type() == Type.BOOL || of.type() == Type.JSON || of.type() == Type.UUID) {
      return new Field("count(" + of.sql() + ")" + filter, Type.BIGINT);
    }
    if (of.type().hasFaces()) {
      alike.add(place);
    }
    return new Field(tape.one("min(", "max(") + of.sql() + ")" + filter, of.type());
  }

  private Field average(Field of, String filter, int place) {
    if (!of.type().isNumber()) {
      return new Field("count(" + of.sql() + ")" + filter, Type.BIGINT);
    }
    if (of.type() == Type.FLOAT) {
      close.add(place);
    }
    return new Field(tape.one("avg(", "avg(", "stddev(") + of.sql() + ")" + filter, Type.NUMERIC);
  }

  /** Of arrays it would fail with one error at a NULL, another at an empty one, as rows come. */
  private Field array(Field of, Source source, String filter) {
    if (of.type() == Type.TEXTS || of.type() == Type.INTS) {
      return new Field("count(" + of.sql() + ")" + filter, Type.BIGINT);
    }
    return new Field(
        "array_agg(%s order by %s)%s".formatted(of.sql(), unique(source), filter), Type.TEXTS);
  }

  private Field listed(Field of, Source source, String filter, int place) {
    if (!of.type().isText()) {
      return new Field(
          "percentile_disc(0.5) within group (order by " + source.unique().get(0) + ")" + filter,
          Type.TEXT);
    }
    if (tape.chance(30)) {
      bags.add(place);
      return new Field("string_agg(" + of.sql() + ", ',')" + filter, Type.TEXT);
    }
    return new Field(
        "string_agg(%s, ',' order by %s)%s".formatted(of.sql(), unique(source), filter), Type.TEXT);
  }

  private Field flags(Field of, Source source, String filter) {
    if (of.type() == Type.INT) {
      return new Field(
          tape.one("bit_or(", "bit_and(", "bit_xor(") + of.sql() + ")" + filter, of.type());
    }
    return new Field(
        tape.one("bool_or(", "bool_and(") + expressions.condition(source, 0) + ")" + filter,
        Type.BOOL);
  }

  private String body(String select, Source source) {
    StringBuilder sql = new StringBuilder();
    if (!source.with().isEmpty()) {
      sql.append("with ").append(source.with()).append(' ');
    }
    sql.append(select);
    for (int i = 0; i < items.size(); i++) {
      sql.append(i == 0 ? "" : ", ").append(items.get(i).sql()).append(" as c").append(i);
    }
    sql.append(" from ").append(source.from());
    if (tape.chance(50)) {
      sql.append(" where ").append(expressions.condition(source, 2));
    }
    return sql.toString();
  }

  private String totalOrder(Source source) {
    String first = tape.chance(60) ? direction(expressions.any(source).sql()) + ", " : "";
    return " order by " + first + unique(source);
  }

  private static String unique(Source source) {
    return String.join(", ", source.unique());
  }

  private String direction(String key) {
    return key + tape.one("", " desc", " nulls first", " desc nulls last");
  }

  private String directed(int count) {
    List<String> keys = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      keys.add(direction(Integer.toString(i)));
    }
    return String.join(", ", keys);
  }

  private static String ordinals(int count) {
    List<String> keys = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      keys.add(Integer.toString(i));
    }
    return String.join(", ", keys);
  }

  private String cut() {
    return switch (tape.below(6)) {
      case 3 -> " limit " + tape.below(12);
      case 4 -> " limit " + tape.below(12) + " offset " + tape.below(12);
      case 5 -> " offset " + tape.below(20);
      default -> "";
    };
  }

  private Question question(String sql) {
    return Generated.question(sql, expressions.arguments());
  }

  private Generated done(String sql, Openness open) {
    return new Generated(question(sql), open.withClose(close).withBags(bags).withAlike(alike));
  }
}
