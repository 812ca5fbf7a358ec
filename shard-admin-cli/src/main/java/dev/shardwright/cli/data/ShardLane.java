package dev.shardwright.cli.data;

import dev.shardwright.ring.ShardId;
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
  static final int CHUNK = 2_000;
  private static final int MOST_WAITING = 2;
  private static final List<CsvRow> END = List.of();

  private final BlockingQueue<List<CsvRow>> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private final Thread thread;
  private List<CsvRow> open = new ArrayList<>(CHUNK);
  private volatile @Nullable Exception failure;

  ShardLane(ShardId shard, ChunkWriter writer) {
    this.thread = new Thread(() -> run(shard, writer), "shard-admin-load-" + shard);
    thread.setDaemon(true);
    thread.start();
  }

  void add(CsvRow row) throws Exception {
    open.add(row);
    if (open.size() == CHUNK) {
      hand(open);
      open = new ArrayList<>(CHUNK);
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

  /** Gives up what is not written. */
  void stop() throws InterruptedException {
    thread.interrupt();
    thread.join();
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

  private void run(ShardId shard, ChunkWriter writer) {
    try {
      for (List<CsvRow> chunk = waiting.take(); !chunk.isEmpty(); chunk = waiting.take()) {
        if (failure == null) {
          write(shard, writer, chunk);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void write(ShardId shard, ChunkWriter writer, List<CsvRow> chunk)
      throws InterruptedException {
    try {
      writer.write(shard, chunk);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      failure = e;
    }
  }
}
