package dev.shardwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.testkit.PostgresServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script that people read runs as it is, with this module's classes in place of the jar. */
@Tag("slow")
class TourIT {
  private static final String ROUTES =
      "create table routes (id bigint, airline text, airline_id bigint, source text, source_id int,"
          + " destination text, destination_id int, codeshare text, stops int, equipment text,"
          + " primary key (airline_id, id));"
          + " create index on routes (hashint8extended(airline_id, 0), airline_id, id)";
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final Path REAL = Path.of("../../shared/data/openflights/routes.dat");

  @Test
  void fromNothingToScaledOutAndBack(@TempDir Path directory) throws Exception {
    Path program = directory.resolve("shard-admin");
    Files.writeString(
        program,
        "#!/bin/sh\nexec '%s' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '%s' %s \"$@\"\n"
            .formatted(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                System.getProperty("java.class.path"),
                Cli.class.getName()));
    assertThat(program.toFile().setExecutable(true)).isTrue();
    Path output = directory.resolve("output");
    try (CliCluster cluster = new CliCluster()) {
      Process tour =
          tour(
              cluster,
              program,
              cluster.database("s1", ROUTES).url(),
              cluster.database("s2", ROUTES).url(),
              cluster.database("s3", "").url(),
              routes(directory).toString(),
              output);
      boolean ended;
      try {
        ended = tour.waitFor(PATIENCE.toMinutes(), TimeUnit.MINUTES);
      } finally {
        tour.descendants().forEach(ProcessHandle::destroyForcibly);
        tour.destroyForcibly();
      }
      String said = Files.readString(output);
      assertThat(ended).as(said).isTrue();
      assertThat(tour.exitValue()).as(said).isZero();
      assertThat(said).contains("TOUR DONE", "s1 -> s3", "\"complete\":true");
      Transcript shown = Transcript.of(said);
      List<Transcript> inOperations = Transcript.allIn(Path.of("../docs/operations.md"));
      assertThat(inOperations).hasSize(1);
      assertThat(inOperations.get(0).lines()).isEqualTo(shown.lines());
      List<Transcript> inReadme = Transcript.allIn(Path.of("../README.md"));
      assertThat(inReadme).hasSize(1);
      assertThat(shown.lines()).containsSequence(inReadme.get(0).lines());
    }
  }

  private static Process tour(
      CliCluster cluster,
      Path program,
      String first,
      String second,
      String third,
      String routes,
      Path output)
      throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder("bash", "../bin/admin-tour", first, second, third, routes)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().putAll(cluster.environment);
    builder.environment().put("SHARD_ADMIN", program.toString());
    builder.environment().put("SHARDWRIGHT_USER", PostgresServer.shared().user());
    builder.environment().put("TMPDIR", output.resolveSibling(".").toString());
    return builder.start();
  }

  /** Every tenth of OpenFlights' routes; others like them, where those are not at hand. */
  private static Path routes(Path directory) throws Exception {
    Path file = directory.resolve("routes.dat");
    if (Files.exists(REAL)) {
      List<String> all = Files.readAllLines(REAL);
      return Files.write(
          file, IntStream.range(0, all.size() / 10).mapToObj(i -> all.get(10 * i)).toList());
    }
    return Files.writeString(
        file,
        IntStream.range(0, 2_000)
            .mapToObj(i -> "A%d,%d,XXX,1,YYY,2,,0,738%n".formatted(i % 50, i % 50))
            .collect(Collectors.joining("", "", "ZZ,\\N,XXX,1,YYY,2,,0,738\n")),
        StandardCharsets.UTF_8);
  }
}
