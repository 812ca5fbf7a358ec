package dev.shardwright.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;

/**
 * Copies of the data directory of a running PostgreSQL server, by its low-level interface for
 * backups: the programs that come embedded have no {@code pg_basebackup}.
 */
final class BaseBackup {
  /** What is in them belongs to the running server alone; the log comes by streaming. */
  private static final Set<String> LEFT_EMPTY =
      Set.of(
          "pg_dynshmem",
          "pg_notify",
          "pg_replslot",
          "pg_serial",
          "pg_snapshots",
          "pg_stat_tmp",
          "pg_subtrans",
          "pg_wal");

  private BaseBackup() {}

  /**
   * Takes one. The server writes whole pages to its log meanwhile, whatever its settings say, so
   * that pages that were copied half-written come right.
   */
  static void take(String url, PostgresOptions options, Path data, Path to) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(url, options.user(), options.password());
        Statement statement = connection.createStatement()) {
      statement.execute("select pg_backup_start('standby', true)");
      Directories.copyInUse(data, to, BaseBackup::isWanted);
      try (ResultSet row =
          statement.executeQuery(
              "select labelfile from pg_backup_stop(wait_for_archive => false)")) {
        row.next();
        write(to.resolve("backup_label"), row.getString(1));
      }
    }
  }

  private static boolean isWanted(Path place) {
    String name = place.getFileName().toString();
    return (place.getNameCount() == 1 || !LEFT_EMPTY.contains(place.getName(0).toString()))
        && !name.startsWith("postmaster.")
        && !name.startsWith("pgsql_tmp");
  }

  /** Makes a copy a standby that streams from a server. */
  static void follow(Path data, String host, int port, PostgresOptions options, String slot) {
    write(data.resolve("standby.signal"), "");
    set(
        data,
        "primary_conninfo",
        "host=%s port=%d user=%s password=%s"
            .formatted(host, port, value(options.user()), value(options.password())));
    set(data, "primary_slot_name", slot);
  }

  /** Lets it stream from nobody, once it is started again. */
  static void followNobody(Path data) {
    set(data, "primary_conninfo", "");
    set(data, "primary_slot_name", "");
  }

  /** The last line that names a setting counts. */
  private static void set(Path data, String setting, String value) {
    write(
        data.resolve("postgresql.auto.conf"),
        "%s = '%s'%n".formatted(setting, value.replace("\\", "\\\\").replace("'", "''")));
  }

  /** As a value in a connection string. */
  private static String value(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}
