package dev.shardwright.topology.zookeeper;

import static com.google.common.base.Preconditions.checkState;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.server.ZooKeeperServerMain;
import org.awaitility.Awaitility;

/**
 * A ZooKeeper that speaks TLS only and asks clients for a certificate: in a process of its own,
 * since the server's side of TLS is set up by system properties.
 */
final class TlsServer implements AutoCloseable {
  static final String PASSWORD = "for-tests-only";

  private final Path directory;
  private final int port;
  private final Process process;

  private TlsServer(Path directory, int port, Process process) {
    this.directory = directory;
    this.port = port;
    this.process = process;
  }

  static TlsServer start(Path directory)
      throws IOException, InterruptedException, GeneralSecurityException {
    makeKey(directory);
    makeTrust(directory);
    int port = freePort();
    Path config = directory.resolve("zoo.cfg");
    Files.writeString(
        config,
        """
        dataDir=%s
        tickTime=100
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
                directory.resolve("data"),
                port,
                directory.resolve("key.p12"),
                PASSWORD,
                directory.resolve("trust.p12"),
                PASSWORD));
    Process process =
        run(
            directory,
            "java",
            "-Xmx64m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            ZooKeeperServerMain.class.getName(),
            config.toString());
    TlsServer server = new TlsServer(directory, port, process);
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(server::accepts);
    return server;
  }

  String connectString() {
    return "127.0.0.1:" + port;
  }

  Path keyStore() {
    return directory.resolve("key.p12");
  }

  Path trustStore() {
    return directory.resolve("trust.p12");
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
  }

  private boolean accepts() throws IOException {
    checkState(
        process.isAlive(), "ZooKeeper ended: %s", Files.readString(directory.resolve("java.log")));
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false; // not yet
    }
  }

  /** A certificate that signs itself. */
  private static void makeKey(Path directory) throws IOException, InterruptedException {
    String arguments =
        "-J-XX:TieredStopAtLevel=1 -genkeypair -alias node -keyalg EC -dname CN=localhost"
            + " -ext san=ip:127.0.0.1,dns:localhost -validity 2 -storetype PKCS12"
            + " -keystore key.p12 -storepass "
            + PASSWORD;
    Process process = run(directory, "keytool", arguments.split(" "));
    checkState(process.waitFor(30, TimeUnit.SECONDS), "keytool does not end");
    checkState(
        process.exitValue() == 0,
        "keytool: %s",
        Files.readString(directory.resolve("keytool.log")));
  }

  /** Trusts that certificate and no other. */
  private static void makeTrust(Path directory) throws IOException, GeneralSecurityException {
    char[] password = PASSWORD.toCharArray();
    KeyStore keys = KeyStore.getInstance(directory.resolve("key.p12").toFile(), password);
    KeyStore trust = KeyStore.getInstance("PKCS12");
    trust.load(null, null);
    trust.setCertificateEntry("node", keys.getCertificate("node"));
    try (OutputStream out = Files.newOutputStream(directory.resolve("trust.p12"))) {
      trust.store(out, password);
    }
  }

  private static Process run(Path directory, String program, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", program).toString());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve(program + ".log").toFile())
        .start();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
