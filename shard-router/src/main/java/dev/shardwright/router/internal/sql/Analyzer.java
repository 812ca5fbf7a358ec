package dev.shardwright.router.internal.sql;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import dev.shardwright.router.internal.sql.scan.Scan;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlScanner;
import dev.shardwright.router.internal.sql.scan.StackGuard;
import dev.shardwright.router.internal.sql.tables.Registrations;
import dev.shardwright.router.internal.sql.tables.SearchPath;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import dev.shardwright.topology.Topology;
import java.util.Optional;

/**
 * Reads statements: finds out which tables they name, which of their rows are needed, and how the
 * answer is put together. Keeps what it has read. Thread-safe.
 */
public final class Analyzer {
  /** The most characters of texts that are kept; what is kept of them is some times as large. */
  private static final int CACHE_SIZE = 4 << 20;

  /** What even a short text costs. */
  private static final int ENTRY = 512;

  /** All that an analysis depends on. */
  private record Reading(String sql, SearchPath path, Registrations registrations) {}

  private record Known(Topology topology, Registrations registrations) {}

  private final Cache<Reading, Analysis> analyses =
      CacheBuilder.newBuilder()
          .maximumWeight(CACHE_SIZE)
          .weigher((Reading reading, Analysis analysis) -> ENTRY + reading.sql().length())
          .build();
  private volatile Known known = known(Topology.INITIAL, Registrations.of(Topology.INITIAL));

  /**
   * What the text says, given the tables that the topology knows.
   *
   * @param topology the one that {@link Analysis#destination} will be asked with
   * @throws SqlRefused if it cannot be carried out, wherever its rows are
   */
  public Analysis analyze(String sql, SearchPath path, Topology topology) {
    Registrations registrations = registrations(topology);
    Reading reading = new Reading(sql, path, registrations);
    Analysis kept = analyses.getIfPresent(reading);
    if (kept != null) {
      return kept;
    }
    Analysis analysis = StackGuard.guarded(() -> read(SqlScanner.scan(sql), path, registrations));
    analyses.put(reading, analysis);
    return analysis;
  }

  private static Analysis read(Scan scan, SearchPath path, Registrations registrations) {
    Optional<CommandAnalysis> command = CommandReader.read(scan);
    if (command.isPresent()) {
      return command.get();
    }
    Optional<ExplainReader.Explained> explained = ExplainReader.read(scan);
    if (explained.isPresent()) {
      Scan inner = SqlScanner.scan(explained.get().sql());
      return new ExplainAnalysis(scan, read(inner, path, registrations), explained.get().analyze());
    }
    return StatementReader.read(ParsedStatement.of(scan), path, registrations);
  }

  @SuppressWarnings("ReferenceEquality") // a snapshot is nearly always the very one seen last
  private Registrations registrations(Topology topology) {
    Known latest = known;
    if (latest.topology() == topology) {
      return latest.registrations();
    }
    // The old object, if it is equal, so that what is kept is found without comparing tables.
    Registrations fresh = Registrations.of(topology);
    Registrations same = fresh.equals(latest.registrations()) ? latest.registrations() : fresh;
    known = known(topology, same);
    return same;
  }

  private static Known known(Topology topology, Registrations registrations) {
    return new Known(topology, registrations);
  }
}
