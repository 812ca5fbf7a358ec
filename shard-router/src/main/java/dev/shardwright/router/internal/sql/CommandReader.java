package dev.shardwright.router.internal.sql;

import com.google.common.base.Ascii;
import dev.shardwright.router.internal.sql.Analysis.Kind;
import dev.shardwright.router.internal.sql.scan.Names;
import dev.shardwright.router.internal.sql.scan.Scan;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.Token;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

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

  /** The schema of those objects, by the name that every session has for it or by its own. */
  private static final Pattern TEMPORARY_SCHEMA = Pattern.compile("pg_temp(_[0-9]+)?");

  private final Scan scan;
  private final List<Token> tokens;
  private final CommandWords words;

  private CommandReader(Scan scan) {
    this.scan = scan;
    this.tokens = scan.tokens();
    this.words = new CommandWords(scan);
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

  private Optional<CommandAnalysis> read(String command) {
    if (SCHEMA_CHANGES.contains(command)) {
      return Optional.of(schemaChange(command));
    }
    return session(command).map(this::analysis);
  }

  private CommandAnalysis analysis(SessionStatement session) {
    boolean oneShardOnly = session instanceof SessionStatement.OneShardOnly;
    if (!oneShardOnly && scan.parameters() > 0) {
      throw words.syntax("takes no parameters");
    }
    return new CommandAnalysis(Kind.SESSION, scan, Optional.of(session));
  }

  private CommandAnalysis schemaChange(String command) {
    boolean creates = command.equals("create");
    if (tokens.stream().anyMatch(CommandReader::isTemporarySchema)) {
      return analysis(
          new SessionStatement.OneShardOnly(Ascii.toUpperCase(command) + " in pg_temp"));
    }
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

  private static boolean isTemporarySchema(Token token) {
    return (token.kind() == Token.Kind.WORD || token.kind() == Token.Kind.QUOTED)
        && TEMPORARY_SCHEMA.matcher(Names.fold(token.text())).matches();
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
    if (ONE_SHARD_ONLY.contains(command)) {
      return Optional.of(new SessionStatement.OneShardOnly(Ascii.toUpperCase(command)));
    }
    return switch (command) {
      case "begin" -> Optional.of(new TransactionReader(words).begin());
      case "start" -> Optional.of(new TransactionReader(words).start());
      case "commit", "end" -> Optional.of(new TransactionReader(words).end(true));
      case "rollback", "abort" -> Optional.of(new TransactionReader(words).end(false));
      case "savepoint" -> Optional.of(new SessionStatement.Savepoint(words.lastName()));
      case "release" -> {
        words.skip("savepoint");
        yield Optional.of(new SessionStatement.Release(words.lastName()));
      }
      case "set" -> Optional.of(new SettingReader(words).set());
      case "reset" -> Optional.of(new SettingReader(words).reset());
      case "show" -> Optional.of(new SettingReader(words).show());
      case "discard" -> Optional.of(discard());
      default -> Optional.empty();
    };
  }

  private SessionStatement discard() {
    return words.skip("all") && words.left() == 0
        ? new SessionStatement.DiscardAll()
        : new SessionStatement.OneShardOnly("DISCARD");
  }
}
