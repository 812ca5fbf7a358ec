package dev.shardwright.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;

/**
 * A self-signed certificate for a server on the loopback interface, with its key, as PEM files.
 *
 * @param certificate what clients must trust
 * @param key the private key, which only this user can read
 */
record ServerCertificate(Path certificate, Path key) {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String ALIAS = "server";
  private static final String PASSWORD = "of-a-key-store-that-is-deleted";

  /** Makes one in a directory, with the JDK's own {@code keytool}. */
  static ServerCertificate make(Path directory) {
    Path store = directory.resolve("server.p12");
    Processes.run(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-alias",
            ALIAS,
            "-keyalg",
            "EC",
            "-groupname",
            "secp256r1",
            "-validity",
            "365",
            "-dname",
            "CN=localhost",
            "-ext",
            "san=dns:localhost,ip:127.0.0.1",
            "-storetype",
            "PKCS12",
            "-keystore",
            store.toString(),
            "-storepass",
            PASSWORD),
        LIMIT);
    try (InputStream in = Files.newInputStream(store)) {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(in, PASSWORD.toCharArray());
      Files.delete(store);
      Key key = keys.getKey(ALIAS, PASSWORD.toCharArray());
      return new ServerCertificate(
          write(
              directory.resolve("server.crt"),
              "CERTIFICATE",
              keys.getCertificate(ALIAS).getEncoded()),
          write(directory.resolve("server.key"), "PRIVATE KEY", key.getEncoded()));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make a certificate in " + directory, e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot read the certificate that keytool made", e);
    }
  }

  private static Path write(Path file, String type, byte[] content) throws IOException {
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    String lines =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(content);
    return Files.writeString(
        file, "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(type, lines, type));
  }
}
