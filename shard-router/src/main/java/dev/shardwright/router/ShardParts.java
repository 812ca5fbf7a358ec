package dev.shardwright.router;

import dev.shardwright.ShardException;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.run.Runner;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts of one read of many keys, a part for each shard, run at the same time: the first by the
 * calling thread, the others by workers. Used by one thread, once.
 */
final class ShardParts<K, T> {
  private static final Logger log = LoggerFactory.getLogger(ShardParts.class);

  private final Runner runner;
  private final ExecutorService workers;
  private final long began;
  private final List<Task> tasks = new ArrayList<>();

  /**
   * @param began when the whole read began, by {@link System#nanoTime}: its deadline is each part's
   */
  ShardParts(Runner runner, ExecutorService workers, long began) {
    this.runner = runner;
    this.workers = workers;
    this.began = began;
  }

  /**
   * How one part ended.
   *
   * @param wanted what it was to read, at least one key
   * @param failure why it failed; null if it did not
   */
  record Part<K, T>(List<WantedKey<K, T>> wanted, @Nullable ShardException failure) {
    ShardId shard() {
      return wanted.get(0).shard();
    }

    List<K> keys() {
      return wanted.stream().map(WantedKey::key).toList();
    }
  }

  void add(
      List<WantedKey<K, T>> wanted, List<K> keys, Target target, QueryKeys.KeyedQuery<K, T> query) {
    tasks.add(new Task(wanted, target, new QueryKeys<>(query, wanted, keys)));
  }

  /**
   * Runs the parts and gives how each ended, in the order in which they were added. If the thread
   * is interrupted while it waits for the others, they are cancelled on their shards.
   */
  List<Part<K, T>> run() {
    List<Future<Part<K, T>>> others = new ArrayList<>();
    for (Task task : tasks.subList(1, tasks.size())) {
      others.add(workers.submit(task::run));
    }
    List<Part<K, T>> parts = new ArrayList<>();
    boolean complete = false;
    try {
      parts.add(tasks.get(0).run());
      for (Future<Part<K, T>> other : others) {
        parts.add(result(other));
      }
      complete = true;
      return parts;
    } finally {
      if (!complete) {
        others.forEach(other -> other.cancel(true));
        tasks.forEach(Task::cancel);
      }
    }
  }

  /** Each part keeps its own deadlines, so waiting for it needs none. */
  private Part<K, T> result(Future<Part<K, T>> other) {
    try {
      return other.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ShardUnavailable("interrupted while waiting for the answers of other shards", e);
    } catch (ExecutionException e) {
      // What the mapper threw.
      if (e.getCause() instanceof RuntimeException mappers) {
        throw mappers;
      }
      if (e.getCause() instanceof Error fatal) {
        throw fatal;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private final class Task {
    private final List<WantedKey<K, T>> wanted;
    private final Target target;
    private final QueryKeys<K, T> query;

    Task(List<WantedKey<K, T>> wanted, Target target, QueryKeys<K, T> query) {
      this.wanted = wanted;
      this.target = target;
      this.query = query;
    }

    Part<K, T> run() {
      try {
        runner.run(target, query, began);
        return new Part<>(wanted, null);
      } catch (RouteRefused refused) {
        throw refused;
      } catch (ShardException failure) {
        return new Part<>(wanted, failure);
      }
    }

    void cancel() {
      try {
        query.cancel();
      } catch (SQLException e) {
        log.warn("shard {}: a query could not be cancelled", wanted.get(0).shard(), e);
      }
    }
  }
}
