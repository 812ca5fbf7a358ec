package dev.shardwright.router.internal.sql.tree;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import com.google.common.io.Resources;
import dev.shardwright.router.internal.sql.scan.Binding;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlScanner;
import dev.shardwright.router.internal.sql.scan.SqlText;
import dev.shardwright.router.internal.sql.scan.Token;
import dev.shardwright.testkit.junit.DatabaseExtension;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import net.sf.jsqlparser.expression.BinaryExpression;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.JsonExpression;
import net.sf.jsqlparser.expression.NotExpression;
import net.sf.jsqlparser.expression.RangeExpression;
import net.sf.jsqlparser.expression.SignedExpression;
import net.sf.jsqlparser.expression.operators.relational.Between;
import net.sf.jsqlparser.expression.operators.relational.ExistsExpression;
import net.sf.jsqlparser.expression.operators.relational.InExpression;
import net.sf.jsqlparser.expression.operators.relational.IsBooleanExpression;
import net.sf.jsqlparser.expression.operators.relational.IsNullExpression;
import net.sf.jsqlparser.expression.operators.relational.ParenthesedExpressionList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * PostgreSQL itself says that what is understood is understood as it does: of each statement of the
 * corpus it makes the body of a function, which it prints from its own tree with all parentheses.
 */
class SameReadingIT {
  @RegisterExtension static final DatabaseExtension DATABASE = new DatabaseExtension();

  @Test
  void readsTheSameAsPostgres() throws SQLException, IOException {
    DATABASE.database().execute(resource("schema.sql"));
    int compared = 0;
    try (Connection connection = DATABASE.database().connect()) {
      for (String sql : Splitter.on('\n').omitEmptyStrings().split(resource("corpus.sql"))) {
        Optional<ParsedStatement> understood = understood(sql);
        if (understood.isPresent() && compared(understood.get(), connection)) {
          compared++;
        }
      }
    }
    assertThat(compared).as("statements that both understand").isGreaterThan(300);
  }

  @Test
  void knowsTheKeywords() throws SQLException {
    try (Connection connection = DATABASE.database().connect()) {
      assertThat(Keywords.reserved()).containsAll(keywords(connection, "catcode = 'R'"));
      assertThat(Keywords.functionsAndTypes()).containsAll(keywords(connection, "catcode = 'T'"));
      assertThat(Keywords.onlyAfterAs()).containsAll(keywords(connection, "not barelabel"));
      // No more than that, or ordinary names would be refused; but for those of newer versions.
      assertThat(keywords(connection, "true"))
          .containsAll(without(Keywords.reserved(), "system_user"))
          .containsAll(Keywords.functionsAndTypes())
          .containsAll(Keywords.onlyAfterAs());
    }
  }

  private static List<String> without(Iterable<String> words, String left) {
    List<String> rest = new ArrayList<>();
    words.forEach(rest::add);
    rest.remove(left);
    return rest;
  }

  private static Iterable<String> keywords(Connection connection, String which)
      throws SQLException {
    TreeSet<String> words = new TreeSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("select word from pg_get_keywords() where " + which)) {
      while (rows.next()) {
        words.add(rows.getString(1));
      }
    }
    return words;
  }

  private static Optional<ParsedStatement> understood(String sql) {
    if (sql.startsWith("--")) {
      return Optional.empty();
    }
    try {
      return Optional.of(ParsedStatement.of(sql));
    } catch (SqlRefused e) {
      return Optional.empty();
    }
  }

  /** Says whether PostgreSQL takes the statement at all. */
  private static boolean compared(ParsedStatement statement, Connection connection)
      throws SQLException {
    String sql = statement.scan().original();
    String types;
    String body;
    try {
      types = parameterTypes(numbered(statement.text()), connection);
      body = body(numbered(statement.text()), types, connection);
    } catch (SQLException e) {
      return false;
    }
    String printed = numbered(statement.print(statement.tree().toString()));
    assertThat(body(printed, types, connection))
        .as("%s printed as %s", sql, printed)
        .isEqualTo(body);
    net.sf.jsqlparser.statement.Statement copy = statement.copyOfTree();
    parenthesise(copy);
    String grouped = numbered(statement.print(copy.toString()));
    assertThat(body(grouped, types, connection))
        .as("%s grouped as %s", sql, grouped)
        .isEqualTo(body);
    return true;
  }

  private static String parameterTypes(String sql, Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      statement.execute("prepare corpus as " + sql);
      try (ResultSet rows =
          statement.executeQuery(
              "select array_to_string(parameter_types, ', ') from pg_prepared_statements")) {
        rows.next();
        return rows.getString(1);
      } finally {
        statement.execute("deallocate corpus");
      }
    }
  }

  private static String body(String sql, String types, Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "create function corpus(%s) returns void begin atomic %s; end"
              .formatted(types, sql.strip().replaceAll(";$", "")));
      try (ResultSet rows =
          statement.executeQuery(
              "select pg_get_function_sqlbody(oid) from pg_proc where proname = 'corpus'")) {
        rows.next();
        return rows.getString(1);
      } finally {
        statement.execute("drop function corpus");
      }
    }
  }

  /** The text with {@code $n} at its places, and single question marks in operators. */
  private static String numbered(SqlText text) {
    StringBuilder numbered = new StringBuilder();
    Iterator<Binding> bindings = text.bindings().iterator();
    int copied = 0;
    for (Token token : SqlScanner.scan(text.text()).tokens()) {
      int length = 0;
      String word = token.text();
      if (token.kind() == Token.Kind.PARAMETER) {
        word = " $" + ((Binding.Parameter) bindings.next()).place() + " ";
        length = 1;
      } else if (token.kind() == Token.Kind.OPERATOR && word.contains("?")) {
        length = word.replace("?", "??").length();
      }
      if (length > 0) {
        numbered.append(text.text(), copied, token.start()).append(word);
        copied = token.start() + length;
      }
    }
    return numbered.append(text.text().substring(copied)).toString();
  }

  /** Puts brackets around every operator with its operands, so that the tree's grouping shows. */
  private static void parenthesise(Object parent) {
    for (Object child : Nodes.children(parent)) {
      parenthesise(child);
      if (isOperator(child) && !(parent instanceof NotExpression)) {
        Nodes.replace(parent, child, new ParenthesedExpressionList<>((Expression) child));
      }
    }
  }

  private static boolean isOperator(Object node) {
    if (node instanceof JsonExpression json) {
      return !json.getIdentList().get(0).getValue().equals(":"); // an array's slice
    }
    return (node instanceof BinaryExpression && !(node instanceof RangeExpression))
        || node instanceof NotExpression
        || node instanceof SignedExpression
        || node instanceof IsNullExpression
        || node instanceof IsBooleanExpression
        || node instanceof InExpression
        || node instanceof Between
        || node instanceof ExistsExpression;
  }

  private static String resource(String name) throws IOException {
    return Resources.toString(
        Resources.getResource("dev/shardwright/router/internal/sql/" + name),
        StandardCharsets.UTF_8);
  }
}
