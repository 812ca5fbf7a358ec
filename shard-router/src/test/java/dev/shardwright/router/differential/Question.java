package dev.shardwright.router.differential;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A statement and the values of its parameters. */
record Question(String sql, List<@Nullable Object> arguments) {
  Question {
    arguments = Collections.unmodifiableList(new ArrayList<>(arguments));
  }

  static Question of(String sql) {
    return new Question(sql, List.of());
  }
}
