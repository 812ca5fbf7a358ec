package dev.shardwright.router.internal.jdbc.setting;

import static com.google.common.collect.ImmutableSet.toImmutableSet;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import dev.shardwright.router.internal.jdbc.setting.SessionSettings.Setting;
import dev.shardwright.router.internal.pool.SessionDefaults;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.tables.SearchPath;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a session has set, and what it has set for its transaction as far as that matters for
 * reading statements. Immutable, so that a rollback brings an earlier one back.
 *
 * @param path of the session
 * @param localPath of the transaction, by {@code SET LOCAL}
 * @param beside what connections beside that of the transaction are set, but for the path: they do
 *     not hear its {@code SET LOCAL}
 * @param onlyThere names of what the transaction has set for itself that may matter, and that they
 *     cannot be set
 */
public record SessionView(
    SessionSettings settings,
    SearchPath path,
    Optional<SearchPath> localPath,
    SessionSettings beside,
    ImmutableSet<String> onlyThere) {
  /** What a session has at its begin. */
  public static SessionView initial(SessionDefaults pooled, long pooledMillis, boolean shared) {
    return of(
        SessionSettings.none(pooled, pooledMillis, shared), SearchPath.of(pooled.searchPath()));
  }

  private static SessionView of(SessionSettings settings, SearchPath path) {
    return new SessionView(settings, path, Optional.empty(), settings, ImmutableSet.of());
  }

  /** Where names without a schema are looked up now. */
  public SearchPath effectivePath() {
    return localPath.orElse(path);
  }

  /** Whether its transaction has a search path for itself, in a session that is its own. */
  public boolean hasLocalPath() {
    return localPath.isPresent() && !settings.shared();
  }

  /** Whether the session, or its transaction for itself, has set a time zone. */
  public boolean setsTimeZone() {
    return settings.setsTimeZone()
        || beside.setsTimeZone()
        || onlyThere.contains(Setting.TIME_ZONE.sqlName);
  }

  public SessionView with(Setting setting, List<String> values) {
    boolean isPath = setting == Setting.SEARCH_PATH;
    String value = isPath ? quoted(values) : joined(values);
    return new SessionView(
        settings.with(setting, value),
        isPath ? SearchPath.of(values) : path,
        isPath ? Optional.empty() : localPath,
        beside.with(setting, value),
        except(setting.sqlName));
  }

  public SessionView without(Setting setting) {
    boolean isPath = setting == Setting.SEARCH_PATH;
    return new SessionView(
        settings.without(setting),
        isPath ? pooledPath() : path,
        isPath ? Optional.empty() : localPath,
        beside.without(setting),
        except(setting.sqlName));
  }

  /** What {@code SET LOCAL} says, as far as it matters here. */
  public SessionView withLocal(String said, List<String> values) {
    String name = Ascii.toLowerCase(said);
    Optional<Setting> setting = Setting.of(name);
    if (setting.equals(Optional.of(Setting.SEARCH_PATH))) {
      return local(Optional.of(SearchPath.of(values)), beside, onlyThere);
    }
    setting.ifPresent(known -> settings.check(known, joined(values)));
    if (settings.shared() || values.size() > 1) {
      return withOnlyThere(Set.of(name));
    }
    String value = joined(values);
    if (setting.equals(Optional.of(Setting.TIME_ZONE))) {
      return local(localPath, beside.with(Setting.TIME_ZONE, value), except(name));
    }
    return LocalSettings.isOwn(name)
        ? local(localPath, beside.withOwn(name, value), except(name))
        : withOnlyThere(Set.of(name));
  }

  /** What {@code SET LOCAL … TO DEFAULT} says, as far as it matters here. */
  public SessionView withoutLocal(String said) {
    String name = Ascii.toLowerCase(said);
    Optional<Setting> setting = Setting.of(name);
    if (setting.equals(Optional.of(Setting.SEARCH_PATH))) {
      return local(Optional.of(pooledPath()), beside, onlyThere);
    }
    return setting.equals(Optional.of(Setting.TIME_ZONE))
        ? local(localPath, beside.without(Setting.TIME_ZONE), except(name))
        : local(localPath, beside.withoutOwn(name), except(name));
  }

  /** The transaction sets these for itself, to something that is not known here. */
  public SessionView withOnlyThere(Set<String> names) {
    if (names.stream().allMatch(LocalSettings::isHarmless)) {
      return this;
    }
    Set<String> all = Sets.union(onlyThere, Sets.filter(names, n -> !LocalSettings.isHarmless(n)));
    return local(localPath, beside, ImmutableSet.copyOf(all));
  }

  private SessionView local(
      Optional<SearchPath> changedPath, SessionSettings changed, ImmutableSet<String> there) {
    return new SessionView(settings, path, changedPath, changed, there);
  }

  private ImmutableSet<String> except(String name) {
    return onlyThere.stream().filter(other -> !other.equals(name)).collect(toImmutableSet());
  }

  /**
   * What connections beside that of the transaction are set: they have to find the same tables, and
   * give the same answers.
   *
   * @throws SqlRefused if they cannot be set all that matters
   */
  public SessionSettings settingsBeside() {
    if (!onlyThere.isEmpty()) {
      throw new SqlRefused(
          SqlRefused.Reason.NOT_OVER_SHARDS,
          ("a query over several shards after the transaction has set %s for itself, of which"
                  + " only its own shard has heard: give the sharding key, or end the transaction"
                  + " first. What SET LOCAL says of the time zone, and of settings of your own, is"
                  + " told to all shards unless a proxy shares their sessions")
              .formatted(String.join(", ", onlyThere)));
    }
    if (effectivePath().equals(path)) {
      return beside;
    }
    if (settings.shared()) {
      throw new SqlRefused(
          SqlRefused.Reason.NOT_OVER_SHARDS,
          "a query over several shards after SET LOCAL search_path, behind a proxy that shares"
              + " sessions: name the schemas in the query, or give the sharding key");
    }
    return beside.with(Setting.SEARCH_PATH, quoted(effectivePath().schemas()));
  }

  /** After the transaction. */
  public SessionView withoutLocal() {
    boolean isNone = localPath.isEmpty() && onlyThere.isEmpty() && beside.equals(settings);
    return isNone ? this : of(settings, path);
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
