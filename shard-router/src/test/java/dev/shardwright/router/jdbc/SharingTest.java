package dev.shardwright.router.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.Uninterruptibles;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SharingTest {
  private static final Duration IDLE = Duration.ofSeconds(60);

  private final List<String> opened = new ArrayList<>();
  private final List<String> closed = new ArrayList<>();

  /** What is due when the time has passed. */
  private final List<Runnable> due = new ArrayList<>();

  private Duration now = Duration.ZERO;

  private final Sharing<String, String> sharing =
      new Sharing<>(this::open, closed::add, IDLE, this::later, () -> now.toNanos());

  @Test
  void opensOneForAllUsersOfAKeyAndAnotherForAnotherKey() {
    assertThat(sharing.use("a").thing()).isSameAs(sharing.use("a").thing());
    sharing.use("b");
    assertThat(opened).containsExactly("a", "b");
  }

  @Test
  void closesWhatHadNoUserForTheWholeTime() {
    Sharing.Use<String> first = sharing.use("a");
    Sharing.Use<String> second = sharing.use("a");
    first.end();
    first.end();
    assertThat(due).as("one is still in use").isEmpty();
    second.end();
    assertThat(closed).isEmpty();
    timePasses();
    assertThat(closed).containsExactly("a1");
  }

  @Test
  void keepsWhatIsUsedAgainInTime() {
    sharing.use("a").end();
    Sharing.Use<String> again = sharing.use("a");
    timePasses();
    assertThat(closed).isEmpty();
    again.end();
    now = now.plus(IDLE.dividedBy(2));
    sharing.use("a").end();
    now = now.plus(IDLE.dividedBy(2));
    look();
    assertThat(closed).as("its rest began anew half of the time ago").isEmpty();
    timePasses();
    assertThat(closed).containsExactly("a1");
    assertThat(opened).containsExactly("a");
  }

  /** A data source without a pool comes and goes with each statement. */
  @Test
  void manyUsesLeaveOneTimer() {
    for (int i = 0; i < 1_000; i++) {
      sharing.use("a").end();
    }
    assertThat(due).hasSize(1);
    timePasses();
    assertThat(closed).containsExactly("a1");
    assertThat(due).isEmpty();
  }

  @Test
  @Timeout(60)
  void whoComesWhileItIsOpenedSharesTheFailure() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch fails = new CountDownLatch(1);
    AtomicInteger attempts = new AtomicInteger();
    Sharing<String, String> slow =
        new Sharing<>(
            key -> {
              attempts.incrementAndGet();
              begun.countDown();
              Uninterruptibles.awaitUninterruptibly(fails);
              throw new IllegalStateException("cannot open " + key);
            },
            closed::add,
            IDLE,
            this::later,
            () -> now.toNanos());
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      Future<?> first = threads.submit(() -> slow.use("a"));
      begun.await();
      List<Thread> waiting = new CopyOnWriteArrayList<>();
      List<Future<?>> others = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        others.add(
            threads.submit(
                () -> {
                  waiting.add(Thread.currentThread());
                  return slow.use("a");
                }));
      }
      await()
          .until(
              () ->
                  waiting.size() == 3
                      && waiting.stream()
                          .allMatch(thread -> thread.getState() == Thread.State.WAITING));
      fails.countDown();
      assertThatThrownBy(first::get).hasRootCauseMessage("cannot open a");
      for (Future<?> other : others) {
        assertThatThrownBy(other::get).hasRootCauseMessage("cannot open a");
      }
      assertThat(attempts).hasValue(1);
    } finally {
      fails.countDown();
      threads.shutdown();
    }
  }

  @Test
  void opensAnotherAfterTheFirstWasClosed() {
    sharing.use("a").end();
    timePasses();
    assertThat(sharing.use("a").thing()).isEqualTo("a2");
  }

  @Test
  void triesAgainAfterAFailureToOpen() {
    assertThatThrownBy(() -> sharing.use("broken")).hasMessage("cannot open broken");
    assertThatThrownBy(() -> sharing.use("broken")).hasMessage("cannot open broken");
    assertThat(opened).hasSize(2);
    assertThat(due).isEmpty();
  }

  private String open(String key) {
    opened.add(key);
    if (key.equals("broken")) {
      throw new IllegalStateException("cannot open broken");
    }
    return key + opened.size();
  }

  private void later(Duration delay, Runnable task) {
    assertThat(delay).isPositive().isLessThanOrEqualTo(IDLE);
    due.add(task);
  }

  private void timePasses() {
    now = now.plus(IDLE);
    look();
  }

  private void look() {
    List<Runnable> looks = List.copyOf(due);
    due.clear();
    looks.forEach(Runnable::run);
  }
}
