package dev.shardwright.rebalance.internal.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.rebalance.watch.MigrationEvent;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EventDeliveryTest {
  private static final Duration FAREWELL = Duration.ofSeconds(30);

  private final List<Integer> told = new CopyOnWriteArrayList<>();

  @Test
  void tellsEverythingInItsOrderBeforeItIsClosed() {
    try (EventDelivery delivery = new EventDelivery(this::listen, FAREWELL)) {
      IntStream.rangeClosed(1, 500).forEach(number -> delivery.offer(event(number)));
    }
    assertThat(told).containsExactlyElementsOf(IntStream.rangeClosed(1, 500).boxed().toList());
  }

  @Test
  void goesOnAfterAListenerThatThrew() {
    EventDelivery delivery =
        new EventDelivery(
            event -> {
              listen(event);
              if (event.migration() == 1) {
                throw new IllegalStateException("on purpose");
              }
              if (event.migration() == 2) {
                throw new StackOverflowError("on purpose");
              }
            },
            FAREWELL);
    IntStream.rangeClosed(1, 3).forEach(number -> delivery.offer(event(number)));
    delivery.close();
    assertThat(told).containsExactly(1, 2, 3);
  }

  @Test
  void waitsForNoListenerAndLeavesOutWhatIsTooMuch() {
    CountDownLatch release = new CountDownLatch(1);
    EventDelivery delivery =
        new EventDelivery(
            event -> {
              listen(event);
              if (event.migration() == 1) {
                blockUntil(release);
              }
            },
            FAREWELL);
    delivery.offer(event(1));
    await().until(() -> told.size() == 1);
    int many = EventDelivery.MOST_WAITING + 500;
    IntStream.rangeClosed(2, many).forEach(number -> delivery.offer(event(number)));
    release.countDown();
    await().until(() -> told.size() == EventDelivery.MOST_WAITING + 1);
    delivery.offer(event(-1));
    delivery.close();
    assertThat(told)
        .hasSize(EventDelivery.MOST_WAITING + 2)
        .endsWith(EventDelivery.MOST_WAITING + 1, -1);
  }

  @Test
  void aListenerThatNeverReturnsIsInterruptedByTheClose() {
    CountDownLatch interrupted = new CountDownLatch(1);
    EventDelivery delivery =
        new EventDelivery(
            event -> {
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                interrupted.countDown();
              }
            },
            Duration.ofMillis(50));
    delivery.offer(event(1));
    delivery.close();
    await().until(() -> interrupted.getCount() == 0);
    delivery.close();
  }

  private void listen(MigrationEvent event) {
    told.add(event.migration());
  }

  private static void blockUntil(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static MigrationEvent event(int number) {
    return new MigrationEvent.TakenOver(number, "shop", "PLANNED", 1);
  }
}
