package dev.shardwright.router.internal.jdbc.setting;

import static com.google.common.collect.ImmutableSet.toImmutableSet;

import com.google.common.base.Splitter;
import dev.shardwright.router.internal.loan.ReadWith;
import dev.shardwright.router.internal.loan.SessionState;
import dev.shardwright.router.internal.pool.EndpointPool;
import dev.shardwright.router.internal.pool.SessionDefaults;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.tables.SearchPath;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a session has set, which holds for all its statements on whichever shard: set on each
 * connection that is borrowed for it, and reset after. Immutable.
 *
 * @param values of the settings that differ from what a pooled connection has
 * @param own what the application has set of its own, such as {@code app.tenant}
 * @param pooled what a pooled connection has
 * @param pooledMillis the statement timeout that a pooled connection has: the router's deadline
 * @param shared whether a proxy lends the sessions of the shards to others between transactions, so
 *     that nothing can be set in them: it would be lost for this session, and found by another
 */
public record SessionSettings(
    SortedMap<Setting, String> values,
    SortedMap<String, String> own,
    SessionDefaults pooled,
    long pooledMillis,
    boolean shared)
    implements SessionState {

  private static final Pattern NAME = Pattern.compile("\"((?:[^\"]|\"\")*)\"");

  /** What a session may set. */
  public enum Setting {
    SEARCH_PATH("search_path"),
    TIME_ZONE("timezone"),
    STATEMENT_TIMEOUT("statement_timeout"),
    LOCK_TIMEOUT("lock_timeout");

    final String sqlName;

    Setting(String sqlName) {
      this.sqlName = sqlName;
    }

    public static Optional<Setting> of(String sqlName) {
      for (Setting setting : values()) {
        if (setting.sqlName.equalsIgnoreCase(sqlName)) {
          return Optional.of(setting);
        }
      }
      return Optional.empty();
    }

    /** All, for people. */
    public static String names() {
      return Arrays.stream(values())
          .map(setting -> setting.sqlName)
          .collect(Collectors.joining(", "));
    }
  }

  public SessionSettings {
    if (shared && !values.isEmpty()) {
      throw new SqlRefused(
          SqlRefused.Reason.SESSION_FEATURE,
          ("%s cannot be set for a session, since the router is told that a proxy shares the"
                  + " sessions of the shards (RouterOptions.withPgBouncer): use SET LOCAL within a"
                  + " transaction, or set it for the role with ALTER ROLE")
              .formatted(values.firstKey().sqlName));
    }
    values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
    own = Collections.unmodifiableSortedMap(new TreeMap<>(own));
  }

  /** Nothing was set. */
  static SessionSettings none(SessionDefaults pooled, long pooledMillis, boolean shared) {
    return new SessionSettings(new TreeMap<>(), new TreeMap<>(), pooled, pooledMillis, shared);
  }

  SessionSettings with(Setting setting, String value) {
    check(setting, value);
    SortedMap<Setting, String> changed = new TreeMap<>(values);
    changed.put(setting, value);
    return new SessionSettings(changed, own, pooled, pooledMillis, shared);
  }

  SessionSettings without(Setting setting) {
    SortedMap<Setting, String> changed = new TreeMap<>(values);
    changed.remove(setting);
    return new SessionSettings(changed, own, pooled, pooledMillis, shared);
  }

  SessionSettings withOwn(String name, String value) {
    SortedMap<String, String> changed = new TreeMap<>(own);
    changed.put(name, value);
    return new SessionSettings(values, changed, pooled, pooledMillis, shared);
  }

  SessionSettings withoutOwn(String name) {
    SortedMap<String, String> changed = new TreeMap<>(own);
    changed.remove(name);
    return new SessionSettings(values, changed, pooled, pooledMillis, shared);
  }

  /**
   * Refuses a value that each shard would refuse, with every statement, and a statement timeout
   * beyond the router's deadline: then the client gives up on a statement that the server carries
   * out, and what became of it is not known.
   */
  void check(Setting setting, String value) {
    if (setting != Setting.STATEMENT_TIMEOUT && setting != Setting.LOCK_TIMEOUT) {
      return;
    }
    long millis = TimeoutValue.millis(setting.sqlName, value);
    if (setting == Setting.STATEMENT_TIMEOUT && (millis == 0 || millis > pooledMillis)) {
      throw new SqlRefused(
          SqlRefused.Reason.VALUE,
          ("statement_timeout = '%s' is not within 1 ms and the deadline of %s ms, after which the"
                  + " router gives a statement up: raise the property deadline, or"
                  + " Timeouts.withStatement")
              .formatted(value, pooledMillis));
    }
  }

  @Override
  public void check(EndpointPool pool) {
    if (!values.containsKey(Setting.SEARCH_PATH)) {
      new ReadWith(pooled.searchPath()).check(pool);
    }
  }

  @Override
  public boolean sets() {
    return !values.isEmpty() || !own.isEmpty();
  }

  @Override
  public boolean setsTimeZone() {
    return values.containsKey(Setting.TIME_ZONE);
  }

  @Override
  public void apply(Connection connection) throws SQLException {
    if (!sets()) {
      return;
    }
    Map<String, String> all = new LinkedHashMap<>();
    values.forEach((setting, value) -> all.put(setting.sqlName, value));
    all.putAll(own);
    // A name with a NUL, which would end a text, is refused as a parameter.
    boolean isParameter = all.getOrDefault(Setting.SEARCH_PATH.sqlName, "").contains("\0");
    String path = isParameter ? null : all.remove(Setting.SEARCH_PATH.sqlName);
    String sets =
        all.keySet().stream()
            .map(name -> "set_config(?, ?, false)")
            .collect(Collectors.joining(", ", "select ", ""));
    String text = path == null ? sets : all.isEmpty() ? setPath(path) : setPath(path) + ";" + sets;
    try (PreparedStatement statement = connection.prepareStatement(text)) {
      int at = 0;
      for (Map.Entry<String, String> set : all.entrySet()) {
        statement.setString(++at, set.getKey());
        statement.setString(++at, set.getValue());
      }
      statement.execute();
    }
  }

  /**
   * @param quoted names in quotes; may be none
   */
  private static String setPath(String quoted) {
    return setPath(
        /* local= */ false,
        NAME.matcher(quoted)
            .results()
            .map(name -> name.group(1).replace("\"\"", "\""))
            .collect(Collectors.toList()));
  }

  /**
   * Sets the search path in words that tell the driver so: it forgets then what it has prepared,
   * which is about other tables by now. Servers before PostgreSQL 18 do not tell it themselves.
   *
   * @param names may be none
   */
  public static String setPath(boolean local, List<String> names) {
    String texts = names.stream().map(Quoting::text).collect(Collectors.joining(", "));
    return (local ? "set local search_path to " : "set search_path to ")
        + (texts.isEmpty() ? Quoting.text("") : texts);
  }

  /**
   * Tells the driver in the same way that a search path has come back, and changes nothing. That
   * path itself may have been set in words that are not known here.
   */
  public static String tellPath(SearchPath back) {
    return "set local shardwright.told to "
        + Quoting.text("search_path " + String.join(", ", back.schemas()));
  }

  @Override
  public Set<String> resets() {
    return own.isEmpty()
        ? resets(values.keySet())
        : Stream.concat(
                resets(values.keySet()).stream(), own.keySet().stream().map(SessionSettings::reset))
            .collect(toImmutableSet());
  }

  private static String reset(String name) {
    return Splitter.on('.')
        .splitToStream(name)
        .map(Quoting::name)
        .collect(Collectors.joining(".", "reset ", ""));
  }

  /**
   * The statements that give settings the values that a pooled connection has. Of the statement
   * timeout that is the router's, which {@code RESET} does not know of.
   */
  public Set<String> resets(Collection<Setting> settings) {
    return settings.stream()
        .map(setting -> isRouters(setting) ? routers("") : "reset " + setting.sqlName)
        .collect(toImmutableSet());
  }

  /** The same for the rest of a transaction. */
  public String localReset(Setting setting) {
    return isRouters(setting) ? routers("local ") : "set local " + setting.sqlName + " to default";
  }

  private boolean isRouters(Setting setting) {
    return setting == Setting.STATEMENT_TIMEOUT && !shared;
  }

  private String routers(String scope) {
    return "set " + scope + "statement_timeout = " + pooledMillis;
  }
}
