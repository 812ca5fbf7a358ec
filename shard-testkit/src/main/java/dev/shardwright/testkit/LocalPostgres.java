package dev.shardwright.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A PostgreSQL server as child processes of this JVM, on the loopback interface. */
final class LocalPostgres implements PostgresBackend {
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
  private static final Duration KILL_LIMIT = Duration.ofSeconds(60);
  private static final Set<String> ACCEPTING = Set.of("ready", "standby");

  private final PostgresBinaries binaries = PostgresBinaries.inUse();
  private final Path directory = Directories.temporary("postgres");
  private final Path data = directory.resolve("data");
  private final Path log = directory.resolve("log");
  private final PostgresOptions options;
  private Optional<ServerCertificate> certificate;
  private final int port = Ports.free();
  private @Nullable Process postmaster;
  private boolean frozen;

  LocalPostgres(PostgresOptions options) {
    this(options, Optional.empty());
  }

  /** With the data of a standby that was made for it. */
  private LocalPostgres(PostgresOptions options, Optional<ServerCertificate> certificate) {
    this.options = options;
    this.certificate = certificate;
  }

  @Override
  public String host() {
    return "127.0.0.1";
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public boolean running() {
    return postmaster != null && postmaster.isAlive();
  }

  @Override
  public void start() {
    if (Files.notExists(data)) {
      prepare();
    }
    try {
      // A stale file would look like a server that is ready.
      Files.deleteIfExists(data.resolve("postmaster.pid"));
      Process started =
          new ProcessBuilder(Processes.asOrdinaryUser(command()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      postmaster = started;
      frozen = false;
      Processes.await(() -> !started.isAlive() || ready(), START_LIMIT);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start PostgreSQL in " + directory, e);
    }
    if (!running() || !ready()) {
      String said = log();
      kill();
      throw new IllegalStateException(
          "PostgreSQL did not start on port %d within %s; its log:%n%s"
              .formatted(port, START_LIMIT, said));
    }
  }

  /** Not in the constructor: what fails here must still be removed by its owner. */
  private void prepare() {
    if (options.tls()) {
      certificate = Optional.of(ServerCertificate.make(directory));
    }
    DataDirectory.create(binaries, options, data);
  }

  private List<String> command() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("listen_addresses", host());
    settings.put("unix_socket_directories", "");
    settings.put("timezone", "UTC");
    // In files of the data directory: nothing stays in /dev/shm after a kill.
    settings.put("dynamic_shared_memory_type", "mmap");
    if (!options.durable()) {
      // What was committed is in the kernel's page cache, which outlives a killed process. For that
      // reason synchronous_commit stays on.
      settings.put("fsync", "off");
      settings.put("full_page_writes", "off");
    }
    certificate.ifPresent(
        made -> {
          settings.put("ssl", "on");
          settings.put("ssl_cert_file", made.certificate().toString());
          settings.put("ssl_key_file", made.key().toString());
        });
    settings.putAll(options.settings());
    List<String> command =
        new ArrayList<>(
            List.of(
                binaries.program("postgres"), "-D", data.toString(), "-p", Integer.toString(port)));
    settings.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
    return command;
  }

  /** The postmaster writes its state into line 8 of its pid file; that of a standby is another. */
  private boolean ready() {
    List<String> lines = pidFile();
    return lines.size() >= 8 && ACCEPTING.contains(lines.get(7).strip());
  }

  private List<String> pidFile() {
    try {
      return Files.readAllLines(data.resolve("postmaster.pid"));
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read postmaster.pid in " + data, e);
    }
  }

  @Override
  public void stop() {
    thaw();
    end("INT", STOP_LIMIT);
  }

  @Override
  public void kill() {
    if (postmaster == null) {
      return;
    }
    ProcessHandle dying = postmaster.toHandle();
    Processes.signal("STOP", List.of(dying));
    // The children first: one that saw the postmaster go would say goodbye to its client.
    List<ProcessHandle> processes = signalChildren("KILL", dying);
    Processes.signal("KILL", List.of(dying));
    processes.add(dying);
    if (!Processes.await(() -> processes.stream().noneMatch(ProcessHandle::isAlive), KILL_LIMIT)) {
      throw new IllegalStateException("killed, but still there: processes " + processes);
    }
    removeSharedMemory();
    postmaster = null;
    frozen = false;
  }

  @Override
  public void freeze() {
    if (postmaster != null && running()) {
      Processes.signal("STOP", List.of(postmaster.toHandle()));
      signalChildren("STOP", postmaster.toHandle());
      frozen = true;
    }
  }

  @Override
  public void thaw() {
    if (postmaster != null && frozen) {
      signalChildren("CONT", postmaster.toHandle());
      Processes.signal("CONT", List.of(postmaster.toHandle()));
      frozen = false;
    }
  }

  @Override
  public String log() {
    try {
      return Files.exists(log) ? Files.readString(log) : "";
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + log, e);
    }
  }

  @Override
  public Optional<Path> certificate() {
    return certificate.map(ServerCertificate::certificate);
  }

  @Override
  public PostgresBackend standby(String slot) throws SQLException {
    LocalPostgres standby = new LocalPostgres(options, certificate);
    try {
      BaseBackup.take(url("postgres"), options, data, standby.data);
      BaseBackup.follow(standby.data, host(), port, options, slot);
      return standby;
    } catch (SQLException | RuntimeException e) {
      standby.remove();
      throw e;
    }
  }

  @Override
  public void takeOver(PostgresBackend standby) {
    if (!(standby instanceof LocalPostgres local)) {
      throw new IllegalStateException("not a standby of this server");
    }
    Directories.delete(data);
    try {
      Files.move(local.data, data);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot move " + local.data + " to " + data, e);
    }
    BaseBackup.followNobody(data);
  }

  @Override
  public void remove() {
    thaw();
    end("QUIT", KILL_LIMIT); // an immediate shutdown: the data are not needed any more
    Directories.delete(directory);
    Ports.release(port);
  }

  private void end(String signal, Duration limit) {
    if (postmaster == null) {
      return;
    }
    ProcessHandle ending = postmaster.toHandle();
    Processes.signal(signal, List.of(ending));
    if (Processes.await(() -> !ending.isAlive(), limit)) {
      postmaster = null;
      return;
    }
    kill();
    throw new IllegalStateException(
        "PostgreSQL on port %d did not stop within %s and was killed; its log:%n%s"
            .formatted(port, limit, log()));
  }

  /**
   * Signals all children of a postmaster that was told to stop. It looks again until there is none
   * left to signal, since a child may have been on its way when the postmaster stopped.
   */
  private static List<ProcessHandle> signalChildren(String signal, ProcessHandle postmaster) {
    List<ProcessHandle> signalled = new ArrayList<>();
    List<ProcessHandle> found = postmaster.descendants().toList();
    while (!found.isEmpty()) {
      Processes.signal(signal, found);
      signalled.addAll(found);
      found = postmaster.descendants().filter(child -> !signalled.contains(child)).toList();
    }
    return signalled;
  }

  /** A killed postmaster leaves a small System V segment; its id is in line 7 of the pid file. */
  private void removeSharedMemory() {
    List<String> lines = pidFile();
    if (lines.size() >= 7) {
      String keyAndId = lines.get(6).strip();
      long id = Long.parseLong(keyAndId.substring(keyAndId.lastIndexOf(' ') + 1));
      Processes.run(
          List.of("sh", "-c", "ipcrm -m " + id + " 2>/dev/null || true"), Duration.ofSeconds(10));
    }
  }
}
