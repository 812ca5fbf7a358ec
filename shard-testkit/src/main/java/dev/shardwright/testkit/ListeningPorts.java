package dev.shardwright.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The TCP ports that this process listens on, as Linux tells; elsewhere none are seen. */
final class ListeningPorts {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
  private static final List<Path> TABLES =
      List.of(Path.of("/proc/self/net/tcp"), Path.of("/proc/self/net/tcp6"));

  // number: address:port address:port state(0A = listening) queues timer retransmits uid timeout
  // inode
  private static final Pattern LISTENING =
      Pattern.compile(
          "\\s*\\d+: \\p{XDigit}+:(\\p{XDigit}{4}) \\S+ 0A \\S+ \\S+ \\S+ +\\d+ +\\d+ (\\d+) .*");

  private ListeningPorts() {}

  static Set<Integer> ofThisProcess() {
    Set<Integer> ports = new HashSet<>();
    if (Files.isDirectory(DESCRIPTORS)) {
      Set<String> inodes = socketsOfThisProcess();
      for (Path table : TABLES) {
        for (String line : lines(table)) {
          Matcher matcher = LISTENING.matcher(line);
          if (matcher.matches() && inodes.contains("socket:[" + matcher.group(2) + "]")) {
            ports.add(Integer.parseInt(matcher.group(1), 16));
          }
        }
      }
    }
    return ports;
  }

  private static List<String> lines(Path table) {
    try {
      return Files.exists(table) ? Files.readAllLines(table) : List.of(); // no IPv6: no table
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + table, e);
    }
  }

  private static Set<String> socketsOfThisProcess() {
    Set<String> sockets = new HashSet<>();
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
      for (Path descriptor : descriptors) {
        try {
          sockets.add(Files.readSymbolicLink(descriptor).toString());
        } catch (NoSuchFileException e) {
          // closed in the meantime
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + DESCRIPTORS, e);
    }
    return sockets;
  }
}
