package dev.shardwright.router.internal.sql.functions;

import static com.google.common.collect.ImmutableSet.toImmutableSet;

import com.google.common.collect.ImmutableSet;
import dev.shardwright.router.internal.sql.tables.SearchPath;
import dev.shardwright.router.internal.sql.tree.Nodes;
import java.util.stream.Stream;
import net.sf.jsqlparser.expression.AnalyticExpression;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.statement.Statement;

/**
 * The functions of other schemas that a call without a schema may mean instead of a built-in one:
 * PostgreSQL takes the one whose parameters fit best, in whichever schema of the search path it is.
 */
public final class Rivals {
  private Rivals() {}

  /** By {@code schema.name}; whether there are such functions is for the shards to say. */
  public static ImmutableSet<String> of(Statement tree, SearchPath path) {
    Stream<String> calls =
        Nodes.all(tree, Function.class).stream()
            .filter(call -> call.getMultipartName() != null && call.getMultipartName().size() == 1)
            .map(Functions::name);
    Stream<String> analytic =
        Nodes.all(tree, AnalyticExpression.class).stream()
            .filter(call -> call.getName().indexOf('.') < 0)
            .map(Functions::name);
    ImmutableSet<String> names = Stream.concat(calls, analytic).collect(toImmutableSet());
    return path.schemas().stream()
        .flatMap(schema -> names.stream().map(name -> schema + "." + name))
        .collect(toImmutableSet());
  }
}
