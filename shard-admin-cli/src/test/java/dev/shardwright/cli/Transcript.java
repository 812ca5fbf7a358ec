package dev.shardwright.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Commands and what they said, without what differs from one run to the next: numbers, widths,
 * addresses, which states progress happened to show, and to which shard chance gave the most rows.
 *
 * @param lines what is left
 */
record Transcript(List<String> lines) {
  private static final Pattern BLOCK =
      Pattern.compile("^```console\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern PROGRESS =
      Pattern.compile(" *(\\d+ \\w+: \\w+ -> \\w+ )?\\[[# ]*] .*");

  static Transcript of(String text) {
    return new Transcript(
        text.lines()
            .filter(line -> !line.startsWith("TOUR DONE"))
            .filter(line -> !PROGRESS.matcher(line).matches())
            .map(Transcript::masked)
            .toList());
  }

  /** Those that a document shows, in blocks of the language {@code console}. */
  static List<Transcript> allIn(Path document) throws IOException {
    return BLOCK
        .matcher(Files.readString(document))
        .results()
        .map(block -> of(block.group(1)))
        .toList();
  }

  private static String masked(String line) {
    return line.replaceAll("jdbc:postgresql://[^/ ]*/\\w+", "URL")
        .replaceAll("\\S*/routes", "routes")
        .replaceAll("^(flights +(tokens|rows|bytes) +)s\\d", "$1SHARD")
        .replaceAll("URL +\\w+", "URL USER")
        .replaceAll("IN_WINDOW|CLEANING_UP|DONE", "STATE")
        .replaceAll("(UNDER_WAY|MOVED)\\b.*", "OUTCOME")
        .replaceAll("-?\\b\\d[\\d,.]*\\b", "#")
        .replaceAll("# (B|kB|MB)\\b", "# bytes")
        .replaceAll("# (ms|s)\\b", "# time")
        .replaceAll(" +", " ")
        .strip();
  }
}
