package dev.shardwright.router.jdbc;

import dev.shardwright.router.internal.pool.SessionDefaults;
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
  /** What a session has at its begin. */
  static SessionView initial(SessionDefaults pooled, long pooledMillis, boolean shared) {
    return new SessionView(
        SessionSettings.none(pooled, pooledMillis, shared),
        SearchPath.of(pooled.searchPath()),
        Optional.empty());
  }

  /** Where names without a schema are looked up now. */
  SearchPath effectivePath() {
    return localPath.orElse(path);
  }

  SessionView with(SessionSettings.Setting setting, List<String> values) {
    if (setting != SessionSettings.Setting.SEARCH_PATH) {
      return new SessionView(settings.with(setting, joined(values)), path, localPath);
    }
    return new SessionView(
        settings.with(setting, quoted(values)), SearchPath.of(values), Optional.empty());
  }

  SessionView without(SessionSettings.Setting setting) {
    return setting == SessionSettings.Setting.SEARCH_PATH
        ? new SessionView(settings.without(setting), pooledPath(), Optional.empty())
        : new SessionView(settings.without(setting), path, localPath);
  }

  /** What {@code SET LOCAL} says, as far as it matters here. */
  SessionView withLocal(SessionSettings.Setting setting, List<String> values) {
    if (setting == SessionSettings.Setting.SEARCH_PATH) {
      return new SessionView(settings, path, Optional.of(SearchPath.of(values)));
    }
    settings.check(setting, joined(values));
    return this;
  }

  /** What {@code SET LOCAL … TO DEFAULT} says, as far as it matters here. */
  SessionView withoutLocal(SessionSettings.Setting setting) {
    return setting == SessionSettings.Setting.SEARCH_PATH
        ? new SessionView(settings, path, Optional.of(pooledPath()))
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

  /** What a session has that has set none. */
  private SearchPath pooledPath() {
    return SearchPath.of(settings.pooled().searchPath());
  }

  private static String joined(List<String> values) {
    return String.join(", ", values);
  }

  private static String quoted(List<String> names) {
    return names.stream().map(Quoting::name).collect(Collectors.joining(", "));
  }
}
