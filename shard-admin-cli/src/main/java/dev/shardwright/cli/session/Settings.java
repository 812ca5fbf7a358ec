package dev.shardwright.cli.session;

import dev.shardwright.topology.zookeeper.ZooKeeperOptions;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which cluster is meant, and how ZooKeeper is spoken to. A setting is looked for in the options,
 * then in the environment, then in the configuration file.
 *
 * @param zooKeeper {@code host:port}, several divided by commas
 * @param cluster the cluster's name
 * @param options login and encryption
 */
public record Settings(String zooKeeper, String cluster, ZooKeeperOptions options) {
  private static final Map<String, String> VARIABLES =
      Map.of(
          "zookeeper", "SHARDWRIGHT_ZOOKEEPER",
          "cluster", "SHARDWRIGHT_CLUSTER",
          "zookeeper.user", "SHARDWRIGHT_ZOOKEEPER_USER",
          "zookeeper.password", "SHARDWRIGHT_ZOOKEEPER_PASSWORD",
          "zookeeper.truststore", "SHARDWRIGHT_ZOOKEEPER_TRUSTSTORE",
          "zookeeper.truststore.password", "SHARDWRIGHT_ZOOKEEPER_TRUSTSTORE_PASSWORD",
          "zookeeper.keystore", "SHARDWRIGHT_ZOOKEEPER_KEYSTORE",
          "zookeeper.keystore.password", "SHARDWRIGHT_ZOOKEEPER_KEYSTORE_PASSWORD");

  static Settings of(GlobalOptions given, Function<String, @Nullable String> environment) {
    Optional<Path> file =
        Optional.ofNullable(given.config)
            .or(() -> variable(environment, "SHARDWRIGHT_CONFIG").map(Path::of));
    Properties properties = file.map(Settings::read).orElseGet(Properties::new);
    Function<String, Optional<String>> setting =
        name ->
            variable(environment, VARIABLES.getOrDefault(name, ""))
                .or(() -> Optional.ofNullable(properties.getProperty(name)))
                .filter(value -> !value.isBlank())
                .map(String::strip);
    String zooKeeper =
        Optional.ofNullable(given.zooKeeper)
            .or(() -> setting.apply("zookeeper"))
            .orElseThrow(() -> missing("ZooKeeper is", "--zookeeper HOST:PORT,…", "zookeeper"));
    String cluster =
        Optional.ofNullable(given.cluster)
            .or(() -> setting.apply("cluster"))
            .orElseThrow(() -> missing("cluster is meant", "--cluster NAME", "cluster"));
    return new Settings(zooKeeper, cluster, options(setting));
  }

  private static ZooKeeperOptions options(Function<String, Optional<String>> setting) {
    ZooKeeperOptions options = ZooKeeperOptions.DEFAULTS;
    Optional<String> user = setting.apply("zookeeper.user");
    if (user.isPresent()) {
      String password = setting.apply("zookeeper.password").orElse("");
      options = options.withLogin(new ZooKeeperOptions.Login(user.get(), password));
    }
    Optional<String> trusted = setting.apply("zookeeper.truststore");
    if (trusted.isPresent()) {
      Optional<ZooKeeperOptions.KeyStore> key =
          setting
              .apply("zookeeper.keystore")
              .map(
                  path ->
                      new ZooKeeperOptions.KeyStore(
                          Path.of(path), setting.apply("zookeeper.keystore.password").orElse("")));
      options =
          options.withTls(
              new ZooKeeperOptions.Tls(
                  Path.of(trusted.get()),
                  setting.apply("zookeeper.truststore.password").orElse(""),
                  key));
    }
    return options;
  }

  private static Properties read(Path file) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new WrongUsage(
          "configuration file %s cannot be read (%s): name a readable properties file"
              .formatted(file, e));
    }
    Set<String> unknown = new TreeSet<>(properties.stringPropertyNames());
    unknown.removeAll(VARIABLES.keySet());
    if (!unknown.isEmpty()) {
      throw new WrongUsage(
          "configuration file %s has unknown settings %s; known are %s"
              .formatted(file, unknown, new TreeSet<>(VARIABLES.keySet())));
    }
    return properties;
  }

  /** An empty variable counts as not set. */
  private static Optional<String> variable(
      Function<String, @Nullable String> environment, String name) {
    return Optional.ofNullable(environment.apply(name)).filter(value -> !value.isBlank());
  }

  private static WrongUsage missing(String what, String option, String name) {
    return new WrongUsage(
        "it is not said which %s: give %s, or set %s, or '%s' in the file that --config names"
            .formatted(what, option, VARIABLES.get(name), name));
  }
}
