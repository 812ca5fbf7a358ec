package dev.shardwright.topology;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.regex.Pattern;

/**
 * Where a database listens, and as whom a service speaks to it. Holds no secret.
 *
 * @param url a {@code jdbc:postgresql:} URL without user and password
 * @param user the app role
 */
public record Endpoint(String url, String user) {
  private static final Pattern SECRET =
      Pattern.compile("[?&](user|password|sslpassword)=|//[^/]*@", Pattern.CASE_INSENSITIVE);

  /**
   * @throws IllegalArgumentException if the URL is not one of PostgreSQL's, or names a user or
   *     password
   */
  public Endpoint {
    // The messages leave the URL out: it may hold the password that it must not hold.
    checkArgument(
        url.startsWith("jdbc:postgresql:"), "an endpoint's URL must begin with jdbc:postgresql:");
    checkArgument(
        !SECRET.matcher(url).find(),
        "an endpoint's URL must not name a user or a password: the user goes beside it, the"
            + " password into the credentials provider");
    checkArgument(!user.isBlank(), "endpoint %s needs a user", url);
  }

  @Override
  public String toString() {
    return url + " as " + user;
  }
}
