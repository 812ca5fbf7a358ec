package dev.shardwright.router.internal.sql.functions;

import static com.google.common.collect.ImmutableSet.toImmutableSet;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableSet;
import dev.shardwright.router.internal.sql.scan.Literal;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlRefused.Reason;
import dev.shardwright.router.internal.sql.tree.Nodes;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.expression.StringValue;

/**
 * Refuses calls that leave something on PostgreSQL's session, wherever they would run: a statement
 * has a session of a shard for itself only until it, or its transaction, ends.
 */
public final class SessionCheck {
  private static final ImmutableSet<String> LOCKS =
      ImmutableSet.of(
          "pg_advisory_lock",
          "pg_advisory_lock_shared",
          "pg_advisory_unlock",
          "pg_advisory_unlock_all",
          "pg_advisory_unlock_shared",
          "pg_try_advisory_lock",
          "pg_try_advisory_lock_shared");

  /** They tell what the session has drawn, be it for somebody else. */
  private static final ImmutableSet<String> DRAWN = ImmutableSet.of("currval", "lastval");

  /** What the names of settings begin with that each transaction has of its own. */
  public static final String OF_TRANSACTION = "transaction_";

  private static final String PATH = "search_path";
  private static final String STRINGS = "standard_conforming_strings";

  private SessionCheck() {}

  /**
   * Looks at every call.
   *
   * @throws SqlRefused naming the first that would outlive the statement
   */
  public static void check(ParsedStatement statement) {
    for (Function call : Nodes.all(statement.tree(), Function.class)) {
      String name = Functions.name(call);
      if (LOCKS.contains(name)) {
        throw refused(
            name
                + "() locks for a session of one shard: use pg_advisory_xact_lock in a transaction"
                + " that is bound to a key");
      }
      if (name.equals("set_config")) {
        checkSetting(call, statement);
      }
    }
  }

  /**
   * What there is against it as the first that somebody does on a session of a shard; empty if
   * there is nothing.
   */
  public static Optional<String> objectionAsFirst(ParsedStatement statement) {
    return Nodes.all(statement.tree(), Function.class).stream()
        .map(Functions::name)
        .filter(DRAWN::contains)
        .findFirst()
        .map(
            name ->
                name
                    + "() tells what the session of a shard has drawn, which would be somebody"
                    + " else's number: use RETURNING, or call it in the transaction that has"
                    + " drawn");
  }

  /**
   * Refuses what {@link #objectionAsFirst} has something against.
   *
   * @throws SqlRefused with the objection
   */
  public static void checkAsFirst(Optional<String> objection) {
    if (objection.isPresent()) {
      throw refused(objection.get());
    }
  }

  private static void checkSetting(Function call, ParsedStatement statement) {
    List<?> arguments = call.getParameters() == null ? List.of() : call.getParameters();
    if (arguments.size() != 3 || !arguments.get(2).toString().equalsIgnoreCase("true")) {
      throw refused(
          "set_config() sets for a session of one shard: use SET LOCAL, or true as its last"
              + " argument, in a transaction");
    }
    Optional<String> setting = constant(arguments.get(0), statement);
    if (setting.map(known -> known.equalsIgnoreCase(PATH)).orElse(true)) {
      throw refused(
          "set_config() that sets search_path, or may, changes which tables are meant: name another"
              + " setting, as a constant, or use SET LOCAL search_path in a transaction");
    }
    if (setting.get().equalsIgnoreCase(STRINGS)) {
      throw refused(
          "set_config() that sets standard_conforming_strings changes what strings mean: write E'…'"
              + " for one with backslashes");
    }
  }

  /**
   * The settings that a statement sets for its transaction, once it is checked; in small letters.
   */
  public static Set<String> setsLocally(ParsedStatement statement) {
    return Nodes.all(statement.tree(), Function.class).stream()
        .filter(call -> Functions.name(call).equals("set_config"))
        .map(call -> constant(call.getParameters().get(0), statement).orElseThrow())
        .map(Ascii::toLowerCase)
        .collect(toImmutableSet());
  }

  /** Whether it may ask for a setting of the transaction that it is in. */
  public static boolean asksTransaction(ParsedStatement statement) {
    return Nodes.all(statement.tree(), Function.class).stream()
        .filter(call -> Functions.name(call).equals("current_setting"))
        .anyMatch(call -> asksTransaction(call, statement));
  }

  private static boolean asksTransaction(Function call, ParsedStatement statement) {
    List<?> arguments = call.getParameters() == null ? List.of() : call.getParameters();
    return arguments.isEmpty()
        || constant(arguments.get(0), statement)
            .map(setting -> Ascii.toLowerCase(setting).startsWith(OF_TRANSACTION))
            .orElse(true);
  }

  private static Optional<String> constant(Object argument, ParsedStatement statement) {
    return argument instanceof StringValue text
        ? statement.literal(text).map(Literal::value)
        : Optional.empty();
  }

  private static SqlRefused refused(String message) {
    return new SqlRefused(
        Reason.SESSION_FEATURE, message + ", or a connection that is bound to a key");
  }
}
