package dev.shardwright.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Makes the data directories of new PostgreSQL servers. */
final class DataDirectory {
  private static final Duration INITDB_LIMIT = Duration.ofSeconds(60);

  private DataDirectory() {}

  /**
   * Makes one. For the usual superuser it is a copy of a template that {@code initdb} made once,
   * since that takes longer than all else.
   */
  static void create(PostgresBinaries binaries, PostgresOptions options, Path data) {
    if (options.user().equals(PostgresOptions.DEFAULTS.user())
        && options.password().equals(PostgresOptions.DEFAULTS.password())) {
      Path template =
          Cache.get(
              "template-1-" + binaries.id(),
              directory ->
                  initialise(binaries, PostgresOptions.DEFAULTS, directory.resolve("data")));
      Directories.copy(template.resolve("data"), data);
    } else {
      initialise(binaries, options, data);
    }
  }

  private static void initialise(PostgresBinaries binaries, PostgresOptions options, Path data) {
    Path secret = data.resolveSibling("password");
    try {
      Files.writeString(secret, options.password());
      Processes.run(
          Processes.asOrdinaryUser(
              List.of(
                  binaries.program("initdb"),
                  "--pgdata=" + data,
                  "--username=" + options.user(),
                  "--pwfile=" + secret,
                  "--auth=scram-sha-256",
                  "--encoding=UTF8",
                  "--locale=C",
                  "--no-sync")),
          INITDB_LIMIT);
      Files.delete(secret);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make a data directory in " + data.getParent(), e);
    }
  }
}
