package dev.shardwright.admin;

import java.sql.SQLException;
import java.util.List;

/**
 * A schema that a session finds names in first, with a namesake for each operator, function and
 * type that a guard uses. They answer so that a guard that names one of them without its schema
 * lets strays pass, or loses rows.
 */
final class HostileNames {
  private record Namesake(String name, List<String> arguments, String type, String answer) {
    String function() {
      return "create function evil.%s(%s) returns %s immutable language sql as $$select %s$$"
          .formatted(functionName(), String.join(", ", arguments), type, answer);
    }

    String operator() {
      return "create operator evil.%s (function = evil.%s, leftarg = %s, rightarg = %s)"
          .formatted(name, functionName(), arguments.get(0), arguments.get(1));
    }

    boolean isOperator() {
      return !Character.isLetter(name.charAt(0));
    }

    private String functionName() {
      return isOperator() ? "operator_" + Integer.toHexString((name + arguments).hashCode()) : name;
    }
  }

  private static final List<Namesake> NAMESAKES =
      List.of(
          new Namesake("<@", List.of("int8", "int8multirange"), "boolean", "true"),
          new Namesake("=", List.of("text", "text"), "boolean", "true"),
          new Namesake("<>", List.of("text", "text"), "boolean", "false"),
          new Namesake("=", List.of("timestamptz", "timestamptz"), "boolean", "true"),
          new Namesake(">=", List.of("timestamptz", "timestamptz"), "boolean", "true"),
          new Namesake("-", List.of("timestamptz", "timestamptz"), "interval", "interval '0'"),
          new Namesake("*", List.of("numeric", "numeric"), "numeric", "0::numeric"),
          new Namesake("hashint8extended", List.of("int8", "int8"), "int8", "0::int8"),
          new Namesake("hashtextextended", List.of("text", "int8"), "int8", "0::int8"),
          new Namesake("uuid_hash_extended", List.of("uuid", "int8"), "int8", "0::int8"));

  private HostileNames() {}

  /** Makes the kept session of the app role on that shard find them first. */
  static void add(TestCluster cluster, String shard) throws SQLException {
    cluster.asAdmin(shard, "create schema evil; grant usage on schema evil to app");
    for (Namesake namesake : NAMESAKES) {
      cluster.asAdmin(shard, namesake.function());
      if (namesake.isOperator()) {
        cluster.asAdmin(shard, namesake.operator());
      }
    }
    for (String type : List.of("int8", "int8multirange", "text", "timestamptz")) {
      cluster.asAdmin(shard, "create domain evil.%s as integer".formatted(type));
    }
    cluster.asApp(shard, "set search_path = evil, public, pg_catalog");
    cluster.asApp(
        shard,
        "do $$ begin if not 1::pg_catalog.int8 <@ '{}'::pg_catalog.int8multirange"
            + " then raise 'not hostile'; end if; end $$");
  }
}
