package dev.shardwright.topology.zookeeper;

import com.google.common.primitives.Ints;
import dev.shardwright.TopologyUnavailable;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;

/**
 * Where migrations are kept: for each a journal, which its leader writes, and what people want of
 * it, which any process may write. Knows nothing of what the documents say. Thread-safe.
 */
public final class MigrationDocuments {
  private final Requests requests;
  private final ClusterPaths paths;

  MigrationDocuments(Requests requests, ClusterPaths paths) {
    this.requests = requests;
    this.paths = paths;
  }

  /** A document as it was read. */
  public static final class Document {
    private final byte[] data;
    private final int version;

    private Document(Requests.Node node) {
      this.data = node.data();
      this.version = node.stat().getVersion();
    }

    /** The document's bytes. */
    public byte[] data() {
      return data.clone();
    }

    /** Grows with each write of the document. */
    public int version() {
      return version;
    }
  }

  /**
   * A number that no migration of this cluster had before; above 0.
   *
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  public int newNumber() {
    return new Numbers(requests, paths.migrations())
        .next("a migration number", requests.newDeadline());
  }

  /**
   * Begins a journal under a new number.
   *
   * @param desired what is wanted of the migration at first
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  public void create(int number, byte[] journal, byte[] desired) {
    String path = paths.migration(number);
    try {
      requests.change(
          "create " + path,
          requests.newDeadline(),
          List.of(
              Op.create(path, journal, requests.acl(), CreateMode.PERSISTENT),
              Op.create(paths.desired(number), desired, requests.acl(), CreateMode.PERSISTENT)));
    } catch (KeeperException.NodeExistsException e) {
      // The number is ours alone: an answer got lost, and the journal is there.
    } catch (KeeperException e) {
      throw requests.refused("create " + path, e);
    }
  }

  /**
   * The numbers of all migrations that are kept, ascending. A node whose name is no number is
   * somebody else's, and left out.
   *
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  public List<Integer> numbers() {
    return requests.children(paths.migrations(), requests.newDeadline()).stream()
        .flatMap(name -> Stream.ofNullable(Ints.tryParse(name)))
        .sorted()
        .toList();
  }

  /**
   * The newest journal of that migration, if it is kept.
   *
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  public Optional<Document> journal(int number) {
    return read(paths.migration(number));
  }

  /**
   * What is wanted of that migration, if it is kept.
   *
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  public Optional<Document> desired(int number) {
    return read(paths.desired(number));
  }

  /**
   * Writes the journal if it is still of that version.
   *
   * @return the journal's new version, or empty if somebody else wrote it since
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  public Optional<Document> replaceJournal(int number, byte[] journal, int version) {
    return replace(paths.migration(number), journal, version);
  }

  /**
   * Writes what is wanted of the migration if that is still of that version.
   *
   * @return the new version, or empty if somebody else wrote it since
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  public Optional<Document> replaceDesired(int number, byte[] desired, int version) {
    return replace(paths.desired(number), desired, version);
  }

  /**
   * Removes all that is kept of a migration.
   *
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  public void remove(int number) {
    requests.remove(List.of(paths.desired(number), paths.migration(number)));
  }

  private Optional<Document> read(String path) {
    Deadline deadline = requests.newDeadline();
    requests.sync(path, deadline);
    return requests.get(path, null, deadline).map(Document::new);
  }

  private Optional<Document> replace(String path, byte[] data, int version) {
    try {
      requests.change(
          "write " + path, requests.newDeadline(), List.of(Op.setData(path, data, version)));
    } catch (KeeperException.BadVersionException | KeeperException.NoNodeException e) {
      // Either somebody was first, or it was ourselves, and the answer got lost.
    } catch (KeeperException e) {
      throw requests.refused("write " + path, e);
    }
    return read(path)
        .filter(now -> now.version() == version + 1 && Arrays.equals(now.data(), data));
  }
}
