package dev.shardwright.router.internal.sql;

import com.google.common.base.Ascii;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the commands that set, reset and show settings. Used once, by one thread. */
final class SettingReader {
  private final CommandWords words;

  SettingReader(CommandWords words) {
    this.words = words;
  }

  SessionStatement set() {
    if (words.skip("transaction")) {
      return words.isNext("snapshot")
          ? new SessionStatement.OneShardOnly("SET TRANSACTION SNAPSHOT")
          : new SessionStatement.SetTransaction(new TransactionReader(words).modes());
    }
    boolean local = false;
    if (!isNextSetting()) {
      local = words.isNext("local");
      if (!words.skip("local") && words.skip("session") && words.skip("characteristics")) {
        words.require("as");
        words.require("transaction");
        return new SessionStatement.SetCharacteristics(new TransactionReader(words).modes());
      }
    }
    for (String other : List.of("constraints", "role", "xml")) {
      if (words.isNext(other) && !isNextSetting()) {
        return new SessionStatement.OneShardOnly("SET " + Ascii.toUpperCase(other));
      }
    }
    if (words.isNext("authorization")) {
      return new SessionStatement.OneShardOnly("SET SESSION AUTHORIZATION");
    }
    String name = setting();
    return assign(name, local);
  }

  /** Whether {@code SET session = 1} is meant, and not {@code SET session x = 1}. */
  private boolean isNextSetting() {
    return words.isSecond("to") || words.isSecondSign("=") || words.isSecondSign(".");
  }

  private SessionStatement assign(String name, boolean local) {
    List<String> values = new ArrayList<>();
    if (words.left() == 1
        && (words.isNext("default") || (words.isNext("local") && name.equals("timezone")))) {
      return new SessionStatement.Reset(Optional.of(name), local);
    }
    if (words.isNext("from") || words.isNext("interval")) {
      return new SessionStatement.OneShardOnly("SET " + Ascii.toUpperCase(name));
    }
    do {
      values.add(words.value());
    } while (words.skipSign(","));
    words.requireEnd();
    return new SessionStatement.Assign(name, values, local);
  }

  /** A setting's name and the sign or word that its value follows. */
  private String setting() {
    if (words.skip("time")) {
      words.require("zone");
      return "timezone";
    }
    if (!isNextSetting() && words.skip("schema")) {
      return "search_path";
    }
    if (!isNextSetting() && words.skip("names")) {
      return "client_encoding";
    }
    String name = words.dottedName();
    if (!words.skip("to") && !words.skipSign("=")) {
      throw words.syntax("has no TO or = after the setting's name");
    }
    return name;
  }

  SessionStatement reset() {
    String name = wholeSetting();
    return switch (name) {
      case "all" -> new SessionStatement.Reset(Optional.empty(), false);
      case "role", "session_authorization" ->
          new SessionStatement.OneShardOnly("RESET " + Ascii.toUpperCase(name));
      default -> new SessionStatement.Reset(Optional.of(name), false);
    };
  }

  SessionStatement show() {
    return new SessionStatement.Show(wholeSetting());
  }

  /** A setting's name up to the end. */
  private String wholeSetting() {
    String name;
    if (words.skip("time")) {
      words.require("zone");
      name = "timezone";
    } else if (words.skip("transaction")) {
      words.require("isolation");
      words.require("level");
      name = "transaction_isolation";
    } else if (words.isNext("session") && words.left() > 1) {
      words.skip("session");
      words.require("authorization");
      name = "session_authorization";
    } else {
      name = words.dottedName();
    }
    words.requireEnd();
    return name;
  }
}
