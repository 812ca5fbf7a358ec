package dev.shardwright.router.internal.scatter.fanout;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.router.ShardUnavailable;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final Cancellation cancellation = new Cancellation(Runnable::run, clock);

  @AfterEach
  void stop() {
    clock.shutdownNow();
  }

  /** It had waited for a connection until the query was over, say. */
  @Test
  void aHolderThatComesTooLateFreesNoPlaceAgain() {
    Admission one = new Admission(2, Duration.ofMillis(1));
    Admission.Place place = one.enter(cancellation);
    Runnable inTime = place.join();
    place.leave();
    inTime.run();
    place.join().run();
    one.enter(cancellation);
    assertThatThrownBy(() -> one.enter(cancellation)).isInstanceOf(ShardUnavailable.class);
  }
}
