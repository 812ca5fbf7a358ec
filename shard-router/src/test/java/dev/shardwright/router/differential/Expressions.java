package dev.shardwright.router.differential;

import dev.shardwright.router.differential.Source.Field;
import java.util.ArrayList;
import java.util.List;

/** Generates values and conditions over the rows of a source. */
final class Expressions {
  /** What stands in the text for a parameter until all are known, before its number. */
  static final char PARAMETER = '\u0001';

  private final Tape tape;
  private final List<Object> arguments = new ArrayList<>();

  Expressions(Tape tape) {
    this.tape = tape;
  }

  /** The arguments, each numbered by its place here. */
  List<Object> arguments() {
    return arguments;
  }

  Field field(Source source) {
    return tape.one(source.fields());
  }

  /** An expression and its type. */
  Field any(Source source) {
    Field field = field(source);
    return tape.chance(25) ? new Field(value(source, field.type(), 2), field.type()) : field;
  }

  String value(Source source, Type type, int depth) {
    List<Field> candidates = source.fields(type);
    if (depth == 0 || tape.chance(60)) {
      return candidates.isEmpty() ? literal(type) : tape.one(candidates).sql();
    }
    String a = value(source, type, depth - 1);
    return switch (type) {
      case INT -> number(source, a, depth);
      case NUMERIC ->
          tape.one(
              a,
              "abs(" + a + ")",
              "round(" + a + ", 1)",
              "(" + a + " + " + literal(Type.INT) + ")",
              "(" + a + " * 2)",
              "(" + a + " - 0.50)",
              "coalesce(" + a + ", 0)");
      case FLOAT -> tape.one(a, "(- " + a + ")", "(" + a + " * 2)", "abs(" + a + ")");
      case TEXT ->
          tape.one(
              a,
              "upper(" + a + ")",
              "(" + a + " || 'x')",
              "coalesce(" + a + ", '')",
              "substr(" + a + ", 1, 2)",
              value(source, Type.INT, depth - 1) + "::text");
      case GERMAN, FOLDED -> tape.one(a, "lower(" + a + ")", "coalesce(" + a + ", 'o')");
      case BOOL -> condition(source, depth - 1);
      case DATE -> tape.one(a, "(" + a + " + 1)");
      case INSTANT, LOCAL ->
          tape.one(
              a,
              "date_trunc('day', " + a + ")",
              "(" + a + " + interval '90 minutes')",
              "date_trunc('month', " + a + ")");
      case JSON -> tape.one(a, "(" + a + " -> 'a')");
      case BIGINT, SPAN, MOOD, TEXTS, INTS, BYTES, UUID -> a;
    };
  }

  private String number(Source source, String a, int depth) {
    String b = value(source, Type.INT, depth - 1);
    return switch (tape.below(8)) {
      case 0 -> "(" + a + " + " + b + ")";
      case 1 -> "(" + a + " % 5)";
      case 2 -> "coalesce(" + a + ", " + b + ")";
      case 3 -> "length(" + value(source, Type.TEXT, depth - 1) + ")";
      case 4 -> "case when " + condition(source, 0) + " then " + a + " else " + b + " end";
      case 5 -> "nullif(" + a + ", " + b + ")";
      case 6 -> "greatest(" + a + ", " + b + ")";
      default -> "(- " + a + ")";
    };
  }

  String literal(Type type) {
    return switch (type) {
      case INT -> Integer.toString(tape.below(40));
      case BIGINT -> Integer.toString(1 + tape.below(60));
      case NUMERIC -> tape.one("1", "2.50", "100", "0", "-0.1", "7.0");
      case FLOAT -> tape.one("0.1::float8", "0::float8", "3.25::float8");
      case TEXT ->
          tape.one(
              "'Anna'",
              "'o'",
              "'sent'",
              "''",
              "'de'",
              "'O''Hara'",
              "E'a\\\\b'",
              "'x'",
              "'eu'",
              "'user7@example.org'",
              "'user12@example.org'");
      case GERMAN -> "(" + tape.one("'Köln'", "'o'", "'für'") + " collate german)";
      case FOLDED -> "('MAX' collate folded)";
      case BOOL -> tape.one("true", "false", "null::boolean");
      case DATE -> tape.one("date '1990-06-15'", "current_date");
      case INSTANT ->
          tape.one(
              "timestamptz '2024-03-31 01:30:00+00'",
              "timestamptz '2024-03-31 01:20:00+00'",
              "timestamptz '2024-03-31 23:30:00+00'",
              "timestamptz '2024-06-01 00:00:00+00'");
      case LOCAL -> "timestamp '2024-02-29 13:30:00'";
      case SPAN -> "interval '1 day'";
      case MOOD -> "'fine'::mood";
      case TEXTS -> "array['t1', 'T1']";
      case INTS -> "array[1, 2]";
      case JSON -> "'{\"a\": 1}'::jsonb";
      case BYTES -> "'\\x4b'::bytea";
      case UUID ->
          tape.one(
              "'b977d048-8fe6-0ba2-7f01-392cfc686299'::uuid",
              "'5b4237eb-37d0-6e18-9f04-9592efb69ab3'::uuid",
              "'c4ca4238-a0b9-2382-0dcc-509a6f75849b'::uuid");
    };
  }

  /** A literal, or a parameter where its type can be told. */
  private String constant(Type type) {
    if ((type == Type.INT || type == Type.BIGINT) && tape.chance(30)) {
      return parameter(
          type == Type.INT ? (Object) tape.below(40) : (Object) (long) (1 + tape.below(60)));
    }
    if (type == Type.TEXT && tape.chance(30)) {
      return parameter(tape.one("Anna", "sent", "de", "O'Hara", "eu", "user7@example.org"));
    }
    return literal(type);
  }

  private String parameter(Object value) {
    arguments.add(value);
    return PARAMETER + Integer.toString(arguments.size() - 1) + PARAMETER;
  }

  String condition(Source source, int depth) {
    if (depth > 0 && tape.chance(35)) {
      return switch (tape.below(4)) {
        case 0 -> condition(source, depth - 1) + " and " + condition(source, depth - 1);
        case 1 -> "(" + condition(source, depth - 1) + " or " + condition(source, depth - 1) + ")";
        case 2 -> "not (" + condition(source, depth - 1) + ")";
        default -> subquery(source);
      };
    }
    Field field = depth > 0 ? any(source) : field(source);
    String a = field.sql();
    return switch (tape.below(9)) {
      case 0 -> a + " = " + constant(field.type());
      case 1 -> a + tape.one(" > ", " < ", " >= ", " <= ", " <> ") + constant(field.type());
      case 2 -> a + tape.one(" is null", " is not null");
      case 3 ->
          a
              + tape.one(" in (", " not in (")
              + constant(field.type())
              + ", "
              + constant(field.type())
              + ")";
      case 4 -> a + " between " + constant(field.type()) + " and " + constant(field.type());
      case 5 -> a + " is distinct from " + constant(field.type());
      case 6 -> field.type() == Type.TEXT ? a + " like '%n%'" : a + " = " + a;
      case 7 -> anyOf(a, field.type());
      default -> onKey(source.fields().get(0));
    };
  }

  private String onKey(Field key) {
    if (key.type() != Type.BIGINT || !tape.chance(60)) {
      return key.sql() + " = " + constant(key.type());
    }
    List<String> list = new ArrayList<>();
    for (int left = 2 + tape.below(6); left > 0; left--) {
      list.add(parameter((long) (1 + tape.below(60))));
    }
    return key.sql() + " in (" + String.join(", ", list) + ")";
  }

  private String anyOf(String a, Type type) {
    return type == Type.INTS || type == Type.TEXTS
        ? a + " && " + literal(type)
        : a + " = any (array[" + literal(type) + ", " + literal(type) + "])";
  }

  /** A condition on other rows. */
  private String subquery(Source source) {
    Source.Table table = tape.one(Source.TABLES);
    Source other = table.as("s");
    Field inner = tape.chance(50) ? other.fields().get(0) : field(other);
    Type type = inner.type();
    List<Field> same = source.fields(type);
    if (same.isEmpty()) {
      return "exists (select 1 from " + other.from() + " where " + condition(other, 0) + ")";
    }
    String outer = tape.chance(50) ? same.get(0).sql() : tape.one(same).sql();
    String more = tape.chance(40) ? " and " + condition(other, 0) : "";
    return switch (tape.below(5)) {
      case 0 ->
          "exists (select 1 from %s where %s = %s%s)"
              .formatted(other.from(), inner.sql(), outer, more);
      case 1 ->
          "not exists (select 1 from %s where %s = %s%s)"
              .formatted(other.from(), inner.sql(), outer, more);
      case 2 ->
          "%s in (select %s from %s where true%s)"
              .formatted(outer, inner.sql(), other.from(), more);
      case 3 ->
          "%s not in (select %s from %s where %s is not null%s)"
              .formatted(outer, inner.sql(), other.from(), inner.sql(), more);
      default ->
          "%s = (select %s from %s where true%s order by %s limit 1)"
              .formatted(outer, inner.sql(), other.from(), more, String.join(", ", other.unique()));
    };
  }
}
