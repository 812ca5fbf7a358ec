package dev.shardwright.router.internal.sql.tree;

import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.StackGuard;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.sf.jsqlparser.expression.Alias;
import org.jspecify.annotations.Nullable;

/**
 * All nodes of a tree, found through the getters of their classes. The parser's own visitors pass
 * over some parts of some statements; what decides about correctness must see every node.
 */
public final class TreeNodes {
  /** More than a chain of a thousand conditions, each with a small expression in it. */
  private static final int MAX_DEPTH = 1_100;

  private static final String PARSER = "net.sf.jsqlparser.";

  private static final ClassValue<List<Method>> GETTERS =
      new ClassValue<>() {
        @Override
        protected List<Method> computeValue(Class<?> type) {
          return getters(type);
        }
      };

  private TreeNodes() {}

  /**
   * The node and all nodes below it, in no particular order.
   *
   * @throws SqlRefused if the tree is so deep that to walk through it might need too much stack
   */
  public static List<Object> of(Object root) {
    List<Object> nodes = new ArrayList<>();
    Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Object> level = List.of(root);
    for (int depth = 0; !level.isEmpty(); depth++) {
      if (depth > MAX_DEPTH) {
        throw StackGuard.tooDeep();
      }
      List<Object> next = new ArrayList<>();
      for (Object value : level) {
        if (seen.add(value)) {
          visit(value, nodes, next);
        }
      }
      level = next;
    }
    return nodes;
  }

  private static void visit(Object value, List<Object> nodes, List<Object> next) {

    if (isNode(value)) {
      nodes.add(value);
      addParts(value, next);
    }
    if (value instanceof Collection<?> values) {
      addAll(values, next);
    } else if (value instanceof Map<?, ?> map) {
      addAll(map.keySet(), next);
      addAll(map.values(), next);
    } else if (value instanceof Map.Entry<?, ?> entry) {
      add(entry.getKey(), next);
      add(entry.getValue(), next);
    }
  }

  private static boolean isNode(Object value) {
    Class<?> type = value.getClass();
    return type.getName().startsWith(PARSER)
        && !type.isAnonymousClass()
        && !(value instanceof Enum);
  }

  private static void addParts(Object node, List<Object> next) {
    if (node instanceof Alias.AliasColumn column) {
      add(column.colDataType, next); // the one part that has no getter
    }
    for (Method getter : GETTERS.get(node.getClass())) {
      try {
        add(getter.invoke(node), next);
      } catch (InvocationTargetException e) {
        // A getter that fails where there is nothing to give, such as getPlainSelect() of VALUES.
        if (!(e.getCause() instanceof RuntimeException)) {
          throw new IllegalStateException(getter.toString(), e);
        }
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(getter.toString(), e);
      }
    }
  }

  private static void addAll(Collection<?> values, List<Object> next) {
    for (Object value : values) {
      add(value, next);
    }
  }

  private static void add(@Nullable Object value, List<Object> next) {
    if (value != null) {
      next.add(value);
    }
  }

  private static List<Method> getters(Class<?> type) {
    List<Method> getters = new ArrayList<>();
    for (Method method : type.getMethods()) {
      if (method.getName().startsWith("get")
          && method.getParameterCount() == 0
          && !method.isBridge()
          && method.getDeclaringClass() != Object.class
          && !Modifier.isStatic(method.getModifiers())
          && Modifier.isPublic(method.getDeclaringClass().getModifiers())
          && holdsNodes(method.getReturnType())) {
        getters.add(method);
      }
    }
    return getters;
  }

  private static boolean holdsNodes(Class<?> type) {
    return Collection.class.isAssignableFrom(type)
        || Map.class.isAssignableFrom(type)
        || Map.Entry.class.isAssignableFrom(type)
        || type == Object.class
        || (type.getName().startsWith(PARSER)
            && !type.getName().startsWith(PARSER + "parser.")
            && !type.isEnum());
  }
}
