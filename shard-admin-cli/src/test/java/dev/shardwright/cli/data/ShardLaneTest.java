package dev.shardwright.cli.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.shardwright.ring.ShardId;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ShardLaneTest {
  private static final ShardId SHARD = ShardId.of("s1");
  private static final CsvRow ROW = new CsvRow(1, List.of("1"));

  private final Queue<Integer> chunks = new ConcurrentLinkedQueue<>();

  @Test
  void closesAChunkAtSoManyRows() throws Exception {
    ShardLane lane = new ShardLane(SHARD, (shard, chunk) -> chunks.add(chunk.size()));
    for (int i = 0; i < 2 * ShardLane.MOST_ROWS + 1; i++) {
      lane.add(ROW);
    }
    lane.finish();
    assertThat(chunks).containsExactly(ShardLane.MOST_ROWS, ShardLane.MOST_ROWS, 1);
  }

  @Test
  void closesAChunkAtSoManyCharacters() throws Exception {
    ShardLane lane = new ShardLane(SHARD, (shard, chunk) -> chunks.add(chunk.size()));
    String half = "x".repeat((int) ShardLane.MOST_CHARACTERS / 2);
    CsvRow wide = new CsvRow(1, List.of(half));
    CsvRow narrower = new CsvRow(1, List.of(half.substring(1)));
    for (CsvRow row : List.of(wide, wide, narrower, wide, ROW, ROW)) {
      lane.add(row);
    }
    lane.finish();
    assertThat(chunks).containsExactly(2, 3, 1);
  }

  @Test
  void anErrorIsTold() {
    ShardLane lane =
        new ShardLane(
            SHARD,
            (shard, chunk) -> {
              throw new OutOfMemoryError("too wide a row");
            });
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 10 * ShardLane.MOST_ROWS; i++) {
                lane.add(ROW);
              }
              lane.finish();
            })
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("shard s1")
        .hasRootCauseMessage("too wide a row");
  }

  @Test
  void isNotWaitedForWithoutEnd() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answered = new CountDownLatch(1);
    ShardLane lane =
        new ShardLane(
            SHARD,
            (shard, chunk) -> {
              asked.countDown();
              Uninterruptibles.awaitUninterruptibly(answered); // as a socket, which hears nothing
            });
    for (int i = 0; i < ShardLane.MOST_ROWS; i++) {
      lane.add(ROW);
    }
    asked.await();
    lane.stop();
    answered.countDown();
  }
}
