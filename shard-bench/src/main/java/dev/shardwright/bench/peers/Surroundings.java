package dev.shardwright.bench.peers;

import com.sun.management.OperatingSystemMXBean;
import com.zaxxer.hikari.HikariConfig;
import dev.shardwright.testkit.PostgresServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.Driver;

/** On what a comparison ran. */
final class Surroundings {
  private static final Pattern VERSION = Pattern.compile("-(\\d[^/]*)\\.jar");

  private Surroundings() {}

  /** The machine and the versions, in a sentence. */
  static String of(PostgresServer server, Optional<Libraries> shardingSphere)
      throws SQLException, IOException {
    OperatingSystemMXBean machine =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    String postgres;
    try (Connection connection = server.connect()) {
      postgres = connection.getMetaData().getDatabaseProductVersion();
    }
    return "%d processors (%s), %.0f GB, %s; JDK %s, PostgreSQL %s, HikariCP %s, pgjdbc %s%s"
        .formatted(
            machine.getAvailableProcessors(),
            machine.getArch(),
            machine.getTotalMemorySize() / 1e9,
            machine.getName(),
            Runtime.version().feature(),
            postgres,
            version(Libraries.home(HikariConfig.class)),
            version(Libraries.home(Driver.class)),
            shardingSphere
                .map(libraries -> ", ShardingSphere-JDBC " + shardingSphere(libraries.jars()))
                .orElse(""));
  }

  private static String shardingSphere(List<Path> jars) {
    return jars.stream()
        .filter(jar -> jar.getFileName().toString().startsWith("shardingsphere-jdbc-"))
        .map(Surroundings::version)
        .findFirst()
        .orElse("?");
  }

  private static String version(Path jar) {
    Matcher matcher = VERSION.matcher(jar.getFileName().toString());
    return matcher.find() ? matcher.group(1) : "?";
  }
}
