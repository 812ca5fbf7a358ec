package dev.shardwright.rebalance.internal.capture;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.topology.TableName;
import java.util.Locale;
import java.util.Optional;

/**
 * An object that a migration has made, or was about to make.
 *
 * @param kind what it is
 * @param name what stands behind "drop … if exists" to be rid of it
 */
record MoveObject(ObjectKind kind, String name) {
  private static final String ON = " on ";

  static MoveObject sequence(String name) {
    return new MoveObject(ObjectKind.SEQUENCE, name);
  }

  static MoveObject table(String name) {
    return new MoveObject(ObjectKind.TABLE, name);
  }

  static MoveObject function(String name) {
    return new MoveObject(ObjectKind.FUNCTION, name + "()");
  }

  static MoveObject trigger(String name, TableName table) {
    return new MoveObject(ObjectKind.TRIGGER, name + ON + SqlText.table(table));
  }

  /** The table that a trigger is on: schema and name, quoted. */
  Optional<String> table() {
    return kind == ObjectKind.TRIGGER
        ? Optional.of(name.substring(name.indexOf(ON) + ON.length()))
        : Optional.empty();
  }

  String dropStatement() {
    return "drop " + kind + " if exists " + name;
  }

  @Override
  public String toString() {
    return kind.name().toLowerCase(Locale.ROOT) + " " + name;
  }
}
