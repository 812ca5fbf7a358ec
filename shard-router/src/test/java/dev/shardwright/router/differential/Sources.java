package dev.shardwright.router.differential;

import dev.shardwright.router.differential.Source.Field;
import dev.shardwright.router.differential.Source.Table;
import java.util.ArrayList;
import java.util.List;

/** Generates what stands after FROM. */
final class Sources {
  private final Tape tape;
  private final Expressions expressions;
  private int aliases;

  Sources(Tape tape, Expressions expressions) {
    this.tape = tape;
    this.expressions = expressions;
  }

  Source source() {
    return switch (tape.below(12)) {
      case 0, 1, 2, 3 -> table();
      case 4, 5 -> colocated();
      case 6 -> withReference();
      case 7 -> fromReference();
      case 8 -> otherColumns();
      case 9 -> derived();
      case 10 -> common();
      default -> grouped();
    };
  }

  private String alias() {
    return "t" + aliases++;
  }

  Source table() {
    return tape.one(Source.TABLES).as(alias());
  }

  private Source colocated() {
    Table first = tape.one(Source.TABLES);
    List<Table> partners = Source.TABLES.stream().filter(first::isWith).toList();
    if (partners.isEmpty()) {
      return first.as(alias());
    }
    Table second = tape.one(partners);
    Source a = first.as(alias());
    Source b = second.as(alias());
    String on = "on " + a.fields().get(0).sql() + " = " + b.fields().get(0).sql();
    if (tape.chance(30)) {
      on += " and " + expressions.condition(tape.one(a, b), 0);
    }
    return a.join(tape.one("join", "left join", "right join", "full join"), b, on);
  }

  private Source withReference() {
    boolean people = tape.chance(50);
    Source a = tableOf(people ? "people" : "orders").as(alias());
    Source b = tableOf(people ? "countries" : "products").as(alias());
    String column = people ? ".country = " : ".product_id = ";
    String on = "on " + nameOf(a) + column + b.unique().get(0);
    return a.join(tape.one("join", "left join"), b, on);
  }

  private Source fromReference() {
    boolean people = tape.chance(50);
    Source a = tableOf(people ? "countries" : "products").as(alias());
    Source b = tableOf(people ? "people" : "orders").as(alias());
    String column = people ? ".country = " : ".product_id = ";
    return a.join(
        tape.one("left join", "full join", "join"),
        b,
        "on " + nameOf(b) + column + a.unique().get(0));
  }

  private Source otherColumns() {
    Source a = table();
    Source b = table();
    Field left = expressions.field(a);
    List<Field> same = b.fields(left.type());
    if (same.isEmpty()) {
      return a;
    }
    return a.join(
        tape.one("join", "left join"), b, "on " + left.sql() + " = " + tape.one(same).sql());
  }

  /** A query in brackets, with or without LIMIT. */
  private Source derived() {
    String alias = alias();
    Inner inner = inner(alias);
    return new Source("", "(" + inner.sql + ") " + alias, inner.fields, inner.unique);
  }

  private Source common() {
    String name = "c" + alias();
    Inner inner = inner(name);
    return new Source(name + " as (" + inner.sql + ")", name, inner.fields, inner.unique);
  }

  private record Inner(String sql, List<Field> fields, List<String> unique) {}

  private Inner inner(String alias) {
    Source of = tape.chance(60) ? table() : colocated();
    List<String> items = new ArrayList<>();
    List<Field> fields = new ArrayList<>();
    List<String> unique = new ArrayList<>();
    for (String each : of.unique()) {
      Field known =
          of.fields().stream().filter(field -> field.sql().equals(each)).findFirst().orElseThrow();
      items.add(each + " as u" + items.size());
      unique.add(alias + ".u" + (items.size() - 1));
      fields.add(new Field(alias + ".u" + (items.size() - 1), known.type()));
    }
    int more = 1 + tape.below(3);
    for (int i = 0; i < more; i++) {
      Field item = expressions.any(of);
      items.add(item.sql() + " as f" + i);
      fields.add(new Field(alias + ".f" + i, item.type()));
    }
    String sql = "select " + String.join(", ", items) + " from " + of.from();
    if (tape.chance(50)) {
      sql += " where " + expressions.condition(of, 1);
    }
    if (tape.chance(25)) {
      sql += " order by " + String.join(", ", of.unique()) + " limit " + (1 + tape.below(30));
    }
    return new Inner(sql, fields, unique);
  }

  /** Groups, joined with nothing. */
  private Source grouped() {
    Source of = table();
    String alias = alias();
    Field key = tape.chance(40) ? of.fields().get(0) : expressions.field(of);
    if (key.type().hasFaces()) {
      key = of.fields().get(0);
    }
    List<Field> numbers = of.fields(Type.INT);
    String sum = numbers.isEmpty() ? "count(*)" : "sum(" + tape.one(numbers).sql() + ")";
    String sql =
        "(select %s as k, count(*) as n, %s as s from %s group by %s) %s"
            .formatted(key.sql(), sum, of.from(), key.sql(), alias);
    return new Source(
        "",
        sql,
        List.of(
            new Field(alias + ".k", key.type()),
            new Field(alias + ".n", Type.BIGINT),
            new Field(alias + ".s", Type.BIGINT)),
        List.of(alias + ".k"));
  }

  private static Table tableOf(String name) {
    return Source.TABLES.stream()
        .filter(table -> table.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static String nameOf(Source source) {
    String field = source.fields().get(0).sql();
    return field.substring(0, field.indexOf('.'));
  }
}
