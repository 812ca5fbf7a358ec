package dev.shardwright.router.internal.sql.tree;

import com.google.common.cache.CacheBuilder;
import com.google.common.cache.CacheLoader;
import com.google.common.cache.LoadingCache;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.StackGuard;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.AbstractMap.SimpleEntry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Looks at JSqlParser's trees without knowing their some two hundred classes: the children of a
 * node are what its fields hold. JSqlParser's own visitors leave out parts of the tree (the ORDER
 * BY and FILTER of an aggregate among them) and cannot replace a child.
 */
public final class Nodes {
  private static final String TREE = "net.sf.jsqlparser.";
  private static final String PARSER = "net.sf.jsqlparser.parser.";

  /** More than a chain of a thousand conditions, each with a small expression in it. */
  private static final int MAX_DEPTH = 1_100;

  private static final LoadingCache<Class<?>, List<Field>> FIELDS =
      CacheBuilder.newBuilder().maximumSize(500).build(CacheLoader.from(Nodes::fieldsOf));

  private Nodes() {}

  /**
   * The node and all nodes below it, each once and in no particular order. Walks level by level, so
   * that it needs no more stack for a deep tree than for a flat one.
   *
   * @throws SqlRefused if the tree is so deep that to walk through it by recursion might need too
   *     much stack
   */
  public static List<Object> each(Object root) {
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
          next.addAll(children(value));
          if (isNode(value)) {
            nodes.add(value);
          }
        }
      }
      level = next;
    }
    return nodes;
  }

  /** All nodes of a class below and including a node, in the order of the fields. */
  public static <T> List<T> all(@Nullable Object root, Class<T> type) {
    return all(root, type, node -> true);
  }

  /** The same, without what is below nodes that are not to be entered. */
  public static <T> List<T> all(@Nullable Object root, Class<T> type, Predicate<Object> enter) {
    List<T> found = new ArrayList<>();
    collect(root, type, enter, found);
    return found;
  }

  private static <T> void collect(
      @Nullable Object node, Class<T> type, Predicate<Object> enter, List<T> found) {
    if (node == null) {
      return;
    }
    if (type.isInstance(node)) {
      found.add(type.cast(node));
    }
    if (enter.test(node)) {
      children(node).forEach(child -> collect(child, type, enter, found));
    }
  }

  /** What the fields of a node hold, and the elements of a list. */
  public static List<Object> children(Object node) {
    List<Object> children = new ArrayList<>();
    for (Field field : FIELDS.getUnchecked(node.getClass())) {
      Object value = get(field, node);
      if (value != null && isOfTree(value)) {
        children.add(value);
      }
    }
    if (node instanceof Collection<?> list) {
      list.stream().map(Nodes::operand).filter(Nodes::isOfTree).forEach(children::add);
    }
    return children;
  }

  /**
   * Puts another node in a child's place.
   *
   * @return whether the child was there and the place can hold the other
   */
  static boolean replace(Object parent, Object child, Object other) {
    for (Field field : FIELDS.getUnchecked(parent.getClass())) {
      if (get(field, parent) == child && field.getType().isInstance(other)) {
        set(field, parent, other);
        return true;
      }
    }
    if (parent instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        if (operand(list.get(i)) == child) {
          put(list, i, list.get(i) instanceof Map.Entry<?, ?> e ? entry(other, e) : other);
          return true;
        }
      }
    }
    return false;
  }

  /** A chain of {@code ->} is kept as pairs of an operand and its operator. */
  private static @Nullable Object operand(@Nullable Object element) {
    return element instanceof Map.Entry<?, ?> pair ? pair.getKey() : element;
  }

  private static Object entry(Object operand, Map.Entry<?, ?> old) {
    return new SimpleEntry<>(operand, old.getValue());
  }

  /** The lists of the tree are not checked: a wrong element would show when it is printed. */
  @SuppressWarnings("unchecked")
  private static void put(List<?> list, int at, Object element) {
    ((List<Object>) list).set(at, element);
  }

  private static boolean isOfTree(@Nullable Object value) {
    if (value == null || value instanceof Enum<?>) {
      return false;
    }
    String name = value.getClass().getName();
    return name.startsWith(TREE) ? !name.startsWith(PARSER) : value instanceof Collection<?>;
  }

  /** Whether it is more than a list of nodes. */
  private static boolean isNode(Object ofTree) {
    return ofTree.getClass().getName().startsWith(TREE);
  }

  private static List<Field> fieldsOf(Class<?> type) {
    if (!type.getName().startsWith(TREE)) {
      return List.of();
    }
    List<Field> fields = new ArrayList<>(fieldsOf(type.getSuperclass()));
    Stream.of(type.getDeclaredFields())
        .filter(field -> !Modifier.isStatic(field.getModifiers()))
        .filter(field -> !field.getType().isPrimitive() && !field.getName().equals("resolvedTable"))
        .forEach(fields::add);
    fields.forEach(field -> field.setAccessible(true));
    return fields;
  }

  private static @Nullable Object get(Field field, Object node) {
    try {
      return field.get(node);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void set(Field field, Object node, Object value) {
    try {
      field.set(node, value);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }
}
