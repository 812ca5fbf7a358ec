package dev.shardwright.router.internal.sql.functions;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableSet;
import dev.shardwright.router.internal.sql.scan.Binding;
import dev.shardwright.router.internal.sql.scan.Names;
import dev.shardwright.router.internal.sql.tree.Nodes;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import dev.shardwright.router.internal.sql.tree.TreeCopy;
import java.util.List;
import java.util.Optional;
import net.sf.jsqlparser.expression.Alias;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.expression.TimeKeyExpression;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.statement.select.SelectItem;
import net.sf.jsqlparser.statement.select.TableFunction;
import org.jspecify.annotations.Nullable;

/**
 * The functions that say what time it is. Shards would each say their own, so a text for several of
 * them has one moment bound instead.
 */
public final class Moments {
  private static final String NOW =
      "(" + ParsedStatement.place(new Binding.Now()) + "::timestamptz)";

  private static final String STATEMENT_START =
      "(" + ParsedStatement.place(new Binding.StatementStart()) + "::timestamptz)";

  /** Names of functions that are one, whatever their arguments. */
  private static final ImmutableSet<String> FUNCTIONS =
      ImmutableSet.of(
          "now",
          "transaction_timestamp",
          "statement_timestamp",
          "current_timestamp",
          "localtimestamp",
          "current_time",
          "localtime",
          "current_date");

  private Moments() {}

  static boolean isMoment(String function) {
    return FUNCTIONS.contains(function);
  }

  /** Whether one is below a node. */
  public static boolean isIn(Object node) {
    return Nodes.all(node, Expression.class).stream()
        .anyMatch(e -> moment(e).isPresent() || isAge(e));
  }

  /** A copy of a statement's tree in which one moment is bound; its output names are the same. */
  public static TreeCopy bound(ParsedStatement statement) {
    TreeCopy copy = new TreeCopy(statement);
    for (SelectItem<?> item : Nodes.all(statement.tree(), SelectItem.class)) {
      if (item.getAlias() == null && isIn(item)) {
        OutputNames.of(item)
            .ifPresent(name -> copy.of(item).setAlias(new Alias(OutputNames.quoted(name), true)));
      }
    }
    for (Expression expression : Nodes.all(statement.tree(), Expression.class)) {
      moment(expression).ifPresent(text -> copy.replace(expression, text));
      if (expression instanceof Function call && isAge(call)) {
        copy.insert(call.getParameters(), NOW + "::date");
      }
    }
    Nodes.all(statement.tree(), TableFunction.class).forEach(item -> bindInFrom(item, copy));
    return copy;
  }

  /** FROM takes calls only, after which its rows and their column are called. */
  private static void bindInFrom(TableFunction item, TreeCopy copy) {
    Function call = item.getFunction();
    Optional<String> text = moment(call);
    if (text.isPresent()) {
      copy.replace(call, "coalesce" + text.get());
      if (item.getAlias() == null) {
        copy.of(item).setAlias(new Alias(Functions.name(call), true));
      }
    }
  }

  /** Whether it is the age that something has today. */
  private static boolean isAge(Expression expression) {
    return expression instanceof Function call
        && Functions.name(call).equals("age")
        && call.getParameters() != null
        && call.getParameters().size() == 1;
  }

  /** Whether it is one of these functions. */
  public static boolean isOne(Expression expression) {
    return moment(expression).isPresent();
  }

  private static Optional<String> moment(Expression expression) {
    if (expression instanceof TimeKeyExpression key) {
      return moment(Ascii.toLowerCase(key.getStringValue()).replace("()", ""), null);
    }
    if (expression instanceof Column column
        && OutputNames.isBareWord(column)
        && Names.isValue(column.getColumnName())) {
      return moment(Ascii.toLowerCase(column.getColumnName()), null);
    }
    if (expression instanceof Function call) {
      List<?> arguments = call.getParameters() == null ? List.of() : call.getParameters();
      String name = Functions.name(call);
      return arguments.size() > 1
          ? Optional.empty()
          : moment(name, arguments.isEmpty() ? null : arguments.get(0).toString());
    }
    return Optional.empty();
  }

  private static Optional<String> moment(String name, @Nullable String precision) {
    return switch (name) {
      case "now", "transaction_timestamp" ->
          precision == null ? Optional.of(NOW) : Optional.empty();
      case "statement_timestamp" ->
          precision == null ? Optional.of(STATEMENT_START) : Optional.empty();
      case "current_timestamp" -> Optional.of(cast("timestamptz", precision));
      case "localtimestamp" -> Optional.of(cast("timestamp", precision));
      case "current_time" -> Optional.of(cast("timetz", precision));
      case "localtime" -> Optional.of(cast("time", precision));
      case "current_date" -> Optional.of(cast("date", null));
      default -> Optional.empty();
    };
  }

  private static String cast(String type, @Nullable String precision) {
    return "(" + NOW + "::" + type + (precision == null ? "" : "(" + precision + ")") + ")";
  }
}
