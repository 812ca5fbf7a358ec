package dev.shardwright.cli.session;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The program itself, with the options that every command has. */
@Command(
    name = "shard-admin",
    description = "Sets up, changes, watches and mends a Shardwright cluster.",
    synopsisSubcommandLabel = "COMMAND",
    sortOptions = false,
    footer = {
      "",
      "Settings: options come first, then environment variables, then the file that --config names.",
      "Passwords: SHARDWRIGHT_PASSWORD[_<SHARD>] for the app role, SHARDWRIGHT_ADMIN_USER and",
      "SHARDWRIGHT_ADMIN_PASSWORD for the admin role, then the pgpass file. ZooKeeper's are never",
      "options: SHARDWRIGHT_ZOOKEEPER_PASSWORD, …_TRUSTSTORE_PASSWORD and …_KEYSTORE_PASSWORD, or the",
      "file that --config names.",
      "Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 130 interrupted.",
      "",
      "From nothing to a first look:",
      "  export SHARDWRIGHT_ZOOKEEPER=zk1:2181,zk2:2181 SHARDWRIGHT_CLUSTER=prod",
      "  shard-admin init",
      "  shard-admin shard add s1 --url jdbc:postgresql://db1/shop --user app",
      "  shard-admin keyspace create shop --key-type bigint --strategy hash",
      "  shard-admin table add shop orders --key user_id",
      "  shard-admin status"
    })
public final class GlobalOptions {
  @Option(
      names = "--zookeeper",
      paramLabel = "HOST:PORT,…",
      scope = ScopeType.INHERIT,
      description = "The ZooKeeper servers; else SHARDWRIGHT_ZOOKEEPER.")
  @Nullable String zooKeeper;

  @Option(
      names = "--cluster",
      paramLabel = "NAME",
      scope = ScopeType.INHERIT,
      description = "The cluster's name; else SHARDWRIGHT_CLUSTER.")
  @Nullable String cluster;

  @Option(
      names = "--zookeeper-user",
      paramLabel = "USER",
      scope = ScopeType.INHERIT,
      description = "Who we are to ZooKeeper; else SHARDWRIGHT_ZOOKEEPER_USER.")
  @Nullable String zooKeeperUser;

  @Option(
      names = "--zookeeper-truststore",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description =
          "Speak TLS to ZooKeeper, trust these (.p12, .jks, .pem);"
              + " else SHARDWRIGHT_ZOOKEEPER_TRUSTSTORE.")
  @Nullable String zooKeeperTrustStore;

  @Option(
      names = "--zookeeper-keystore",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description =
          "Our certificate, if ZooKeeper asks for one; else SHARDWRIGHT_ZOOKEEPER_KEYSTORE.")
  @Nullable String zooKeeperKeyStore;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "A properties file with settings; else SHARDWRIGHT_CONFIG.")
  @Nullable Path config;

  @Option(
      names = "--output",
      paramLabel = "table|json",
      scope = ScopeType.INHERIT,
      description = "How to write the answer: table (default) or json.")
  OutputFormat output = OutputFormat.TABLE;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "With an error, show where in the program it arose.")
  boolean verbose;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this text.")
  boolean help;

  @Option(names = "--version", versionHelp = true, description = "Show the version.")
  boolean version;

  /** Whether errors are to be shown with all their causes. */
  public boolean verbose() {
    return verbose;
  }
}
