package dev.shardwright.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.cli.CliCluster.Result;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class CsvLoadIT {
  @TempDir Path directory = Path.of("");

  @Test
  void loadsAllShardsRejectsBadRowsAndDoublesNothingWhenRunAgain() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1", "s2")) {
      String good =
          IntStream.rangeClosed(1, 5_000)
              .mapToObj(i -> i + "," + i + ",\"say \"\"" + i + "\"\"\"\n")
              .collect(Collectors.joining());
      Path file =
          write(
              "user_id,id,note\n"
                  + good
                  + "7,-1,\n7,-2,\"\"\nseven,1,x\n,1,x\n8,1\n8,two,x\n9,1,\"over\ntwo lines\"\n");
      Path rejects = directory.resolve("rejects.csv");
      Result first =
          cluster.run("load", "orders", file.toString(), "--rejects", rejects.toString()).is(1);
      assertThat(first.out()).contains("loaded         5,003", "rejected       4");
      assertThat(Files.readString(rejects))
          .contains(
              "\"5004\",\"'seven' is no bigint\",\"seven\",\"1\",\"x\"",
              "user_id is NULL",
              "2 fields where 3 columns are named",
              "invalid input syntax for type bigint: \"\"two\"\"");
      assertThat(cluster.run("fsck").done().out()).contains("orders");
      assertThat(notes(cluster, "where user_id = 7 and id < 0 order by id desc"))
          .isEqualTo("note\nNULL\n\n");
      assertThat(notes(cluster, "where user_id = 42")).isEqualTo("note\nsay \"42\"\n");
      Result again = cluster.run("load", "orders", file.toString()).is(1);
      assertThat(again.out()).contains("loaded         0", "already there  5,003");
      assertThat(again.err()).contains("Rejected: line 5004: 'seven' is no bigint");
    }
  }

  @Test
  void takesFilesWithoutNamesOrKeys() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1", "s2")) {
      Path file = write("1,a\n2,\\N\n1,a\n");
      cluster
          .run("load", "orders", file.toString(), "--no-header", "--columns", "user_id,note")
          .refused("no column [id], which is in the primary key", "--line-number");
      cluster
          .run(
              "load",
              "orders",
              file.toString(),
              "--no-header",
              "--columns",
              "user_id,note",
              "--null",
              "\\N",
              "--line-number",
              "id")
          .done();
      assertThat(
              cluster.run("query", "select user_id, id, note from orders order by 2").done().out())
          .isEqualTo("user_id  id  note\n      1   1  a\n      2   2  NULL\n      1   3  a\n");
    }
  }

  @Test
  void refusesFilesThatAreNotWhatTheySeem() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1")) {
      load(cluster, "user,id\n").refused("has no column [user]; it has [user_id, id, note]");
      load(cluster, "user_id,id,id\n").refused("names columns [id] twice");
      load(cluster, "id,note\n").refused("in the primary key");
      load(cluster, "").refused("is empty: its first line names the columns");
      assertThat(load(cluster, "user_id,id,note\n1,1,\"open\n2,2,x\n").is(1).err())
          .contains("is not CSV from line", "mend its quotes");
      Path latin = directory.resolve("latin.csv");
      Files.write(latin, "user_id,id,note\n1,1,caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
      assertThat(cluster.run("load", "orders", latin.toString()).is(1).err())
          .contains("is not UTF-8 soon after line", "iconv");
      cluster
          .run("load", "orders", "none.csv")
          .refused("none.csv cannot be read: there is no such");
      cluster
          .run("load", "nowhere", write("user_id,id\n").toString())
          .refused("public.nowhere is not registered");
      cluster.run("load", "orders", latin.toString(), "--no-header").is(2);
    }
  }

  @Test
  void letsStatementsTakeAsLongAsItIsTold() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1")) {
      cluster.execute(
          "s1", "alter table orders alter note set default current_setting('statement_timeout')");
      load(cluster, "user_id,id\n1,1\n").done();
      String more = write("user_id,id\n1,2\n").toString();
      cluster.run("load", "orders", more, "--timeout", "1h").done();
      assertThat(cluster.query("s1", "select note from orders order by id"))
          .containsExactly("30s", "1h");
    }
  }

  @Test
  void refusesATableWithoutPrimaryKey() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1")) {
      cluster.execute("s1", "create table plain (id bigint)");
      cluster.run("keyspace", "create", "rest", "--strategy", "single", "--home", "s1").done();
      cluster.run("table", "add", "rest", "plain").done();
      cluster
          .run("load", "plain", write("id\n1\n").toString())
          .refused("public.plain has no primary key");
    }
  }

  @Test
  void emptiesNoFileBeforeARowIsRejected() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1")) {
      String content = "user_id,id,note\n1,1,x\nseven,1,x\n";
      Path file = write(content);
      Path link = Files.createSymbolicLink(directory.resolve("link.csv"), file);
      for (Path same : List.of(file, link)) {
        Result refused =
            cluster.run("load", "orders", file.toString(), "--rejects", same.toString()).is(2);
        assertThat(refused.err()).contains("is the file to load");
        assertThat(file).hasContent(content);
      }
      Path rejects = Files.writeString(directory.resolve("rejects.csv"), "older ".repeat(100));
      String mistaken = Files.writeString(directory.resolve("a.csv"), "user,id\n1,1\n").toString();
      cluster
          .run("load", "orders", mistaken, "--rejects", rejects.toString())
          .refused("has no column [user]");
      assertThat(rejects).hasContent("older ".repeat(100));
      cluster.run("load", "orders", file.toString(), "--rejects", rejects.toString()).is(1);
      assertThat(rejects).hasContent("\"3\",\"'seven' is no bigint\",\"seven\",\"1\",\"x\"\n");
    }
  }

  @Test
  void rejectsRowsWhoseKeyATriggerMakesAnotherShards() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1", "s2")) {
      for (String shard : List.of("s1", "s2")) {
        cluster.execute(
            shard,
            "create function positive() returns trigger language plpgsql as"
                + " 'begin new.user_id := abs(new.user_id); return new; end'");
        cluster.execute(
            shard,
            "create trigger positive before insert on orders for each row"
                + " execute function positive()");
      }
      Path file =
          write(
              "user_id,id,note\n"
                  + IntStream.rangeClosed(-20, 500)
                      .mapToObj(i -> i + "," + i + ",x\n")
                      .collect(Collectors.joining()));
      Path rejects = directory.resolve("rejects.csv");
      cluster.run("load", "orders", file.toString(), "--rejects", rejects.toString()).is(1);
      List<String> rejected = Files.readAllLines(rejects);
      assertThat(rejected)
          .isNotEmpty()
          .hasSizeLessThan(20)
          .allMatch(line -> line.contains("of public.orders does not belong on shard s"))
          .allMatch(line -> line.contains(",\"-"));
      assertThat(cluster.run("query", "select count(*) from orders").done().out())
          .contains(Integer.toString(521 - rejected.size()));
      cluster.run("fsck").done();
    }
  }

  @Test
  void goesOnAfterAnInterruptAndWhileRangesMove() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1")) {
      cluster.add("s2", CliCluster.ORDERS);
      Path file =
          write(
              "user_id,id,note\n"
                  + IntStream.rangeClosed(1, 60_000)
                      .mapToObj(i -> i + "," + i + ",x\n")
                      .collect(Collectors.joining()));
      CompletableFuture<Result> interrupted = new CompletableFuture<>();
      Thread thread =
          new Thread(
              () -> interrupted.complete(cluster.run("load", "orders", file.toString())), "load");
      thread.start();
      await().until(() -> !cluster.query("s1", "select 1 from orders limit 1").isEmpty());
      thread.interrupt();
      assertThat(interrupted.join().is(130).err())
          .contains("rows are in. To go on run the same command again");
      CompletableFuture<Result> loading =
          CompletableFuture.supplyAsync(() -> cluster.run("load", "orders", file.toString()));
      cluster.rebalance();
      loading.join().done();
      assertThat(cluster.run("query", "select count(*), sum(id) from orders").done().out())
          .contains("60000  1800030000");
      cluster.run("fsck").done();
    }
  }

  @Test
  void followsRangesThatMoveToAndFroWhileItLoads() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1")) {
      cluster.add("s2", CliCluster.ORDERS);
      Path pipe = directory.resolve("orders.pipe");
      assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
      CompletableFuture<Result> loading =
          CompletableFuture.supplyAsync(() -> cluster.run("load", "orders", pipe.toString()));
      try (Feeder feeder = new Feeder(pipe)) {
        await().until(() -> !cluster.query("s1", "select 1 from orders limit 1").isEmpty());
        cluster.rebalance();
        cluster.run("shard", "drain", "s1").done();
        cluster.rebalance();
        assertThat(cluster.query("s1", "select count(*) from orders")).containsExactly("0");
        cluster.run("shard", "drain", "s1", "--cancel").done();
        cluster.rebalance();
        assertThat(loading).as("it loads for as long as there are rows").isNotDone();
        long rows = feeder.end();
        assertThat(loading.join().done().out())
            .contains("loaded         %,d".formatted(rows), "rejected       0");
        assertThat(cluster.run("query", "select count(*), sum(id) from orders").done().out())
            .contains("%d  %d".formatted(rows, rows * (rows + 1) / 2));
      }
      cluster.run("fsck").done();
    }
  }

  /** Writes rows into a pipe until it is told to end. */
  private static final class Feeder implements AutoCloseable {
    private static final int MOST_ROWS = 5_000_000;
    private final CompletableFuture<Long> rows = new CompletableFuture<>();
    private volatile boolean ending;

    Feeder(Path pipe) {
      Thread thread = new Thread(() -> feed(pipe), "feeder");
      thread.setDaemon(true);
      thread.start();
    }

    private void feed(Path pipe) {
      long row = 0;
      try (BufferedWriter out = Files.newBufferedWriter(pipe)) {
        out.write("user_id,id,note\n");
        while (!ending && row < MOST_ROWS) {
          row++;
          out.write(row + "," + row + ",x\n");
          if (row % 250 == 0) {
            Thread.sleep(100); // slower than moves can copy, or they would not end before the load
          }
        }
      } catch (IOException | InterruptedException e) {
        rows.completeExceptionally(e);
      }
      rows.complete(row);
    }

    long end() {
      ending = true;
      return rows.join();
    }

    @Override
    public void close() {
      ending = true;
      rows.join();
    }
  }

  private Result load(CliCluster cluster, String content) throws Exception {
    return cluster.run("load", "orders", write(content).toString());
  }

  private Path write(String content) throws Exception {
    return Files.writeString(directory.resolve("orders.csv"), content);
  }

  private static String notes(CliCluster cluster, String condition) {
    return cluster.run("query", "select note from orders " + condition).done().out();
  }
}
