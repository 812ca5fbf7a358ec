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
            option(given, name)
                .or(() -> variable(environment, VARIABLES.getOrDefault(name, "")))
                .or(() -> Optional.ofNullable(properties.getProperty(name)))
                .filter(value -> !value.isBlank())
                .map(String::strip);
    String zooKeeper =
        setting
            .apply("zookeeper")
            .orElseThrow(() -> missing("ZooKeeper is", "--zookeeper HOST:PORT,…", "zookeeper"));
    String cluster =
        setting
            .apply("cluster")
            .orElseThrow(() -> missing("cluster is meant", "--cluster NAME", "cluster"));
    ZooKeeperOptions options = ZooKeeperOptions.DEFAULTS;
    options = login(setting).map(options::withLogin).orElse(options);
    return new Settings(zooKeeper, cluster, tls(setting).map(options::withTls).orElse(options));
  }

  /** Passwords are no options: every process of the machine can read those. */
  private static Optional<String> option(GlobalOptions given, String name) {
    return Optional.ofNullable(
        switch (name) {
          case "zookeeper" -> given.zooKeeper;
          case "cluster" -> given.cluster;
          case "zookeeper.user" -> given.zooKeeperUser;
          case "zookeeper.truststore" -> given.zooKeeperTrustStore;
          case "zookeeper.keystore" -> given.zooKeeperKeyStore;
          default -> null;
        });
  }

  private static Optional<ZooKeeperOptions.Login> login(
      Function<String, Optional<String>> setting) {
    Optional<String> user = setting.apply("zookeeper.user");
    Optional<String> password = setting.apply("zookeeper.password");
    if (user.isPresent() != password.isPresent()) {
      throw half("zookeeper.user", "zookeeper.password", user.isPresent());
    }
    return user.map(name -> new ZooKeeperOptions.Login(name, password.orElseThrow()));
  }

  private static Optional<ZooKeeperOptions.Tls> tls(Function<String, Optional<String>> setting) {
    Optional<Path> trusted = readable(setting, "zookeeper.truststore");
    Optional<ZooKeeperOptions.KeyStore> key =
        readable(setting, "zookeeper.keystore")
            .map(
                file ->
                    new ZooKeeperOptions.KeyStore(
                        file, setting.apply("zookeeper.keystore.password").orElse("")));
    if (key.isPresent() && trusted.isEmpty()) {
      throw half("zookeeper.truststore", "zookeeper.keystore", false);
    }
    return trusted.map(
        file ->
            new ZooKeeperOptions.Tls(
                file, setting.apply("zookeeper.truststore.password").orElse(""), key));
  }

  private static Optional<Path> readable(Function<String, Optional<String>> setting, String name) {
    Optional<Path> file = setting.apply(name).map(Path::of);
    if (file.isPresent() && !Files.isReadable(file.get())) {
      throw new WrongUsage(
          "%s %s cannot be read: name a file of certificates (.p12, .jks, .pem) that this user may read"
              .formatted(name, file.get()));
    }
    return file;
  }

  private static WrongUsage half(String first, String second, boolean firstIsThere) {
    String there = firstIsThere ? first : second;
    String missing = firstIsThere ? second : first;
    return new WrongUsage(
        "%s is given without %s: set %s too, or '%s' in the file that --config names"
            .formatted(there, missing, VARIABLES.get(missing), missing));
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
