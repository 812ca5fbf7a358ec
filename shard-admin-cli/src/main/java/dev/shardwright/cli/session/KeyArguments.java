package dev.shardwright.cli.session;

import dev.shardwright.topology.Region;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What commands about one key are given. */
public final class KeyArguments {
  @Parameters(index = "0", paramLabel = "KEYSPACE", description = "The keyspace.")
  private String keyspace = "";

  @Parameters(
      index = "1",
      paramLabel = "KEY",
      description = "The sharding key; put -- before a text that begins with a hyphen.")
  private String key = "";

  @Option(
      names = "--region",
      paramLabel = "R",
      description = "The key's region, in a keyspace with regions.")
  private @Nullable Region region;

  /** The keyspace's name, as it was given. */
  public String keyspace() {
    return keyspace;
  }

  /** The key as text. */
  public String key() {
    return key;
  }

  /** The region that was given, or that of keyspaces without. */
  public Region region() {
    return region == null ? Region.ALL : region;
  }
}
