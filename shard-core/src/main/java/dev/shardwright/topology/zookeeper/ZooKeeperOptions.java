package dev.shardwright.topology.zookeeper;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How to speak to ZooKeeper.
 *
 * @param sessionTimeout how long ZooKeeper waits for a silent client before its ephemeral nodes go;
 *     shorter than the 10 s that a router has to acknowledge a range move. Servers with the default
 *     tick grant no less than 4 s
 * @param connectDeadline how long connecting may take at the start
 * @param requestDeadline how long one read or change may take, with all its retries
 * @param login who we are; without it, everybody who reaches ZooKeeper may change what we write
 * @param tls how to encrypt; without it, connections are plain
 */
public record ZooKeeperOptions(
    Duration sessionTimeout,
    Duration connectDeadline,
    Duration requestDeadline,
    Optional<Login> login,
    Optional<Tls> tls) {
  private static final Duration MIN_TIMEOUT = Duration.ofMillis(100);
  private static final Duration MAX_SESSION_TIMEOUT = Duration.ofSeconds(9);
  private static final Duration MAX_DEADLINE = Duration.ofMinutes(10);

  /** A plain connection: session timeout 6 s, connecting and each request at most 10 s. */
  public static final ZooKeeperOptions DEFAULTS =
      new ZooKeeperOptions(
          Duration.ofSeconds(6),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Optional.empty(),
          Optional.empty());

  /**
   * @throws IllegalArgumentException if a duration is out of its range
   */
  public ZooKeeperOptions {
    check("session timeout", sessionTimeout, MAX_SESSION_TIMEOUT);
    check("connect deadline", connectDeadline, MAX_DEADLINE);
    check("request deadline", requestDeadline, MAX_DEADLINE);
  }

  /** These options with another session timeout. */
  public ZooKeeperOptions withSessionTimeout(Duration changed) {
    return new ZooKeeperOptions(changed, connectDeadline, requestDeadline, login, tls);
  }

  /** These options with another deadline for connecting. */
  public ZooKeeperOptions withConnectDeadline(Duration changed) {
    return new ZooKeeperOptions(sessionTimeout, changed, requestDeadline, login, tls);
  }

  /** These options with another deadline for requests. */
  public ZooKeeperOptions withRequestDeadline(Duration changed) {
    return new ZooKeeperOptions(sessionTimeout, connectDeadline, changed, login, tls);
  }

  /** These options with that identity. */
  public ZooKeeperOptions withLogin(Login changed) {
    return new ZooKeeperOptions(
        sessionTimeout, connectDeadline, requestDeadline, Optional.of(changed), tls);
  }

  /** These options with encryption. */
  public ZooKeeperOptions withTls(Tls changed) {
    return new ZooKeeperOptions(
        sessionTimeout, connectDeadline, requestDeadline, login, Optional.of(changed));
  }

  private static void check(String name, Duration value, Duration max) {
    checkArgument(
        value.compareTo(MIN_TIMEOUT) >= 0 && value.compareTo(max) <= 0,
        "%s %s is not within %s to %s",
        name,
        value,
        MIN_TIMEOUT,
        max);
  }

  /**
   * An identity of ZooKeeper's {@code digest} scheme. Nodes that it creates can be changed by it
   * alone, and read by everybody: they hold no secret. Routers, rebalancer and CLI of a cluster
   * share one identity, since each of them may have to write.
   *
   * @param user must not contain a colon
   * @param password never shown
   */
  public record Login(String user, String password) {
    /**
     * @throws IllegalArgumentException if the user is empty or contains a colon
     */
    public Login {
      checkArgument(
          !user.isEmpty() && user.indexOf(':') < 0, "user '%s' is empty or has a colon", user);
    }

    @Override
    public String toString() {
      return "Login[" + user + "]";
    }
  }

  /**
   * Encryption. The server's certificate must be signed by the trust store and name its host.
   *
   * @param trustStore a file of JKS, PKCS12 or PEM, told by its name's ending (.jks, .p12, .pem)
   * @param trustStorePassword never shown
   * @param key our own certificate, if the servers ask for one
   */
  public record Tls(Path trustStore, String trustStorePassword, Optional<KeyStore> key) {
    @Override
    public String toString() {
      return "Tls[" + trustStore + ", " + key + "]";
    }
  }

  /**
   * A certificate with its private key.
   *
   * @param file of JKS, PKCS12 or PEM, told by its name's ending (.jks, .p12, .pem)
   * @param password never shown
   */
  public record KeyStore(Path file, String password) {
    @Override
    public String toString() {
      return "KeyStore[" + file + "]";
    }
  }
}
