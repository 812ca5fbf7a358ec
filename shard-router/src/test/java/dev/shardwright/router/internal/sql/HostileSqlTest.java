package dev.shardwright.router.internal.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.google.common.base.Splitter;
import com.google.common.io.Resources;
import dev.shardwright.router.internal.sql.destination.ParameterValues;
import dev.shardwright.router.internal.sql.scan.Scan;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlScanner;
import dev.shardwright.router.internal.sql.tables.SearchPath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Broken and hostile SQL is understood or refused: it never hangs, overflows the stack or fails
 * otherwise. The time limits only end a test that would hang.
 */
class HostileSqlTest {
  private static final int MUTANTS = 1_500;

  private static final List<String> FRAGMENTS =
      List.of(
          "(",
          ")",
          "[",
          "]",
          "'",
          "''",
          "\"",
          "\"\"",
          "$$",
          "$a$",
          "$1",
          "$0",
          "?",
          "??",
          ";",
          "--",
          "/*",
          "*/",
          "\n",
          "\\",
          "E'",
          "U&'",
          "U&\"",
          "uescape '!'",
          "B'",
          "x'",
          "::",
          ":",
          ":=",
          "=>",
          ",",
          ".",
          "..",
          "*",
          "-",
          "+",
          "<>",
          "||",
          "->>",
          "@>",
          "\0",
          "\uD800",
          "\uDC00",
          "\u00A0",
          "é",
          "😀",
          "1e",
          "1.5.5",
          "0x",
          "1_",
          "null",
          "default",
          "not",
          "and",
          "or",
          "is null",
          "in (1)",
          "between 1 and 2",
          "like 'x' escape '!'",
          "case when 1 then 2 end",
          "select",
          "(select 1)",
          "from",
          "where",
          "user_id",
          "user_id = 1",
          "group by",
          "order by",
          "limit 1",
          "union all",
          "with x as (select 1)",
          "values",
          "insert into orders",
          "update orders set",
          "delete from orders",
          "returning *",
          "on conflict do nothing",
          "for update",
          "over ()",
          "filter (where true)",
          "lateral",
          "join",
          "natural",
          "using (id)",
          "array[1]",
          "row(1)",
          "any(",
          "interval '1 day'",
          "cast(1 as int)",
          "{",
          "}",
          "`",
          "#",
          "explain",
          "explain analyze",
          "begin",
          "set x =",
          "~1",
          "'~1'",
          "?1");

  private final Analyzer analyzer = new Analyzer();

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void survivesMutants() throws IOException {
    long seed = Long.getLong("shardwright.test.seed", System.nanoTime());
    Random random = new Random(seed);
    List<String> corpus = corpus();
    int understood = 0;
    for (int i = 0; i < MUTANTS; i++) {
      String sql = corpus.get(random.nextInt(corpus.size()));
      for (int changes = random.nextInt(3) + 1; changes > 0; changes--) {
        sql = mutant(sql, corpus, random);
      }
      understood += survives(sql, seed) ? 1 : 0;
    }
    assertThat(understood).as("mutants that are still SQL, seed %s", seed).isPositive();
  }

  @ParameterizedTest
  @ValueSource(ints = {60, 5_000})
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void survivesDepth(int depth) throws InterruptedException {
    List<String> texts =
        List.of(
            "select " + nested("(", "1", ")", depth),
            "select 1 from orders where " + nested("(", "user_id = 1", ")", depth),
            "select 1 from orders where " + nested("(x = 1 or ", "user_id = 1", ")", depth),
            "select 1 from orders where " + nested("not ", "x", "", depth),
            "select " + nested("f(", "1", ")", depth),
            "select " + nested("1 + f(", "1", ")", depth),
            "select " + nested("- ", "1", "", depth),
            "select " + nested("-", "1", "", depth),
            "select " + nested("case when a then ", "1", " end", depth),
            "select " + nested("case when a then 1 else ", "1", " end", depth),
            "select " + nested("array[", "1", "]", depth),
            "select " + nested("a[", "1", "]", depth),
            "select " + nested("cast(", "1", " as int)", depth),
            "select 1" + "::int".repeat(depth),
            "select a" + "[1]".repeat(depth),
            "select a" + ".a".repeat(depth),
            "select 1" + " + 1".repeat(depth),
            "select a" + " || a + 1".repeat(depth),
            "select a" + " -> 'x'".repeat(depth),
            "select a" + " at time zone 'x'".repeat(depth),
            "select a" + " collate \"C\"".repeat(depth),
            "select a" + " is null".repeat(depth),
            "select 1 from orders where user_id = 1" + " and x = 1".repeat(depth),
            "select 1 from orders where user_id = 1" + " or user_id = 1".repeat(depth),
            "select 1 from orders where user_id in (1" + ", 1".repeat(depth) + ")",
            "insert into orders (user_id) values (1)" + ", (1)".repeat(depth),
            "select 1" + " union all select 1".repeat(depth),
            nested("(", "select 1", ")", depth),
            nested("select * from (", "select 1", ") s", depth),
            nested("select * from orders where x in (", "select 1", ")", depth),
            nested("select (", "select 1", ")", depth),
            nested("with x as (", "select 1", ") select 1", depth),
            "select 1 from " + nested("(", "orders", " join users on true)", depth),
            "select 1 from orders" + " join users on true".repeat(depth),
            "select 1 from orders" + " cross join users".repeat(depth),
            "select 1 from orders" + ", users".repeat(depth),
            "explain ".repeat(depth) + "select 1",
            "explain (analyze) ".repeat(depth) + "select 1",
            "/*".repeat(depth) + "*/".repeat(depth) + "select 1",
            "select " + "'a'\n".repeat(depth),
            "select $a" + "$".repeat(depth),
            "select " + "(".repeat(depth),
            "select " + "case when a then ".repeat(depth),
            "select " + "1 in (select ".repeat(depth),
            "select 1 " + "-- x\n".repeat(depth),
            "select " + "a, ".repeat(depth) + "a",
            "select count(*) from orders group by " + "x, ".repeat(depth) + "x");
    for (String sql : texts) {
      survives(sql, 0);
      onSmallStack(sql);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select string_agg(name) from orders",
        "select stddev() from orders",
        "with recursive t as (select user_id, o.* from orders o union all"
            + " select y.a, o.* from t as y (a, b) join orders o on o.user_id = y.a)"
            + " select count(*) from t",
      })
  void survivesWhatHasTooFewOrTooMany(String sql) {
    survives(sql, 0);
  }

  /** The stack that a thread of the caller's has left may be small. */
  private void onSmallStack(String sql) throws InterruptedException {
    List<Throwable> failures = new ArrayList<>();
    Thread thread =
        new Thread(
            null,
            () -> {
              try {
                survives(sql, 0);
              } catch (Throwable e) {
                failures.add(e);
              }
            },
            "small-stack",
            1 << 18);
    thread.start();
    thread.join();
    assertThat(failures).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // what hides in strings, names and comments stays there
        "select 'a'; delete from orders --'",
        "select \"a\"; delete from orders --\"",
        "select $$ $$; delete from orders",
        "select 1 /* */; delete from orders /* */",
        "select E'\\'; delete from orders --'",
        "select '\\'; delete from orders --'",
        "select 1 from orders where user_id = 1; -- \n delete from orders",
        "select 1 from orders where user_id = 1 \u2028; delete from orders",
        "select U&'\\0027; delete from orders --'; select 1",
        "select $a$ $b$ $a$; delete from orders",
        "select 1;;select 2",
      })
  void findsTheSecondStatement(String sql) {
    try {
      Scan scan = SqlScanner.scan(sql);
      // One statement for PostgreSQL too: the rest is in a string.
      assertThat(scan.tokens()).noneMatch(token -> token.is("delete"));
    } catch (SqlRefused e) {
      assertThat(e).hasMessageContaining("second statement");
    }
  }

  private static String nested(String open, String core, String close, int depth) {
    return open.repeat(depth) + core + close.repeat(depth);
  }

  /** Says whether the statement is understood. */
  private boolean survives(String sql, long seed) {
    try {
      Analysis analysis = analyzer.analyze(sql, SearchPath.DEFAULT, TestShards.TOPOLOGY);
      ParameterValues values = HostileSqlTest::value;
      analysis.destination(values, TestShards.TOPOLOGY);
      if (analysis.kind() == Analysis.Kind.QUERY) {
        analysis.answers();
      } else if (analysis.kind() == Analysis.Kind.WRITE) {
        analysis.writes(values, TestShards.TOPOLOGY);
      }
      return true;
    } catch (SqlRefused e) {
      assertThat(e.getMessage()).isNotEmpty();
      return false;
    } catch (RuntimeException | Error e) {
      String shown = sql.length() > 2_000 ? sql.substring(0, 2_000) + "…" : sql;
      return fail("seed " + seed + ", statement: " + shown, e);
    }
  }

  private static @Nullable Object value(int place) {
    return switch (place % 4) {
      case 0 -> null;
      case 1 -> 5L;
      case 2 -> "text";
      default -> List.of();
    };
  }

  private static List<String> corpus() throws IOException {
    String text =
        Resources.toString(
            Resources.getResource(HostileSqlTest.class, "corpus.sql"), StandardCharsets.UTF_8);
    List<String> statements = new ArrayList<>();
    for (String line : Splitter.on('\n').omitEmptyStrings().split(text)) {
      if (!line.startsWith("--")) {
        statements.add(
            line.replaceAll("\\bt\\b", "orders")
                .replaceAll("\\bu\\b", "users")
                .replaceAll("\\bw\\b", "countries")
                .replaceAll("\\busers\\.k\\b", "users.id")
                .replaceAll("\\bk\\b", "user_id"));
      }
    }
    return statements;
  }

  private static String mutant(String sql, List<String> corpus, Random random) {
    int at = random.nextInt(sql.length() + 1);
    int to = Math.min(sql.length(), at + random.nextInt(12));
    String fragment = FRAGMENTS.get(random.nextInt(FRAGMENTS.size()));
    return switch (random.nextInt(8)) {
      case 0 -> sql.substring(0, at);
      case 1 -> sql.substring(at);
      case 2 -> sql.substring(0, at) + sql.substring(to);
      case 3 -> sql.substring(0, to) + sql.substring(at);
      case 4 -> sql.substring(0, at) + " " + fragment + " " + sql.substring(at);
      case 5 -> sql.substring(0, at) + fragment + sql.substring(to);
      case 6 -> word(sql, fragment, random);
      default -> {
        String other = corpus.get(random.nextInt(corpus.size()));
        yield sql.substring(0, at) + other.substring(random.nextInt(other.length() + 1));
      }
    };
  }

  /** Puts a fragment in the place of a word. */
  private static String word(String sql, String fragment, Random random) {
    List<String> words = new ArrayList<>(Splitter.on(' ').splitToList(sql));
    words.set(random.nextInt(words.size()), fragment);
    return String.join(" ", words);
  }
}
