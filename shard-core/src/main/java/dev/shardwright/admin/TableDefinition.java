package dev.shardwright.admin;

import com.google.common.collect.ImmutableSortedMap;
import dev.shardwright.topology.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a table is, part by part, in a form that is the same for equal tables on all servers.
 *
 * @param name which table
 * @param parts the definition of each column, constraint, index and partition by its name
 */
record TableDefinition(TableName name, SortedMap<String, String> parts) {
  TableDefinition {
    parts = ImmutableSortedMap.copyOf(parts);
  }

  /** Where the other table differs, a line for each part; empty if it does not. */
  List<String> differences(TableDefinition other, String mine, String theirs) {
    SortedSet<String> names = new TreeSet<>(parts.keySet());
    names.addAll(other.parts.keySet());
    List<String> lines = new ArrayList<>();
    for (String part : names) {
      String left = parts.getOrDefault(part, "missing");
      String right = other.parts.getOrDefault(part, "missing");
      if (!left.equals(right)) {
        lines.add("%s, %s: on %s: %s; on %s: %s".formatted(name, part, mine, left, theirs, right));
      }
    }
    return lines;
  }
}
