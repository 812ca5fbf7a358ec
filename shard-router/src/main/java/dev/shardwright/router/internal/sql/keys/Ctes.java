package dev.shardwright.router.internal.sql.keys;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The CTEs that can be named at one place, by their names. */
final class Ctes {
  static final Ctes NONE = new Ctes(Map.of());

  private final Map<String, Cte> byName;

  private Ctes(Map<String, Cte> byName) {
    this.byName = byName;
  }

  Ctes with(Cte cte) {
    Map<String, Cte> more = new HashMap<>(byName);
    more.put(cte.name(), cte);
    return new Ctes(more);
  }

  @Nullable Cte find(String name) {
    return byName.get(name);
  }
}
