package dev.shardwright.router.internal.scatter.fanout;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.shardwright.ShardException;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.DeadlineExceeded;
import dev.shardwright.router.ShardUnavailable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs the parts of one query at the same time, a bounded number of them. The calling thread can be
 * interrupted meanwhile. The first failure stops the others. What a part gives after nobody waits
 * any more is discarded right away.
 *
 * @param <R> what a part gives
 */
public final class FanOut<R> {
  private final Cancellation cancellation;
  private final MissingShards missingShards;
  private final Function<ShardId, R> part;
  private final Consumer<R> discard;
  private final Collection<ShardId> shards;
  private final Queue<ShardId> waiting;
  private final SortedMap<ShardId, R> given = new TreeMap<>();
  private final SortedMap<ShardId, ShardException> failed = new TreeMap<>();
  private boolean abandoned;
  private volatile boolean interrupted;

  /**
   * @param part runs the part of a shard; throws {@link ShardException} if the shard failed
   * @param discard gives back what a part holds
   */
  public FanOut(
      Collection<ShardId> shards,
      Function<ShardId, R> part,
      Consumer<R> discard,
      MissingShards missingShards,
      Cancellation cancellation) {
    this.shards = shards;
    this.waiting = new ArrayDeque<>(shards);
    this.part = part;
    this.discard = discard;
    this.missingShards = missingShards;
    this.cancellation = cancellation;
  }

  /**
   * How the parts ended.
   *
   * @param given what they gave, in the order of their shards
   * @param failed the shards that gave nothing, and why; empty unless that is allowed
   */
  public record Outcome<R>(List<R> given, SortedMap<ShardId, ShardException> failed) {}

  /**
   * Runs all parts and returns when each has ended. The calling thread only waits, unless all
   * workers are busy.
   *
   * @throws RuntimeException why the query ended before its time
   */
  public Outcome<R> run(ExecutorService workers, int parallelism, InterruptWatch interrupts) {
    return run(workers, Math.min(parallelism, shards.size()), () -> {}, interrupts);
  }

  /**
   * The same with one thread less: the calling thread runs parts too, so that the last of them is
   * sent before the servers have all hands full with the others. For parts of which the
   * cancellation knows from the moment when they have a connection.
   */
  public Outcome<R> runHere(ExecutorService workers, int parallelism, InterruptWatch interrupts) {
    return run(workers, Math.min(parallelism, shards.size()) - 1, this::runWaiting, interrupts);
  }

  private Outcome<R> run(
      ExecutorService workers, int loops, Runnable callersShare, InterruptWatch interrupts) {
    cancellation.onStop(this::wake);
    cancellation.callerIs(Thread.currentThread());
    List<Future<?>> submitted = new ArrayList<>();
    boolean complete = false;
    try {
      interrupts.watch(
          () -> {
            for (int i = 0; i < loops; i++) {
              submitted.add(workers.submit(this::runWaiting)); // here, where none is free
            }
            callersShare.run();
          },
          () -> stopped(interrupted(null)));
      Outcome<R> outcome = awaitAll();
      complete = true;
      return outcome;
    } finally {
      if (!complete) {
        abandon();
        // Ends the waiting for connections; a statement that runs is ended by the cancellation.
        submitted.forEach(loop -> loop.cancel(true));
      }
    }
  }

  private void runWaiting() {
    for (ShardId shard = takeNext(); shard != null; shard = takeNext()) {
      try {
        given(shard, part.apply(shard));
      } catch (ShardException failure) {
        failed(shard, failure);
      } catch (RuntimeException | Error failure) {
        cancellation.stop(
            failure instanceof RuntimeException known ? known : new IllegalStateException(failure));
        throw failure;
      }
    }
  }

  private synchronized @Nullable ShardId takeNext() {
    return abandoned || cancellation.isStopped() ? null : waiting.poll();
  }

  private void given(ShardId shard, R result) {
    synchronized (this) {
      if (!abandoned) {
        given.put(shard, result);
        wakeIfComplete();
        return;
      }
    }
    discard.accept(result);
  }

  private void failed(ShardId shard, ShardException failure) {
    if (!mayBeMissing(failure)) {
      cancellation.stop(failure);
      return;
    }
    synchronized (this) {
      failed.put(shard, failure);
      wakeIfComplete();
    }
  }

  /** What the statement itself did wrong, it does wrong everywhere. */
  private boolean mayBeMissing(RuntimeException failure) {
    return missingShards == MissingShards.NAME
        && (failure instanceof ShardUnavailable || failure instanceof DeadlineExceeded);
  }

  private synchronized Outcome<R> awaitAll() {
    while (!isComplete()) {
      RuntimeException reason = cancellation.reason();
      if (reason != null) {
        return withoutTheRest(reason);
      }
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw stopped(interrupted(e));
      }
    }
    return outcome();
  }

  private Outcome<R> withoutTheRest(RuntimeException reason) {
    if (interrupted || !mayBeMissing(reason)) {
      throw reason;
    }
    abandoned = true;
    for (ShardId shard : shards) {
      if (!given.containsKey(shard)) {
        failed.putIfAbsent(shard, (ShardException) reason);
      }
    }
    return outcome();
  }

  private Outcome<R> outcome() {
    if (!failed.isEmpty() && (interrupted || Thread.currentThread().isInterrupted())) {
      throw stopped(interrupted(null)); // which may be why they failed
    }
    if (given.isEmpty()) {
      throw Objects.requireNonNull(failed.get(failed.firstKey()));
    }
    return new Outcome<>(List.copyOf(given.values()), failed);
  }

  /** Nobody wants a part of the answer then. */
  private ShardUnavailable interrupted(@Nullable InterruptedException e) {
    interrupted = true;
    return new ShardUnavailable("interrupted while waiting for the answers of the shards", e);
  }

  @CanIgnoreReturnValue
  private RuntimeException stopped(RuntimeException why) {
    cancellation.stop(why);
    return why;
  }

  private boolean isComplete() {
    return given.size() + failed.size() == shards.size();
  }

  /** Who waits has nothing to do before the last part has ended. */
  private void wakeIfComplete() {
    if (isComplete()) {
      notifyAll();
    }
  }

  private synchronized void wake() {
    notifyAll();
  }

  private void abandon() {
    List<R> left;
    synchronized (this) {
      abandoned = true;
      left = List.copyOf(given.values());
      given.clear();
    }
    left.forEach(discard);
  }
}
