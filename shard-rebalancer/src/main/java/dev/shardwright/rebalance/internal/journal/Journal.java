package dev.shardwright.rebalance.internal.journal;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.rebalance.internal.migration.Desired;
import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.topology.zookeeper.MigrationDocuments;
import dev.shardwright.topology.zookeeper.MigrationDocuments.Document;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntFunction;

/**
 * All migrations that are kept, and what people want of them. Thread-safe.
 *
 * <p>Calls throw {@link dev.shardwright.TopologyUnavailable} if ZooKeeper gives no answer in time.
 */
public final class Journal {
  private static final int ATTEMPTS = 20;

  private final MigrationDocuments documents;

  public Journal(MigrationDocuments documents) {
    this.documents = documents;
  }

  /**
   * A migration as it was read.
   *
   * @param migration what the journal says
   * @param version for the next write
   */
  public record Entry(Migration migration, int version) {}

  /** Begins a journal; the migration is to run. */
  public Migration create(IntFunction<Migration> ofNumber) {
    Migration migration = ofNumber.apply(documents.newNumber());
    documents.create(
        migration.number(), MigrationCodec.encode(migration), bytes(Desired.RUN.name()));
    return migration;
  }

  /** That migration, if it is kept. */
  public Optional<Entry> read(int number) {
    return documents.journal(number).map(document -> entry(number, document));
  }

  /**
   * What is kept.
   *
   * @param migrations all that can be understood, by number
   * @param illegible of the others, by number, why not
   */
  public record Kept(List<Migration> migrations, SortedMap<Integer, String> illegible) {
    public static final Kept NOTHING = new Kept(List.of(), new TreeMap<>());

    public Kept {
      migrations = List.copyOf(migrations);
      illegible = Collections.unmodifiableSortedMap(new TreeMap<>(illegible));
    }
  }

  /**
   * What is kept, with what people want of it.
   *
   * @param desired all of which both can be understood, by number, and what is wanted
   * @param illegible of the others, by number, why not
   */
  public record Wanted(Map<Migration, Desired> desired, SortedMap<Integer, String> illegible) {
    public Wanted {
      desired = Collections.unmodifiableMap(new LinkedHashMap<>(desired));
      illegible = Collections.unmodifiableSortedMap(new TreeMap<>(illegible));
    }
  }

  /** All that are kept: one that cannot be understood does not keep from the others. */
  public Kept legible() {
    return legible(List.of());
  }

  /**
   * The same for whom looks again and again.
   *
   * @param before what was kept then; what was over by then is not read again, for nothing follows
   */
  public Kept legible(List<Migration> before) {
    Map<Integer, Migration> over = new HashMap<>();
    before.stream()
        .filter(migration -> migration.state().isOver())
        .forEach(migration -> over.put(migration.number(), migration));
    List<Migration> migrations = new ArrayList<>();
    SortedMap<Integer, String> illegible = new TreeMap<>();
    for (int number : documents.numbers()) {
      if (over.containsKey(number)) {
        migrations.add(over.get(number));
        continue;
      }
      Optional<Document> document = documents.journal(number);
      try {
        document.map(read -> entry(number, read).migration()).ifPresent(migrations::add);
      } catch (TopologyUnavailable e) {
        illegible.put(number, String.valueOf(e.getMessage()));
      }
    }
    return new Kept(migrations, illegible);
  }

  /** All that are kept, and what is wanted of each. */
  public Wanted wanted() {
    Kept kept = legible();
    Map<Migration, Desired> desired = new LinkedHashMap<>();
    SortedMap<Integer, String> illegible = new TreeMap<>(kept.illegible());
    for (Migration migration : kept.migrations()) {
      Optional<Document> document = documents.desired(migration.number());
      try {
        desired.put(migration, desired(migration.number(), document));
      } catch (TopologyUnavailable e) {
        illegible.put(migration.number(), String.valueOf(e.getMessage()));
      }
    }
    return new Wanted(desired, illegible);
  }

  /**
   * Writes what has become of a migration.
   *
   * @return what is kept now; empty if somebody else wrote it since it was read: then another
   *     leads, and the caller does not
   */
  public Optional<Entry> write(Entry read, Migration changed) {
    return documents
        .replaceJournal(changed.number(), MigrationCodec.encode(changed), read.version())
        .map(document -> new Entry(changed, document.version()));
  }

  /**
   * What is wanted of a migration; to run, if nothing is kept.
   *
   * @throws TopologyUnavailable also if that cannot be understood
   */
  public Desired desired(int number) {
    return desired(number, documents.desired(number));
  }

  /**
   * Says what is wanted of a migration.
   *
   * @param check throws if that cannot be wanted; looks again at what has been said meanwhile
   * @return whether the migration is kept at all
   */
  public boolean want(int number, Desired desired, Runnable check) {
    for (int i = 0; i < ATTEMPTS; i++) {
      Optional<Document> present = documents.desired(number);
      check.run();
      if (present.isEmpty()) {
        return false;
      }
      if (documents
          .replaceDesired(number, bytes(desired.name()), present.get().version())
          .isPresent()) {
        return true;
      }
    }
    throw new IllegalStateException(
        "others said %d times in a row what they want of migration %d: say it again"
            .formatted(ATTEMPTS, number));
  }

  /** Forgets a migration that is over. */
  public void remove(int number) {
    documents.remove(number);
  }

  private static Entry entry(int number, Document document) {
    return new Entry(
        MigrationCodec.decode(document.data(), "migrations/" + number), document.version());
  }

  private static Desired desired(int number, Optional<Document> document) {
    try {
      return document
          .map(read -> Desired.valueOf(new String(read.data(), StandardCharsets.UTF_8)))
          .orElse(Desired.RUN);
    } catch (IllegalArgumentException e) {
      throw new TopologyUnavailable(
          "migrations/%d/desired is corrupt, or of a newer release: it is none of %s"
              .formatted(number, List.of(Desired.values())),
          e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
