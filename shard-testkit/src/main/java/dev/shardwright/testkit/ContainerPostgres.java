package dev.shardwright.testkit;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/** A PostgreSQL server in a container. */
final class ContainerPostgres implements PostgresBackend {
  /** Names the image to use instead of {@code postgres:15}. */
  static final String IMAGE_PROPERTY = "shardwright.test.postgres.image";

  private static final String CERTIFICATE = "/shardwright-server.crt";
  private static final String KEY = "/shardwright-server.key";
  private static final int POSTGRES_PORT = 5432;
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

  private final PostgreSQLContainer container;
  private final DockerClient docker;
  private final Path directory = Directories.temporary("postgres");
  private Optional<ServerCertificate> certificate = Optional.empty();
  private final int port = Ports.free();
  private final PostgresOptions options;

  @SuppressWarnings("resource") // the "with" methods return the container itself
  ContainerPostgres(PostgresOptions options) {
    this.options = options;
    DockerImageName image =
        DockerImageName.parse(System.getProperty(IMAGE_PROPERTY, "postgres:15"))
            .asCompatibleSubstituteFor("postgres");
    container =
        new ImpatientContainer(image)
            .withUsername(options.user())
            .withPassword(options.password())
            .withDatabaseName("postgres")
            .withStartupTimeout(START_LIMIT);
    // A fixed port, so that the server comes back on the same one.
    container.setPortBindings(List.of("127.0.0.1:" + port + ":" + POSTGRES_PORT));
    docker = container.getDockerClient();
  }

  /** Not in the constructor: what fails here must still be removed by its owner. */
  @SuppressWarnings("resource") // the "with" methods return the container itself
  private void prepare() {
    if (options.tls()) {
      ServerCertificate made = ServerCertificate.make(directory);
      certificate = Optional.of(made);
      container.withCopyFileToContainer(MountableFile.forHostPath(made.certificate()), CERTIFICATE);
      container.withCopyFileToContainer(MountableFile.forHostPath(made.key()), KEY);
    }
    container.withCommand(command());
  }

  private String[] command() {
    Map<String, String> settings = new TreeMap<>(Map.of("timezone", "UTC"));
    if (!options.durable()) {
      settings.put("fsync", "off");
      settings.put("full_page_writes", "off");
    }
    settings.putAll(options.settings());
    List<String> command = new ArrayList<>();
    if (certificate.isPresent()) {
      settings.putAll(Map.of("ssl", "on", "ssl_cert_file", CERTIFICATE, "ssl_key_file", KEY));
      // The files arrive as root's; PostgreSQL wants its key to be its own.
      String own = "chown postgres %s %s && exec docker-entrypoint.sh \"$@\"";
      command.addAll(List.of("sh", "-c", own.formatted(CERTIFICATE, KEY), "sh"));
    }
    command.add("postgres");
    settings.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
    return command.toArray(String[]::new);
  }

  @Override
  public String host() {
    return container.getHost();
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public boolean running() {
    return container.getContainerId() != null && Boolean.TRUE.equals(inspect().getRunning());
  }

  @Override
  public void start() {
    if (container.getContainerId() == null) {
      prepare();
      container.start();
    } else {
      docker.startContainerCmd(container.getContainerId()).exec();
      awaitConnections();
    }
  }

  private void awaitConnections() {
    Processes.await(() -> !running() || acceptsConnections(), START_LIMIT);
    if (!running() || !acceptsConnections()) {
      throw new IllegalStateException(
          "the container's PostgreSQL did not start within %s; its log:%n%s"
              .formatted(START_LIMIT, log()));
    }
  }

  /** Does not wait for a server that has ended already. */
  private final class ImpatientContainer extends PostgreSQLContainer {
    ImpatientContainer(DockerImageName image) {
      super(image);
    }

    @Override
    protected void waitUntilContainerStarted() {
      awaitConnections();
    }
  }

  private boolean acceptsConnections() {
    return PostgresServer.accepts(url("postgres"), options);
  }

  @Override
  public void stop() {
    thaw();
    if (!running()) {
      return;
    }
    // Not "docker stop": the signal must reach the postmaster whatever the image's first process
    // is.
    try {
      container.execInContainer(
          "sh",
          "-c",
          "kill -s INT $(head -n 1 \"${PGDATA:-/var/lib/postgresql/data}/postmaster.pid\")");
    } catch (IOException e) {
      throw new IllegalStateException("cannot reach the container of " + container, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while stopping PostgreSQL", e);
    }
    if (!Processes.await(() -> !running(), STOP_LIMIT)) {
      kill();
      throw new IllegalStateException(
          "the container's PostgreSQL did not stop within %s and was killed; its log:%n%s"
              .formatted(STOP_LIMIT, log()));
    }
  }

  @Override
  public void kill() {
    thaw();
    if (running()) {
      docker.killContainerCmd(container.getContainerId()).exec();
      if (!Processes.await(() -> !running(), STOP_LIMIT)) {
        throw new IllegalStateException("killed, but still there: " + container.getContainerId());
      }
    }
  }

  @Override
  public void freeze() {
    if (running() && !paused()) {
      docker.pauseContainerCmd(container.getContainerId()).exec();
    }
  }

  @Override
  public void thaw() {
    if (running() && paused()) {
      docker.unpauseContainerCmd(container.getContainerId()).exec();
    }
  }

  @Override
  public String log() {
    return container.getLogs();
  }

  @Override
  public Optional<Path> certificate() {
    return certificate.map(ServerCertificate::certificate);
  }

  @Override
  public PostgresBackend standby(String slot) {
    throw new IllegalStateException(
        "a PostgreSQL in a container has no standby here: use the embedded one");
  }

  @Override
  public void takeOver(PostgresBackend standby) {
    throw new IllegalStateException("a PostgreSQL in a container has no standby here");
  }

  @Override
  public void remove() {
    thaw();
    container.stop();
    Directories.delete(directory);
    Ports.release(port);
  }

  private boolean paused() {
    return Boolean.TRUE.equals(inspect().getPaused());
  }

  private ContainerState inspect() {
    return docker.inspectContainerCmd(container.getContainerId()).exec().getState();
  }
}
