package dev.shardwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.router.RouterOptions;
import dev.shardwright.router.ShardRouter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The JSON that docs/cli.md shows for each command is what the commands write. Where it is not,
 * what they write is left in {@code target/cli-json}.
 */
class JsonIT {
  private static final Pattern EXAMPLE =
      Pattern.compile("`shard-admin ([^`]+)`:?\\n```json\\n(.*?)\\n```", Pattern.DOTALL);

  @Test
  void isWhatTheDocumentationShows(@TempDir Path directory) throws Exception {
    Map<String, String> documented = documented();
    assertThat(documented).hasSizeGreaterThan(12);
    Path rows =
        Files.writeString(
            directory.resolve("orders.csv"),
            "user_id,id,note\n1,1,a\n2,1,\n3,1,\n4,1,\n5,1,\n6,1,\n");
    try (CliCluster cluster = CliCluster.withOrders("s1");
        ShardRouter router =
            ShardRouter.connect(
                cluster.zooKeeper(),
                "prod",
                RouterOptions.DEFAULTS.withCredentials(cluster.credentials()))) {
      assertThat(router.health().zookeeperConnected()).isTrue();
      Map<String, String> wrong = new LinkedHashMap<>();
      documented.forEach(
          (command, json) -> {
            String actual = output(cluster, command, rows);
            if (!alike(json, actual)) {
              wrong.put(command, actual);
              keep(command, actual);
            }
          });
      assertThat(wrong).isEmpty();
    }
  }

  /**
   * What the example needs comes first: a second shard before the plan, the plan before its moves.
   */
  private static String output(CliCluster cluster, String command, Path rows) {
    try {
      if (command.equals("plan")) {
        cluster.add("s2", CliCluster.ORDERS);
      }
      if (command.equals("migration list")) {
        cluster.rebalance();
      }
    } catch (Exception e) {
      throw new IllegalStateException(command, e);
    }
    List<String> args = new ArrayList<>();
    Matcher words = Pattern.compile("\"([^\"]*)\"|(\\S+)").matcher(command);
    while (words.find()) {
      String word = words.group(1) == null ? words.group(2) : words.group(1);
      args.add(word.equals("orders.csv") ? rows.toString() : word);
    }
    args.addAll(List.of("--output", "json"));
    return cluster.run(args.toArray(String[]::new)).done().out();
  }

  private static void keep(String command, String actual) {
    try {
      Path directory = Files.createDirectories(Path.of("target/cli-json"));
      Files.writeString(directory.resolve(command.replaceAll("\\W+", "-") + ".json"), actual);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean alike(String documented, String actual) {
    try {
      return JsonShape.alike(documented, actual);
    } catch (IOException e) {
      throw new IllegalStateException(actual, e);
    }
  }

  private static Map<String, String> documented() throws IOException {
    Map<String, String> documented = new LinkedHashMap<>();
    Matcher examples = EXAMPLE.matcher(Files.readString(Path.of("../docs/cli.md")));
    while (examples.find()) {
      documented.put(examples.group(1), examples.group(2));
    }
    return documented;
  }
}
