package dev.shardwright.router.internal.sql.tree;

import java.util.IdentityHashMap;
import java.util.List;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.expression.operators.relational.ExpressionList;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.Statement;

/**
 * A copy of a statement's tree that may be changed, and in which the counterpart of each node of
 * the original is known. Used by one thread.
 */
public final class TreeCopy {
  private final Statement root;
  private final IdentityHashMap<Object, Object> copies = new IdentityHashMap<>();
  private final IdentityHashMap<Object, Object> parents = new IdentityHashMap<>();

  public TreeCopy(ParsedStatement statement) {
    this.root = statement.copyOfTree();
    pair(statement.tree(), root);
  }

  public Statement root() {
    return root;
  }

  /** What stands in the copy for a node of the original, or what that was replaced by. */
  @SuppressWarnings("unchecked") // both trees come from the same text
  public <T> T of(T original) {
    Object copy = copies.get(original);
    if (copy == null) {
      throw new IllegalArgumentException("not of this tree: " + original);
    }
    return (T) copy;
  }

  /** How a node of the original prints itself after the changes. */
  public String print(Object original) {
    return of(original).toString();
  }

  /**
   * Lets a text stand in the place of a node.
   *
   * @param original an expression or a table of the original
   */
  public void replace(Object original, String text) {
    Object copy = of(original);
    Object verbatim = copy instanceof Table ? new VerbatimTable(text) : new Verbatim(text);
    Object parent = parents.get(original);
    if (parent == null || !Nodes.replace(of(parent), copy, verbatim)) {
      throw new IllegalArgumentException("cannot be replaced: " + original);
    }
    copies.put(original, verbatim);
  }

  /** Lets a text be the first of a list of expressions. */
  @SuppressWarnings("unchecked") // the list is of expressions of any kind
  public void insert(ExpressionList<?> original, String text) {
    ((List<Expression>) of(original)).add(0, new Verbatim(text));
  }

  private void pair(Object original, Object copy) {
    copies.put(original, copy);
    List<Object> children = Nodes.children(original);
    List<Object> copied = Nodes.children(copy);
    if (children.size() != copied.size()) {
      throw new IllegalStateException("the tree is parsed differently each time: " + original);
    }
    for (int i = 0; i < children.size(); i++) {
      parents.put(children.get(i), original);
      pair(children.get(i), copied.get(i));
    }
  }

  /** An expression that is only a text. */
  public static final class Verbatim extends Function {
    private static final long serialVersionUID = 1L;

    private final String text;

    public Verbatim(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** A table that is only a text. */
  public static final class VerbatimTable extends Table {
    private static final long serialVersionUID = 1L;

    private final String text;

    public VerbatimTable(String text) {
      this.text = text;
    }

    @Override
    public StringBuilder appendTo(StringBuilder builder) {
      return builder.append(text);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
