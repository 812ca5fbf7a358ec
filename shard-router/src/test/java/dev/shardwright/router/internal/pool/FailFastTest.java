package dev.shardwright.router.internal.pool;

import static org.assertj.core.api.Assertions.assertThatObject;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FailFastTest {
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000);
  private final FailFast failFast = new FailFast(now::get);
  private final NoConnection failure = failure(NoConnection.Reason.CANNOT_CONNECT);

  @Test
  void letsEverybodyTryWhileNothingFailed() {
    assertThatObject(failFast.current()).isNull();
  }

  @Test
  void givesTheFailureToAllForASecondThenLetsOneTry() {
    failFast.failed(failure);
    assertThatObject(failFast.current()).isSameAs(failure);
    now.addAndGet(FailFast.PAUSE_NANOS - 1);
    assertThatObject(failFast.current()).isSameAs(failure);
    now.addAndGet(1);
    assertThatObject(failFast.current()).as("the probe").isNull();
    assertThatObject(failFast.current()).as("all others").isSameAs(failure);
    failFast.connected();
    assertThatObject(failFast.current()).isNull();
  }

  @Test
  void tellsThoseInLineOnlyOfWhatFailedSinceTheyCame() {
    failFast.failed(failure);
    long came = now.addAndGet(5);
    assertThatObject(failFast.since(came)).isNull();
    now.addAndGet(5);
    failFast.failed(failure);
    assertThatObject(failFast.since(came)).isSameAs(failure);
  }

  @Test
  void makesNobodyWaitForWhatANewerTopologyMends() {
    failFast.failed(failure(NoConnection.Reason.STALE_EPOCH));
    assertThatObject(failFast.current()).isNull();
  }

  private static NoConnection failure(NoConnection.Reason reason) {
    return new NoConnection(reason, "down", null);
  }
}
