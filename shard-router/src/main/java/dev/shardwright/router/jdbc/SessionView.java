package dev.shardwright.router.jdbc;

import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.tables.SearchPath;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a session has set, and what it has set for its transaction as far as that matters for
 * reading statements. Immutable, so that a rollback brings an earlier one back.
 *
 * @param path of the session
 * @param localPath of the transaction, by {@code SET LOCAL}
 */
record SessionView(SessionSettings settings, SearchPath path, Optional<SearchPath> localPath) {
  /** Stands in a search path for the schema of the user's name, which shards need not have. */
  private static final String USER_SCHEMA = "$user";

  private static final String BUILT_IN = "pg_catalog";

  /** What a session has at its begin. */
  static SessionView initial(long pooledMillis, boolean shared) {
    return new SessionView(
        SessionSettings.none(pooledMillis, shared), SearchPath.DEFAULT, Optional.empty());
  }

  /** Where names without a schema are looked up now. */
  SearchPath effectivePath() {
    return localPath.orElse(path);
  }

  SessionView with(SessionSettings.Setting setting, List<String> values) {
    if (setting != SessionSettings.Setting.SEARCH_PATH) {
      return new SessionView(settings.with(setting, joined(values)), path, localPath);
    }
    return new SessionView(settings.with(setting, quoted(values)), path(values), Optional.empty());
  }

  SessionView without(SessionSettings.Setting setting) {
    return setting == SessionSettings.Setting.SEARCH_PATH
        ? new SessionView(settings.without(setting), SearchPath.DEFAULT, Optional.empty())
        : new SessionView(settings.without(setting), path, localPath);
  }

  /** What {@code SET LOCAL} says, as far as it matters here. */
  SessionView withLocal(SessionSettings.Setting setting, List<String> values) {
    if (setting == SessionSettings.Setting.SEARCH_PATH) {
      return new SessionView(settings, path, Optional.of(path(values)));
    }
    settings.check(setting, joined(values));
    return this;
  }

  /** What {@code SET LOCAL … TO DEFAULT} says, as far as it matters here. */
  SessionView withoutLocal(SessionSettings.Setting setting) {
    return setting == SessionSettings.Setting.SEARCH_PATH
        ? new SessionView(settings, path, Optional.of(SearchPath.DEFAULT))
        : this;
  }

  /**
   * What connections beside that of the transaction are set: they do not hear its {@code SET
   * LOCAL}, and have to find the same tables.
   */
  SessionSettings settingsBeside() {
    if (effectivePath().equals(path)) {
      return settings;
    }
    if (settings.shared()) {
      throw new SqlRefused(
          SqlRefused.Reason.NOT_OVER_SHARDS,
          "a query over several shards after SET LOCAL search_path, behind a proxy that shares"
              + " sessions: name the schemas in the query, or give the sharding key");
    }
    return settings.with(SessionSettings.Setting.SEARCH_PATH, quoted(effectivePath().schemas()));
  }

  /** After the transaction. */
  SessionView withoutLocal() {
    return localPath.isEmpty() ? this : new SessionView(settings, path, Optional.empty());
  }

  /**
   * What is built in must come first, named or not: else any function, operator or type of a schema
   * before it would be meant in its place, and routing relies on what is built in.
   */
  private static SearchPath path(List<String> schemas) {
    if (schemas.indexOf(BUILT_IN) > 0) {
      throw new SqlRefused(
          SqlRefused.Reason.SESSION_FEATURE,
          "a search_path with pg_catalog behind other schemas: leave pg_catalog out, which puts it"
              + " first, or use a connection that is bound to a key");
    }
    return new SearchPath(schemas.stream().filter(schema -> !schema.equals(USER_SCHEMA)).toList());
  }

  private static String joined(List<String> values) {
    return String.join(", ", values);
  }

  private static String quoted(List<String> names) {
    return names.stream().map(Quoting::name).collect(Collectors.joining(", "));
  }
}
