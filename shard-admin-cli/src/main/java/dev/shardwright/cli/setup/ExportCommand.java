package dev.shardwright.cli.setup;

import dev.shardwright.cli.output.Answer;
import dev.shardwright.cli.output.Cell;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.NotDone;
import dev.shardwright.cli.session.Session;
import dev.shardwright.cli.session.Settings;
import dev.shardwright.internal.codec.KeptTopology;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.zookeeper.GivenNumbers;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code export}. */
@Command(
    name = "export",
    description = "Writes the whole topology to a file, for the day that ZooKeeper loses it.",
    footer = {
      "",
      "Holds no secret. Make one after each change, and keep it where ZooKeeper is not. While ranges",
      "move, FILE is left alone: the topology goes to FILE.moving, to be looked at, with exit code 1.",
      "",
      "Example:",
      "  shard-admin export prod-topology.json"
    })
public final class ExportCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "FILE", description = "The file to write.")
  private Path file = Path.of("");

  /** For one run of the program. */
  public ExportCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Settings settings = session.settings();
    try (ZooKeeperCluster cluster = session.cluster()) {
      GivenNumbers given = cluster.givenNumbers();
      Topology topology = cluster.topologyStore().read();
      byte[] document =
          new KeptTopology(
                  settings.cluster(), topology, given.router(), given.migration(), given.leader())
              .encode();
      if (!topology.moves().isEmpty()) {
        throw cannotBeImported(topology, document);
      }
      write(document, file);
      dropMoving();
      session.tell("Epoch %s is kept in %s".formatted(topology.epoch(), file));
      if (session.isJson()) {
        session.print(
            Answer.EMPTY
                .fact("epoch", Cell.number(topology.epoch().value()))
                .fact("file", Cell.of(file.toString())));
      }
      return ExitCode.DONE;
    }
  }

  /** What it is now is kept to be looked at; what was kept before can be imported, and stays. */
  private NotDone cannotBeImported(Topology topology, byte[] document) {
    Path moving = moving();
    write(document, moving);
    return new NotDone(
        "migrations %s are under way, and a topology with moving ranges cannot be imported: epoch %s is in %s to be looked at, and %s is as it was. Export again when they are over"
            .formatted(topology.moves().keySet(), topology.epoch(), moving, file));
  }

  private Path moving() {
    return file.resolveSibling(file.getFileName() + ".moving");
  }

  /** What is in it is older than the file beside it by now. */
  private void dropMoving() {
    try {
      Files.deleteIfExists(moving());
    } catch (IOException e) {
      throw NotDone.file(moving(), "deleted", e);
    }
  }

  /** Whole or not at all, so that an export that breaks leaves the one before. */
  private static void write(byte[] document, Path file) {
    try {
      Path target = file.toAbsolutePath();
      Path part = target.resolveSibling(target.getFileName() + ".part");
      Files.write(part, document);
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw NotDone.file(file, "written", e);
    }
  }
}
