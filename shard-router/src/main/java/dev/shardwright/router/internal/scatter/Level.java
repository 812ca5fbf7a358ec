package dev.shardwright.router.internal.scatter;

import dev.shardwright.router.internal.sql.answer.Answer;
import dev.shardwright.router.internal.sql.answer.Combine;
import dev.shardwright.router.internal.sql.answer.Gather;
import java.util.Locale;

/** How the answer over several shards is put together, the cheapest first. */
enum Level {
  /** In the JVM, while the rows stream through. */
  MERGE,
  /** By PostgreSQL, from partial results of the shards. */
  COMBINE,
  /** By PostgreSQL, from copies of the rows. */
  GATHER;

  static Level of(Answer answer) {
    if (answer instanceof Combine) {
      return COMBINE;
    }
    return answer instanceof Gather ? GATHER : MERGE;
  }

  /** The tag {@code level} of metrics. */
  String tag() {
    return name().toLowerCase(Locale.ROOT);
  }
}
