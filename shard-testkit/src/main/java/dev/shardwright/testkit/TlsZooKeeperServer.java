package dev.shardwright.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import org.apache.zookeeper.server.ZooKeeperServerMain;

/**
 * A ZooKeeper that speaks TLS only and asks clients for a certificate: in a process of its own,
 * since the server's side of TLS is set up by system properties. Gone with its data after {@link
 * #close}, or when the JVM ends. Thread-safe.
 */
public final class TlsZooKeeperServer implements AutoCloseable {
  /** Of both stores. */
  public static final String PASSWORD = "for-tests-only";

  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final String ALIAS = "node";

  private final Path directory = Directories.temporary("zookeeper-tls");
  private final int port = Ports.free();
  private final Runnable cleanup = this::remove;
  private final ChildJvm jvm;
  private boolean closed;

  private TlsZooKeeperServer() {
    makeKey();
    makeTrust();
    jvm =
        ChildJvm.start(
            List.of("-Xmx64m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"),
            TlsZooKeeperServer.class,
            configuration().toString());
  }

  /** Starts a server; it accepts connections when this returns. */
  public static TlsZooKeeperServer start() {
    TlsZooKeeperServer server = new TlsZooKeeperServer();
    Cleanup.add(server.cleanup);
    if (!Processes.await(() -> server.accepts() || !server.jvm.running(), START_LIMIT)
        || !server.jvm.running()) {
      server.close();
      throw new IllegalStateException("ZooKeeper with TLS did not start within " + START_LIMIT);
    }
    return server;
  }

  /** The server's own process; it ends with its standard input. */
  public static void main(String[] configuration) {
    Thread watch = new Thread(TlsZooKeeperServer::endWithInput, "zookeeper-tls-parent");
    watch.setDaemon(true);
    watch.start();
    ZooKeeperServerMain.main(configuration);
  }

  /** What a client connects to, as {@code host:port}. */
  public String connectString() {
    return "127.0.0.1:" + port;
  }

  /** A certificate that the server trusts, with its key (PKCS12): the server's own. */
  public Path keyStore() {
    return directory.resolve("key.p12");
  }

  /** What the server's certificate is trusted by (PKCS12). */
  public Path trustStore() {
    return directory.resolve("trust.p12");
  }

  /** Ends the server and removes its data. Safe to call again. */
  @Override
  public void close() {
    remove();
    Cleanup.done(cleanup);
  }

  private synchronized void remove() {
    if (!closed) {
      closed = true;
      jvm.close();
      Directories.delete(directory);
      Ports.release(port);
    }
  }

  private boolean accepts() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false; // not yet
    }
  }

  private Path configuration() {
    try {
      return Files.writeString(
          directory.resolve("zoo.cfg"),
          """
          dataDir=%s
          tickTime=100
          maxSessionTimeout=60000
          admin.enableServer=false
          secureClientPort=%s
          secureClientPortAddress=127.0.0.1
          serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory
          ssl.keyStore.location=%s
          ssl.keyStore.password=%s
          ssl.trustStore.location=%s
          ssl.trustStore.password=%s
          """
              .formatted(
                  directory.resolve("data"), port, keyStore(), PASSWORD, trustStore(), PASSWORD));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the settings of ZooKeeper", e);
    }
  }

  /** A certificate that signs itself. */
  private void makeKey() {
    Processes.run(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-J-XX:TieredStopAtLevel=1",
            "-genkeypair",
            "-alias",
            ALIAS,
            "-keyalg",
            "EC",
            "-dname",
            "CN=localhost",
            "-ext",
            "san=ip:127.0.0.1,dns:localhost",
            "-validity",
            "2",
            "-storetype",
            "PKCS12",
            "-keystore",
            keyStore().toString(),
            "-storepass",
            PASSWORD),
        START_LIMIT);
  }

  /** Trusts that certificate and no other. */
  private void makeTrust() {
    char[] password = PASSWORD.toCharArray();
    try (OutputStream out = Files.newOutputStream(trustStore())) {
      KeyStore trust = KeyStore.getInstance("PKCS12");
      trust.load(null, null);
      trust.setCertificateEntry(
          ALIAS, KeyStore.getInstance(keyStore().toFile(), password).getCertificate(ALIAS));
      trust.store(out, password);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + trustStore(), e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot read the certificate that keytool made", e);
    }
  }

  private static void endWithInput() {
    try {
      System.in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      // It is gone: the same as its end.
    }
    Runtime.getRuntime().halt(0);
  }
}
