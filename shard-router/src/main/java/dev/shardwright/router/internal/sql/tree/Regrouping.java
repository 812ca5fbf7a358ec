package dev.shardwright.router.internal.sql.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.sf.jsqlparser.expression.BinaryExpression;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.JsonExpression;
import net.sf.jsqlparser.expression.NotExpression;
import net.sf.jsqlparser.expression.operators.relational.Between;
import net.sf.jsqlparser.expression.operators.relational.InExpression;
import net.sf.jsqlparser.expression.operators.relational.IsBooleanExpression;
import net.sf.jsqlparser.expression.operators.relational.IsNullExpression;
import net.sf.jsqlparser.expression.operators.relational.IsUnknownExpression;
import net.sf.jsqlparser.expression.operators.relational.LikeExpression;

/**
 * Gives chains of operators and operands the grouping that PostgreSQL gives them, where the parser
 * has another: {@code j ->> 'a' is null} and {@code a || b + 1} are ordinary. What comes out is
 * checked by {@link Grouping} like any other tree.
 */
final class Regrouping {
  private enum Role {
    OPERAND,
    PREFIX,
    INFIX,
    POSTFIX
  }

  private record Item(Role role, Expression node) {
    int precedence() {
      return Grouping.precedence(node);
    }
  }

  /** In the order of the text. */
  private final List<Item> chain = new ArrayList<>();

  private boolean isPostgres = true;
  private int at;

  private Regrouping(Expression root) {
    flatten(root);
  }

  /** Changes what is below a node. */
  static void apply(Object parent) {
    Nodes.children(parent).forEach(child -> apply(parent, child));
  }

  private static void apply(Object parent, Object child) {
    if (!(child instanceof Expression root) || role(root) == Role.OPERAND) {
      apply(child);
      return;
    }
    Regrouping regrouping = new Regrouping(root);
    if (!regrouping.isPostgres) {
      Nodes.replace(parent, root, regrouping.grouped(0));
    }
    for (Item item : regrouping.chain) {
      if (item.role == Role.OPERAND) {
        apply(item.node);
      } else {
        within(item.node).forEach(inner -> apply(item.node, inner));
      }
    }
  }

  /** What an operator encloses, apart from the operands at its sides. */
  private static List<Expression> within(Expression operator) {
    if (operator instanceof InExpression in) {
      return List.of(in.getRightExpression());
    }
    if (operator instanceof Between between) {
      return List.of(between.getBetweenExpressionStart());
    }
    return operator instanceof LikeExpression like && like.getEscape() != null
        ? List.of(like.getRightExpression(), like.getEscape())
        : List.of();
  }

  private static Role role(Expression node) {
    if (node instanceof LikeExpression like && like.getEscape() != null) {
      return Role.POSTFIX;
    }
    if (node instanceof BinaryExpression
        || node instanceof JsonExpression
        || node instanceof Between) {
      return Role.INFIX;
    }
    if (node instanceof NotExpression) {
      return Role.PREFIX;
    }
    return node instanceof IsNullExpression
            || node instanceof IsBooleanExpression
            || node instanceof IsUnknownExpression
            || node instanceof InExpression
        ? Role.POSTFIX
        : Role.OPERAND;
  }

  private void flatten(Expression node) {
    isPostgres &= Grouping.isPostgres(node);
    Role role = role(node);
    if (node instanceof JsonExpression json) {
      flatten(json.getExpression());
      for (Map.Entry<Expression, String> step : json.getIdentList()) {
        chain.add(new Item(role, step(json.getExpression(), step.getKey(), step.getValue())));
        flatten(step.getKey());
      }
      return;
    }
    switch (role) {
      case OPERAND -> chain.add(new Item(role, node));
      case PREFIX -> {
        chain.add(new Item(role, node));
        flatten(((NotExpression) node).getExpression());
      }
      case INFIX -> {
        flatten(left(node));
        chain.add(new Item(role, node));
        flatten(
            node instanceof Between between
                ? between.getBetweenExpressionEnd()
                : ((BinaryExpression) node).getRightExpression());
      }
      case POSTFIX -> {
        flatten(left(node));
        chain.add(new Item(role, node));
      }
    }
  }

  /** The expression from here on, as far as its operators bind more strongly than the bound. */
  private Expression grouped(int bound) {
    Item first = chain.get(at++);
    Expression left = first.node;
    if (first.role == Role.PREFIX) {
      ((NotExpression) left).setExpression(grouped(first.precedence()));
    }
    while (at < chain.size() && chain.get(at).precedence() > bound) {
      Item operator = chain.get(at++);
      left =
          operator.role == Role.POSTFIX
              ? withLeft(operator.node, left)
              : joined(left, operator.node, grouped(operator.precedence()));
    }
    return left;
  }

  private static Expression joined(Expression left, Expression operator, Expression right) {
    if (operator instanceof JsonExpression json) {
      return step(left, right, json.getIdentList().get(0).getValue());
    }
    if (operator instanceof Between between) {
      between.setBetweenExpressionEnd(right);
    } else {
      ((BinaryExpression) operator).setRightExpression(right);
    }
    return withLeft(operator, left);
  }

  private static JsonExpression step(Expression left, Expression right, String operator) {
    JsonExpression step = new JsonExpression(left);
    step.addIdent(right, operator);
    return step;
  }

  private static Expression left(Expression node) {
    if (node instanceof BinaryExpression binary) {
      return binary.getLeftExpression();
    }
    if (node instanceof Between between) {
      return between.getLeftExpression();
    }
    if (node instanceof InExpression in) {
      return in.getLeftExpression();
    }
    if (node instanceof IsNullExpression is) {
      return is.getLeftExpression();
    }
    return node instanceof IsBooleanExpression is
        ? is.getLeftExpression()
        : ((IsUnknownExpression) node).getLeftExpression();
  }

  private static Expression withLeft(Expression node, Expression left) {
    if (node instanceof BinaryExpression binary) {
      binary.setLeftExpression(left);
    } else if (node instanceof Between between) {
      between.setLeftExpression(left);
    } else if (node instanceof InExpression in) {
      in.setLeftExpression(left);
    } else if (node instanceof IsNullExpression is) {
      is.setLeftExpression(left);
    } else if (node instanceof IsBooleanExpression is) {
      is.setLeftExpression(left);
    } else {
      ((IsUnknownExpression) node).setLeftExpression(left);
    }
    return node;
  }
}
