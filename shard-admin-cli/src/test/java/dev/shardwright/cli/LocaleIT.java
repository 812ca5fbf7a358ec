package dev.shardwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.cli.CliCluster.Result;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program where no locale is set, as under cron. */
class LocaleIT {
  private static final String NO_LOCALE = "unset LANG LC_CTYPE; export LC_ALL=POSIX\n";

  @Test
  void argumentsAreRefusedByTheProgramAndUnderstoodThroughTheScript(@TempDir Path directory)
      throws Exception {
    String home = System.getProperty("java.home");
    Path jar = Path.of("target/shard-admin.jar").toAbsolutePath();
    Result direct = bash(directory, "'%s/bin/java' -jar '%s' Jörg".formatted(home, jar));
    assertThat(direct.is(2).err()).contains("'J\uFFFD\uFFFDrg'", "LC_ALL=C.UTF-8");
    Result script = bash(directory, "JAVA_HOME='%s' ../bin/shard-admin Jörg".formatted(home));
    assertThat(script.is(2).err()).contains("unknown command 'Jörg'");
  }

  private static Result bash(Path directory, String command) throws Exception {
    Path script = Files.writeString(directory.resolve("script"), NO_LOCALE + command + "\n");
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    int code =
        new ProcessBuilder("bash", script.toString())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start()
            .waitFor();
    return new Result(
        code,
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }
}
