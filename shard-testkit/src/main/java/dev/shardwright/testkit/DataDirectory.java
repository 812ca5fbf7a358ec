package dev.shardwright.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import org.postgresql.util.PasswordUtil;

/** Makes the data directories of new PostgreSQL servers. */
final class DataDirectory {
  /**
   * Into how many rounds the superuser's password is hashed, for each connection and by the client:
   * of the server's own 4096 many connections in a row are kept busy. Empty for those.
   */
  private static final String SCRAM_ITERATIONS =
      System.getProperty("shardwright.test.scram.iterations", "");

  private static final int SALT_BYTES = 16;
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
              "template-1-" + binaries.id() + suffix(SCRAM_ITERATIONS),
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
      Files.writeString(secret, password(options));
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

  private static String suffix(String value) {
    return value.isEmpty() ? "" : "-" + value;
  }

  /** As it is, or hashed already. */
  private static String password(PostgresOptions options) {
    if (SCRAM_ITERATIONS.isEmpty()) {
      return options.password();
    }
    byte[] salt = new byte[SALT_BYTES];
    new SecureRandom().nextBytes(salt);
    return PasswordUtil.encodeScramSha256(
        options.password().toCharArray(), Integer.parseInt(SCRAM_ITERATIONS), salt);
  }
}
