package dev.shardwright.cli.daemon.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class PageTest {
  @Test
  void filesOfTheFolderAreServed() {
    Page.File file = Page.file("of-test.css");
    assertThat(file.type()).isEqualTo("text/css; charset=utf-8");
    assertThat(new String(file.content(), StandardCharsets.UTF_8)).contains("A file of the page");
    assertThat(Page.ofUplot("uPlot.esm.js").type()).startsWith("text/javascript");
  }

  @Test
  void thereIsNoWayOutOfTheFolder() {
    assertThat(Page.class.getResource("/dev/shardwright/cli/daemon/page/../outside.css"))
        .as("what would be found without the check")
        .isNotNull();
    for (String name :
        List.of(
            "../outside.css", "./of-test.css", "x/../of-test.css", "/of-test.css", ".css", "")) {
      assertThatThrownBy(() -> Page.file(name)).as(name).isInstanceOf(RefusedRequest.class);
    }
  }
}
