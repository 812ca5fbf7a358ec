package dev.shardwright.credentials;

import java.util.Optional;

/**
 * A user and, unless the server asks for none, a password. Its text form hides the password.
 *
 * @param user the PostgreSQL role
 * @param password empty if the server authenticates by other means
 */
public record Credentials(String user, Optional<String> password) {
  /** A user with a password. */
  public static Credentials of(String user, String password) {
    return new Credentials(user, Optional.of(password));
  }

  @Override
  public String toString() {
    return "Credentials[" + user + ", password " + (password.isPresent() ? "hidden" : "none") + "]";
  }
}
