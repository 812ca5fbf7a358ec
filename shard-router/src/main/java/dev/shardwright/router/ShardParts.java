package dev.shardwright.router;

import dev.shardwright.ShardException;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.run.Runner;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
  private final List<Task> tasks = new ArrayList<>();

  ShardParts(Runner runner, ExecutorService workers) {
    this.runner = runner;
    this.workers = workers;
  }

  /**
   * How one part ended.
   *
   * @param rows by canonical key; empty if it failed
   * @param failure why it failed; null if it did not
   */
  record Part<K, T>(
      ShardId shard, List<K> keys, Map<Object, List<T>> rows, @Nullable ShardException failure) {}

  void add(ShardId shard, List<K> keys, Target target, QueryKeys.KeyedQuery<T> query) {
    tasks.add(new Task(shard, keys, target, new QueryKeys<>(query, keys)));
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
    private final ShardId shard;
    private final List<K> keys;
    private final Target target;
    private final QueryKeys<T> query;

    Task(ShardId shard, List<K> keys, Target target, QueryKeys<T> query) {
      this.shard = shard;
      this.keys = keys;
      this.target = target;
      this.query = query;
    }

    Part<K, T> run() {
      try {
        return new Part<>(shard, keys, runner.run(target, query), null);
      } catch (RouteRefused refused) {
        throw refused;
      } catch (ShardException failure) {
        return new Part<>(shard, keys, Map.of(), failure);
      }
    }

    void cancel() {
      try {
        query.cancel();
      } catch (SQLException e) {
        log.warn("shard {}: a query could not be cancelled", shard, e);
      }
    }
  }
}
