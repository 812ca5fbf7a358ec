package dev.shardwright.router.internal.sql.scan;

import static com.google.common.base.Preconditions.checkArgument;

/** What is bound at one {@code ?} of a text that goes to a shard. */
public sealed interface Binding {
  /**
   * A parameter of the caller's statement.
   *
   * @param place from 1
   */
  record Parameter(int place) implements Binding {
    public Parameter {
      checkArgument(place >= 1, "places are counted from 1, not %s", place);
    }
  }

  /**
   * The instant that {@code now()} means everywhere in this transaction, as {@code timestamptz}:
   * its start.
   */
  record Now() implements Binding {}

  /** The instant that {@code statement_timestamp()} means, as {@code timestamptz}. */
  record StatementStart() implements Binding {}

  /**
   * The values of one column of the partial rows, as a {@code text[]} of their text forms.
   *
   * @param column from 1
   */
  record Partials(int column) implements Binding {
    public Partials {
      checkArgument(column >= 1, "columns are counted from 1, not %s", column);
    }
  }
}
