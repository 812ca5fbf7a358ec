package dev.shardwright.testkit;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * The programs of one PostgreSQL version: unpacked from the archive on the class path, once for all
 * JVMs of this user, or those of an installed PostgreSQL.
 *
 * @param home the directory with {@code bin/postgres} and {@code bin/initdb}
 * @param id short; differs for different programs
 */
record PostgresBinaries(Path home, String id) {

  /** Names the directory of an installed PostgreSQL to use instead of the unpacked programs. */
  static final String HOME_PROPERTY = "shardwright.test.postgres.home";

  /** The programs that this JVM uses. */
  static PostgresBinaries inUse() {
    return Holder.IN_USE;
  }

  /** The path of a program. */
  String program(String name) {
    return home.resolve("bin").resolve(name).toString();
  }

  private static PostgresBinaries find() {
    String installed = System.getProperty(HOME_PROPERTY, "");
    return installed.isEmpty() ? unpacked() : installed(Path.of(installed));
  }

  private static PostgresBinaries installed(Path home) {
    if (!Files.isExecutable(home.resolve("bin/postgres"))) {
      throw new IllegalStateException(
          "%s=%s holds no bin/postgres; name the directory of an installed PostgreSQL"
              .formatted(HOME_PROPERTY, home));
    }
    String version =
        Processes.run(
            List.of(home.resolve("bin/postgres").toString(), "--version"), Duration.ofSeconds(10));
    return new PostgresBinaries(home, digest((home + version).getBytes(StandardCharsets.UTF_8)));
  }

  private static PostgresBinaries unpacked() {
    byte[] archive = archive();
    String id = digest(archive);
    Path home = Cache.get("postgres-" + id, directory -> unpack(archive, directory));
    return new PostgresBinaries(home, id);
  }

  private static byte[] archive() {
    String system = System.getProperty("os.name");
    String name = system.toLowerCase(Locale.ROOT).startsWith("mac") ? "Darwin" : system;
    try (InputStream in =
        DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(name, System.getProperty("os.arch"))) {
      return in.readAllBytes();
    } catch (IOException | IllegalStateException e) {
      throw new IllegalStateException(
          "no PostgreSQL programs for %s on the class path; add the artifact of".formatted(name)
              + " io.zonky.test.postgres for this platform, or set "
              + HOME_PROPERTY
              + " to the directory of an installed PostgreSQL",
          e);
    }
  }

  private static void unpack(byte[] archive, Path directory) throws IOException {
    try (var tar =
        new TarArchiveInputStream(new XZInputStream(new ByteArrayInputStream(archive)))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path target = directory.resolve(entry.getName()).normalize();
        if (!target.startsWith(directory)) {
          throw new IOException("the archive leaves its directory: " + entry.getName());
        }
        unpack(tar, entry, target);
      }
    }
  }

  private static void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path target)
      throws IOException {
    if (entry.isDirectory()) {
      Files.createDirectories(target);
      return;
    }
    Files.createDirectories(target.getParent());
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
    } else {
      Files.copy(tar, target);
      if ((entry.getMode() & 0100) != 0) {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(target);
        permissions.add(PosixFilePermission.OWNER_EXECUTE);
        Files.setPosixFilePermissions(target, permissions);
      }
    }
  }

  private static String digest(byte[] content) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
      return HexFormat.of().formatHex(digest, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static final class Holder {
    static final PostgresBinaries IN_USE = find();
  }
}
