package dev.shardwright.topology;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * A table's schema and name, exactly as PostgreSQL's catalog has them.
 *
 * @param schema such as {@code public}
 * @param name such as {@code orders}
 */
public record TableName(String schema, String name) implements Comparable<TableName> {
  /** The most bytes that PostgreSQL keeps of an identifier. */
  private static final int MAX_LENGTH = 63;

  /**
   * @throws IllegalArgumentException if a part is empty, too long, or holds a NUL
   */
  public TableName {
    checkIdentifier(schema);
    checkIdentifier(name);
  }

  /**
   * {@code orders} means {@code public.orders}; {@code sales.orders} has its schema before the
   * first dot.
   */
  public static TableName of(String text) {
    int dot = text.indexOf('.');
    return dot < 0
        ? new TableName("public", text)
        : new TableName(text.substring(0, dot), text.substring(dot + 1));
  }

  @Override
  public int compareTo(TableName other) {
    int bySchema = schema.compareTo(other.schema);
    return bySchema != 0 ? bySchema : name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return schema + "." + name;
  }

  private static void checkIdentifier(String part) {
    checkArgument(
        !part.isEmpty()
            && part.indexOf('\0') < 0
            && part.getBytes(java.nio.charset.StandardCharsets.UTF_8).length <= MAX_LENGTH,
        "'%s' is not an identifier of 1 to %s bytes",
        part,
        MAX_LENGTH);
  }
}
