package dev.shardwright.router.internal.sql.keys;

import java.util.List;
import net.sf.jsqlparser.statement.select.Select;
import org.jspecify.annotations.Nullable;

/** An item of WITH. */
abstract sealed class Cte {
  private final String name;

  Cte(String name) {
    this.name = name;
  }

  String name() {
    return name;
  }

  /** A query, which is read anew wherever it is named, as if it stood there. */
  static final class Query extends Cte {
    final Select body;
    final List<String> columns;
    final Ctes ctes;
    final @Nullable QueryBlock outer;
    final boolean recursive;
    boolean named;

    /**
     * @param columns the names given to its first columns
     * @param ctes what it sees itself
     * @param outer where it looks up names that it does not have
     */
    Query(
        String name,
        Select body,
        List<String> columns,
        Ctes ctes,
        @Nullable QueryBlock outer,
        boolean recursive) {
      super(name);
      this.body = body;
      this.columns = columns;
      this.ctes = ctes;
      this.outer = outer;
      this.recursive = recursive;
    }
  }

  /** A write, which is done once; its rows are those that it returns. */
  static final class Change extends Cte {
    final Output returned;

    Change(String name, Output returned) {
      super(name);
      this.returned = returned;
    }
  }

  /** A recursive CTE within itself: the rows of the last round. */
  static final class Itself extends Cte {
    final Output base;

    /** The same by the names that it has where it is read. */
    Output shown;

    @Nullable Source source;

    /**
     * @param base what the part of it that is not recursive shows
     */
    Itself(String name, Output base) {
      super(name);
      this.base = base;
      this.shown = base;
    }
  }

  /** One that comes later in a recursive WITH, and so cannot be read yet. */
  static final class Later extends Cte {
    Later(String name) {
      super(name);
    }
  }
}
