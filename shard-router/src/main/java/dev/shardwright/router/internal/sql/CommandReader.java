package dev.shardwright.router.internal.sql;

import com.google.common.base.Ascii;
import dev.shardwright.router.internal.sql.Analysis.Kind;
import dev.shardwright.router.internal.sql.SessionStatement.Isolation;
import dev.shardwright.router.internal.sql.SessionStatement.TransactionModes;
import dev.shardwright.router.internal.sql.scan.Names;
import dev.shardwright.router.internal.sql.scan.Scan;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlRefused.Reason;
import dev.shardwright.router.internal.sql.scan.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Knows from its words a statement that is neither a query nor a write of rows: these have a simple
 * syntax, and the parser does not know all of them.
 */
final class CommandReader {
  private static final Set<String> SCHEMA_CHANGES =
      Set.of(
          "alter",
          "analyse",
          "analyze",
          "cluster",
          "comment",
          "create",
          "drop",
          "grant",
          "import",
          "reassign",
          "refresh",
          "reindex",
          "revoke",
          "security",
          "truncate",
          "vacuum");

  private static final Set<String> ONE_SHARD_ONLY =
      Set.of(
          "call",
          "checkpoint",
          "close",
          "copy",
          "deallocate",
          "declare",
          "do",
          "execute",
          "fetch",
          "listen",
          "load",
          "lock",
          "move",
          "notify",
          "prepare",
          "unlisten");

  /** Objects that a session makes for itself. */
  private static final Set<String> TEMPORARY = Set.of("temp", "temporary");

  private final Scan scan;
  private final List<Token> tokens;
  private int at;

  private CommandReader(Scan scan) {
    this.scan = scan;
    this.tokens = scan.tokens();
  }

  /**
   * The statement's analysis; empty if it is a query or a write of rows.
   *
   * @throws SqlRefused if it begins like a known one and goes on otherwise
   */
  static Optional<CommandAnalysis> read(Scan scan) {
    Token first = scan.tokens().get(0);
    return first.kind() == Token.Kind.WORD
        ? new CommandReader(scan).read(Ascii.toLowerCase(first.text()))
        : Optional.empty();
  }

  /** Where the explained statement begins in the caller's text; empty if it is no EXPLAIN. */
  static Optional<Explained> explained(Scan scan) {
    return scan.tokens().get(0).is("explain")
        ? Optional.of(new CommandReader(scan).explained())
        : Optional.empty();
  }

  /**
   * @param analyze whether the statement is carried out
   */
  record Explained(String sql, boolean analyze) {}

  private Optional<CommandAnalysis> read(String command) {
    if (SCHEMA_CHANGES.contains(command)) {
      return Optional.of(schemaChange(command));
    }
    return session(command).map(this::analysis);
  }

  private CommandAnalysis analysis(SessionStatement session) {
    boolean oneShardOnly = session instanceof SessionStatement.OneShardOnly;
    if (!oneShardOnly && scan.parameters() > 0) {
      throw syntax("takes no parameters");
    }
    return new CommandAnalysis(Kind.SESSION, scan, Optional.of(session));
  }

  private CommandAnalysis schemaChange(String command) {
    boolean creates = command.equals("create");
    if (creates && tokens.size() > 1 && isTemporary()) {
      return analysis(new SessionStatement.OneShardOnly("CREATE TEMPORARY"));
    }
    if (creates && fillsFromQuery()) {
      return analysis(new SessionStatement.OneShardOnly("CREATE TABLE AS"));
    }
    return new CommandAnalysis(Kind.SCHEMA_CHANGE, scan, Optional.empty());
  }

  private boolean isTemporary() {
    // create [or replace] [global | local] {temp | temporary} …
    return tokens.stream()
        .skip(1)
        .takeWhile(
            token ->
                token.is("or")
                    || token.is("replace")
                    || token.is("global")
                    || token.is("local")
                    || isTemporary(token))
        .anyMatch(CommandReader::isTemporary);
  }

  private static boolean isTemporary(Token token) {
    return token.kind() == Token.Kind.WORD && TEMPORARY.contains(Ascii.toLowerCase(token.text()));
  }

  /** CREATE TABLE AS and CREATE MATERIALIZED VIEW: each shard would have the rows of its own. */
  private boolean fillsFromQuery() {
    boolean table =
        tokens.stream().limit(4).anyMatch(token -> token.is("table") || token.is("materialized"));
    int depth = 0;
    for (Token token : tokens) {
      depth += token.isSign("(") ? 1 : token.isSign(")") ? -1 : 0;
      if (table && depth == 0 && token.is("as")) {
        return true;
      }
    }
    return false;
  }

  private Optional<SessionStatement> session(String command) {
    at = 1;
    if (ONE_SHARD_ONLY.contains(command)) {
      return Optional.of(new SessionStatement.OneShardOnly(Ascii.toUpperCase(command)));
    }
    return switch (command) {
      case "begin" -> Optional.of(begin());
      case "start" -> {
        require("transaction");
        yield Optional.of(new SessionStatement.Begin(modes()));
      }
      case "commit", "end" -> Optional.of(end(true));
      case "rollback", "abort" -> Optional.of(end(false));
      case "savepoint" -> Optional.of(new SessionStatement.Savepoint(lastName()));
      case "release" -> {
        skip("savepoint");
        yield Optional.of(new SessionStatement.Release(lastName()));
      }
      case "set" -> Optional.of(set());
      case "reset" -> Optional.of(reset());
      case "show" -> Optional.of(new SessionStatement.Show(wholeSetting()));
      case "discard" -> Optional.of(discard());
      default -> Optional.empty();
    };
  }

  private SessionStatement begin() {
    skipWork();
    return new SessionStatement.Begin(modes());
  }

  private SessionStatement end(boolean commit) {
    if (isNext("prepared")) {
      return new SessionStatement.OneShardOnly(commit ? "COMMIT PREPARED" : "ROLLBACK PREPARED");
    }
    skipWork();
    if (!commit && skip("to")) {
      skip("savepoint");
      return new SessionStatement.RollbackTo(lastName());
    }
    boolean chain = false;
    if (skip("and")) {
      chain = !skip("no");
      require("chain");
    }
    requireEnd();
    return commit ? new SessionStatement.Commit(chain) : new SessionStatement.Rollback(chain);
  }

  private SessionStatement set() {
    if (skip("transaction")) {
      return isNext("snapshot")
          ? new SessionStatement.OneShardOnly("SET TRANSACTION SNAPSHOT")
          : new SessionStatement.SetTransaction(modes());
    }
    boolean local = false;
    if (!isNextSetting()) {
      local = isNext("local");
      if (!skip("local") && skip("session") && skip("characteristics")) {
        require("as");
        require("transaction");
        return new SessionStatement.SetCharacteristics(modes());
      }
    }
    for (String other : List.of("constraints", "role", "xml")) {
      if (isNext(other) && !isNextSetting()) {
        return new SessionStatement.OneShardOnly("SET " + Ascii.toUpperCase(other));
      }
    }
    if (isNext("authorization")) {
      return new SessionStatement.OneShardOnly("SET SESSION AUTHORIZATION");
    }
    String name = setting();
    return assign(name, local);
  }

  /** Whether {@code SET session = 1} is meant, and not {@code SET session x = 1}. */
  private boolean isNextSetting() {
    return at + 1 < tokens.size()
        && (tokens.get(at + 1).is("to")
            || tokens.get(at + 1).isSign("=")
            || tokens.get(at + 1).isSign("."));
  }

  private SessionStatement assign(String name, boolean local) {
    List<String> values = new ArrayList<>();
    if (at == tokens.size() - 1
        && (isNext("default") || (isNext("local") && name.equals("timezone")))) {
      return new SessionStatement.Reset(Optional.of(name), local);
    }
    if (isNext("from") || isNext("interval")) {
      return new SessionStatement.OneShardOnly("SET " + Ascii.toUpperCase(name));
    }
    do {
      values.add(value());
    } while (skipSign(","));
    requireEnd();
    return new SessionStatement.Assign(name, values, local);
  }

  /** A setting's name and the sign or word that its value follows. */
  private String setting() {
    if (skip("time")) {
      require("zone");
      return "timezone";
    }
    if (!isNextSetting() && skip("schema")) {
      return "search_path";
    }
    if (!isNextSetting() && skip("names")) {
      return "client_encoding";
    }
    String name = dottedName();
    if (!skip("to") && !skipSign("=")) {
      throw syntax("has no TO or = after the setting's name");
    }
    return name;
  }

  private SessionStatement reset() {
    String name = wholeSetting();
    return switch (name) {
      case "all" -> new SessionStatement.Reset(Optional.empty(), false);
      case "role", "session_authorization" ->
          new SessionStatement.OneShardOnly("RESET " + Ascii.toUpperCase(name));
      default -> new SessionStatement.Reset(Optional.of(name), false);
    };
  }

  /** A setting's name up to the end. */
  private String wholeSetting() {
    String name;
    if (skip("time")) {
      require("zone");
      name = "timezone";
    } else if (skip("transaction")) {
      require("isolation");
      require("level");
      name = "transaction_isolation";
    } else if (isNext("session") && at + 1 < tokens.size()) {
      skip("session");
      require("authorization");
      name = "session_authorization";
    } else {
      name = dottedName();
    }
    requireEnd();
    return name;
  }

  private SessionStatement discard() {
    return skip("all") && at == tokens.size()
        ? new SessionStatement.DiscardAll()
        : new SessionStatement.OneShardOnly("DISCARD");
  }

  private TransactionModes modes() {
    Optional<Isolation> isolation = Optional.empty();
    Optional<Boolean> readOnly = Optional.empty();
    Optional<Boolean> deferrable = Optional.empty();
    while (at < tokens.size()) {
      if (skip("isolation")) {
        require("level");
        isolation = Optional.of(isolation());
      } else if (skip("read")) {
        boolean only = skip("only");
        if (!only) {
          require("write");
        }
        readOnly = Optional.of(only);
      } else {
        boolean not = skip("not");
        require("deferrable");
        deferrable = Optional.of(!not);
      }
      skipSign(",");
    }
    return new TransactionModes(isolation, readOnly, deferrable);
  }

  private Isolation isolation() {
    if (skip("serializable")) {
      return Isolation.SERIALIZABLE;
    }
    if (skip("repeatable")) {
      require("read");
      return Isolation.REPEATABLE_READ;
    }
    require("read");
    if (skip("committed")) {
      return Isolation.READ_COMMITTED;
    }
    require("uncommitted");
    return Isolation.READ_UNCOMMITTED;
  }

  private Explained explained() {
    at = 1;
    boolean analyze = false;
    if (isNextSign("(") && !isQueryInBrackets()) {
      at++;
      do {
        analyze = option(analyze);
      } while (skipSign(","));
      if (!skipSign(")")) {
        throw syntax("has options that are not PostgreSQL's");
      }
    } else {
      analyze = skip("analyze") || skip("analyse");
      skip("verbose");
    }
    if (at == tokens.size() || isNext("explain")) {
      throw syntax("needs a statement to explain");
    }
    return new Explained(scan.original().substring(tokens.get(at).start()), analyze);
  }

  private boolean isQueryInBrackets() {
    int inner = at;
    while (inner < tokens.size() && tokens.get(inner).isSign("(")) {
      inner++;
    }
    Token first = inner < tokens.size() ? tokens.get(inner) : tokens.get(at);
    return first.is("select") || first.is("with") || first.is("values") || first.is("table");
  }

  private boolean option(boolean analyze) {
    boolean isAnalyze = isNext("analyze") || isNext("analyse");
    at++;
    String value = isNextSign(",") || isNextSign(")") ? "on" : value();
    return isAnalyze ? !Set.of("off", "false", "0").contains(value) : analyze;
  }

  /** A constant or a word. */
  private String value() {
    if (at == tokens.size()) {
      throw syntax("ends before a value");
    }
    String sign = isNextSign("-") || isNextSign("+") ? tokens.get(at++).text() : "";
    Token token = at < tokens.size() ? tokens.get(at++) : tokens.get(at - 1);
    return switch (token.kind()) {
      case WORD, QUOTED -> Names.fold(token.text());
      case NUMBER -> sign.equals("-") ? "-" + token.text() : token.text();
      case STRING -> scan.literal(token).value();
      case PARAMETER, OPERATOR, PUNCTUATION ->
          throw syntax("has '" + token.text() + "' in the place of a value");
    };
  }

  private String dottedName() {
    StringBuilder name = new StringBuilder(name());
    while (skipSign(".")) {
      name.append('.').append(name());
    }
    return name.toString();
  }

  private String lastName() {
    String name = name();
    requireEnd();
    return name;
  }

  private String name() {
    if (at < tokens.size()) {
      Token token = tokens.get(at);
      if (token.kind() == Token.Kind.WORD || token.kind() == Token.Kind.QUOTED) {
        at++;
        return Names.fold(token.text());
      }
    }
    throw syntax("has no name where one is needed");
  }

  private void skipWork() {
    if (!skip("work")) {
      skip("transaction");
    }
  }

  private boolean isNext(String keyword) {
    return at < tokens.size() && tokens.get(at).is(keyword);
  }

  private boolean isNextSign(String sign) {
    return at < tokens.size() && tokens.get(at).isSign(sign);
  }

  private boolean skip(String keyword) {
    boolean there = isNext(keyword);
    at += there ? 1 : 0;
    return there;
  }

  private boolean skipSign(String sign) {
    boolean there = isNextSign(sign);
    at += there ? 1 : 0;
    return there;
  }

  private void require(String keyword) {
    if (!skip(keyword)) {
      throw syntax("needs " + Ascii.toUpperCase(keyword) + where());
    }
  }

  private void requireEnd() {
    if (at < tokens.size()) {
      throw syntax("goes on" + where());
    }
  }

  private String where() {
    return at < tokens.size()
        ? " at '" + tokens.get(at).text() + "'"
        : " after '" + tokens.get(tokens.size() - 1).text() + "'";
  }

  private SqlRefused syntax(String what) {
    return new SqlRefused(
        Reason.SYNTAX, "the statement " + Ascii.toUpperCase(tokens.get(0).text()) + " " + what);
  }
}
