package dev.shardwright.internal.schema;

/**
 * What sessions of the admin role begin with, whatever the server, the database or the role says.
 */
public final class SessionSettings {
  /**
   * Names are found in {@code pg_catalog} only, rows are not filtered in silence, values have the
   * same text everywhere and are read as they were written, it may write wherever the service is
   * kept from it by default, each statement sees what was committed before it and keeps nobody from
   * committing, and what was committed is there after a crash. The server notices within two
   * seconds that its client is gone, also in the middle of a statement; of a session that rests,
   * within two minutes also if the client's machine is, and nothing on the way forgets it. From
   * version 17 on the server has {@code transaction_timeout}: each statement and each silence has
   * its own limit.
   */
  public static final String ADMIN =
      """
      set search_path = pg_catalog;
      set row_security = off;
      set client_min_messages = warning;
      set datestyle = 'ISO, MDY';
      set intervalstyle = 'postgres';
      set timezone = 'UTC';
      set extra_float_digits = 1;
      set bytea_output = 'hex';
      set lc_monetary = 'C';
      set xmloption = content;
      set array_nulls = on;
      set default_transaction_read_only = off;
      set default_transaction_isolation = 'read committed';
      set default_transaction_deferrable = off;
      set synchronous_commit = on;
      set client_connection_check_interval = 2000;
      set tcp_keepalives_idle = 60;
      set tcp_keepalives_interval = 10;
      set tcp_keepalives_count = 6;
      select pg_catalog.set_config('transaction_timeout', '0', false)
        where pg_catalog.current_setting('transaction_timeout', true) is not null;
      """;

  private SessionSettings() {}
}
