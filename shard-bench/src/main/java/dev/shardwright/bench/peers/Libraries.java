package dev.shardwright.bench.peers;

import com.google.common.base.Splitter;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What one contender has on its class path at run time.
 *
 * @param jars in no order
 */
record Libraries(List<Path> jars) {

  /** The jars of a class path, in which a directory stands for all jars in it. */
  static Libraries of(String classPath) throws IOException {
    List<Path> jars = new ArrayList<>();
    for (String entry : Splitter.on(File.pathSeparator).omitEmptyStrings().split(classPath)) {
      Path path = Path.of(entry);
      if (!Files.exists(path)) {
        throw new IOException(path.toAbsolutePath() + " does not exist");
      }
      if (Files.isDirectory(path)) {
        try (Stream<Path> files = Files.list(path)) {
          files.filter(file -> file.toString().endsWith(".jar")).sorted().forEach(jars::add);
        }
      } else {
        jars.add(path);
      }
    }
    return new Libraries(jars);
  }

  /** Where a class has come from. */
  static Path home(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** These and those without which the classes are nothing. */
  Libraries with(Class<?>... types) {
    return new Libraries(
        Stream.concat(jars.stream(), Stream.of(types).map(Libraries::home)).distinct().toList());
  }

  long bytes() throws IOException {
    long bytes = 0;
    for (Path jar : jars) {
      bytes += Files.size(jar);
    }
    return bytes;
  }

  /** For a JVM that runs a class of this package on them. */
  String classPath() {
    return Stream.concat(Stream.of(home(Libraries.class)), jars.stream())
        .map(Path::toString)
        .collect(Collectors.joining(File.pathSeparator));
  }
}
