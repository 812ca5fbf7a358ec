package dev.shardwright.cli.setup;

import dev.shardwright.topology.Region;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What commands about one key are given. */
final class KeyArguments {
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

  String keyspace() {
    return keyspace;
  }

  String key() {
    return key;
  }

  Region region() {
    return region == null ? Region.ALL : region;
  }
}
