package dev.shardwright.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The password file as the place of all passwords. */
class PasswordFileIT {
  private static final String REMEDY = "may be used by group or others: run chmod 0600 on it";

  @Test
  void isToldOfWhenOthersMayReadItAndTheOtherShardsAreLookedAt(@TempDir Path directory)
      throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1", "s2")) {
      String password = cluster.environment.remove("SHARDWRIGHT_PASSWORD");
      Path file = Files.writeString(directory.resolve("pgpass"), "*:*:*:*:" + password + "\n");
      cluster.environment.put("PGPASSFILE", file.toString());
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      cluster.run("doctor").done();
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
      assertThat(cluster.run("doctor").is(1).out().lines().filter(line -> line.contains(REMEDY)))
          .as("admin and app role of two shards")
          .hasSize(4);
      cluster.run("fsck").refused("shard s1", REMEDY);
      cluster.run("skew").refused("sampling keyspace shop on shard s1", REMEDY);
      try (RunningDaemon daemon = RunningDaemon.start(cluster)) {
        await()
            .atMost(RunningDaemon.PATIENCE)
            .untilAsserted(
                () ->
                    assertThat(daemon.get("/api/alerts").body())
                        .contains("shard s1", "shard s2", REMEDY));
      }
    }
  }
}
