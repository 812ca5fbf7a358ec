package dev.shardwright.router.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SharingTest {
  private static final Duration IDLE = Duration.ofSeconds(60);

  private final List<String> opened = new ArrayList<>();
  private final List<String> closed = new ArrayList<>();

  /** What is due when the time has passed. */
  private final List<Runnable> due = new ArrayList<>();

  private final Sharing<String, String> sharing =
      new Sharing<>(this::open, closed::add, IDLE, this::later);

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
    Runnable newest = due.remove(0);
    sharing.use("a").end();
    newest.run();
    assertThat(closed).as("closed by the timer of an earlier rest").isEmpty();
    timePasses();
    assertThat(closed).containsExactly("a1");
    assertThat(opened).containsExactly("a");
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
    assertThat(delay).isEqualTo(IDLE);
    due.add(task);
  }

  private void timePasses() {
    List<Runnable> now = List.copyOf(due);
    due.clear();
    now.forEach(Runnable::run);
  }
}
