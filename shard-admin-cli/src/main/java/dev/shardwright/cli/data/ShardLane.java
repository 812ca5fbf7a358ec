package dev.shardwright.cli.data;

import dev.shardwright.ring.ShardId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Writes the chunks of one shard on a thread of its own, one after the other; a few may wait. One
 * thread adds rows and finishes.
 */
final class ShardLane {
  static final int MOST_ROWS = 2_000;
  static final long MOST_CHARACTERS = 1_000_000;
  private static final int MOST_WAITING = 2;
  private static final Duration TIDYING = Duration.ofSeconds(5);
  private static final List<CsvRow> END = List.of();

  private final BlockingQueue<List<CsvRow>> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private final Thread thread;
  private final ShardId shard;
  private final Writing writing;
  private List<CsvRow> open = new ArrayList<>();
  private long characters;
  private volatile @Nullable Exception failure;

  /** What becomes of a chunk. */
  @FunctionalInterface
  interface Writing {
    void write(ShardId shard, List<CsvRow> chunk) throws Exception;
  }

  ShardLane(ShardId shard, Writing writing) {
    this.shard = shard;
    this.writing = writing;
    this.thread = new Thread(this::run, "shard-admin-load-" + shard);
    thread.setDaemon(true);
    thread.start();
  }

  void add(CsvRow row) throws Exception {
    open.add(row);
    characters += row.length();
    if (open.size() == MOST_ROWS || characters >= MOST_CHARACTERS) {
      hand(open);
      open = new ArrayList<>();
      characters = 0;
    }
  }

  /** Writes what is left and waits for the end. */
  void finish() throws Exception {
    if (!open.isEmpty()) {
      hand(open);
    }
    hand(END);
    thread.join();
    rethrow();
  }

  /** Gives up what is not written. A server that does not answer is not waited for. */
  void stop() throws InterruptedException {
    thread.interrupt();
    thread.join(TIDYING.toMillis());
  }

  /** A lane that failed goes on taking chunks, and drops them, so that nobody waits for ever. */
  private void hand(List<CsvRow> chunk) throws Exception {
    rethrow();
    waiting.put(chunk);
  }

  private void rethrow() throws Exception {
    Exception failed = failure;
    if (failed != null) {
      throw failed;
    }
  }

  private void run() {
    try {
      for (List<CsvRow> chunk = waiting.take(); !chunk.isEmpty(); chunk = waiting.take()) {
        if (failure == null) {
          write(chunk);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void write(List<CsvRow> chunk) throws InterruptedException {
    try {
      writing.write(shard, chunk);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      failure = e;
    } catch (Throwable e) { // whoever adds rows must hear of it, or waits for this thread for ever
      failure = new IllegalStateException("writing to shard %s: %s".formatted(shard, e), e);
    }
  }
}
