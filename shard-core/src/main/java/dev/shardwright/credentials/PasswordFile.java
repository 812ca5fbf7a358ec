package dev.shardwright.credentials;

import static com.google.common.base.Preconditions.checkState;

import dev.shardwright.topology.Endpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * PostgreSQL's password file: lines of {@code host:port:database:user:password}, where {@code *}
 * matches anything, a backslash takes the next character as it is, and {@code #} begins a comment.
 * The first line that matches counts.
 *
 * @see <a href="https://www.postgresql.org/docs/current/libpq-pgpass.html">The Password File</a>
 */
record PasswordFile(Path path) {
  private static final int FIELDS = 5;
  private static final Set<PosixFilePermission> OWNER_ONLY =
      Set.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);

  /**
   * The password for one of the endpoint's hosts; empty if there is no file or no line for it.
   *
   * @throws IllegalStateException if others than the owner may use the file
   * @throws UncheckedIOException if it cannot be read
   */
  Optional<String> passwordFor(Endpoint endpoint, String user) {
    if (!Files.isRegularFile(path)) {
      return Optional.empty();
    }
    checkOwnerOnly();
    List<List<String>> lines = read();
    return EndpointAddress.parse(endpoint.url(), user).stream()
        .flatMap(address -> lines.stream().filter(line -> matches(line, address, user)))
        .map(line -> line.get(FIELDS - 1))
        .findFirst();
  }

  private List<List<String>> read() {
    try {
      return Files.readAllLines(path).stream()
          .filter(line -> !line.startsWith("#"))
          .map(PasswordFile::fields)
          .filter(fields -> fields.size() == FIELDS)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("password file " + path + " cannot be read", e);
    }
  }

  private void checkOwnerOnly() {
    PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
    if (view == null) {
      return; // this file system has no such permissions; libpq does not check there either
    }
    try {
      Set<PosixFilePermission> others = new HashSet<>(view.readAttributes().permissions());
      others.removeAll(OWNER_ONLY);
      checkState(
          others.isEmpty(),
          "password file %s may be used by group or others: run chmod 0600 on it",
          path);
    } catch (IOException e) {
      throw new UncheckedIOException("the permissions of password file " + path, e);
    }
  }

  private static boolean matches(List<String> line, EndpointAddress address, String user) {
    return matches(line.get(0), address.host())
        && matches(line.get(1), Integer.toString(address.port()))
        && matches(line.get(2), address.database())
        && matches(line.get(3), user);
  }

  private static boolean matches(String field, String value) {
    return field.equals("*") || field.equals(value);
  }

  /** The parts between colons, escapes undone. */
  private static List<String> fields(String line) {
    List<String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '\\' && i + 1 < line.length()) {
        i++;
        field.append(line.charAt(i));
      } else if (c == ':' && fields.size() < FIELDS - 1) {
        fields.add(field.toString());
        field.setLength(0);
      } else {
        field.append(c);
      }
    }
    fields.add(field.toString());
    return fields;
  }
}
