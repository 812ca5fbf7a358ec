package dev.shardwright.cli.daemon.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AccessTest {
  private static final String TOKEN = "0123456789abcdef";
  private static final String BEARER = "Bearer " + TOKEN;
  private static final List<String> CHANGING = List.of("POST", "PUT", "DELETE", "PATCH", "OPTIONS");

  private final Access shows = new Access(Optional.empty(), false);
  private final Access changes = new Access(Optional.of(TOKEN), false);
  private final Access guarded = new Access(Optional.of(TOKEN), true);

  @Test
  void withoutATokenEverybodyReadsAndNobodyChangesAnything() {
    assertThat(status(shows, "GET", "/api/status", null)).isZero();
    for (String method : CHANGING) {
      assertThat(status(shows, method, "/api/rebalance", null)).isEqualTo(403);
      assertThat(status(shows, method, "/api/rebalance", BEARER)).isEqualTo(403);
      assertThat(status(shows, method, "/api/rebalance", "Bearer ")).isEqualTo(403);
    }
    assertThat(shows.refusal("POST", "/api/rebalance", null).orElseThrow())
        .hasMessageContainingAll("--token-file", "SHARDWRIGHT_TOKEN");
    assertThat(shows.isWritable()).isFalse();
  }

  @Test
  void withATokenOnlyWhoeverHasItChangesAnything() {
    assertThat(status(changes, "GET", "/api/status", null)).isZero();
    for (String method : CHANGING) {
      assertThat(status(changes, method, "/api/rebalance", BEARER)).isZero();
      for (String wrong : wrong()) {
        assertThat(status(changes, method, "/api/rebalance", wrong)).as(wrong).isEqualTo(401);
      }
      assertThat(status(changes, method, "/api/rebalance", null)).isEqualTo(401);
    }
  }

  @Test
  void readingNeedsTheTokenTooWhereThatIsWanted() {
    for (String path :
        List.of(
            "/api/status",
            "/api/status/",
            "/api/migrations/1",
            "/metrics",
            "/metrics/",
            "//metrics",
            "/METRICS",
            "/page",
            "/api/session/")) {
      assertThat(status(guarded, "GET", path, null)).as(path).isEqualTo(401);
      assertThat(status(guarded, "HEAD", path, wrong().get(0))).as(path).isEqualTo(401);
      assertThat(status(guarded, "GET", path, BEARER)).as(path).isZero();
    }
    for (String path : List.of("/", "/page/app.css", "/health", "/api/session")) {
      assertThat(status(guarded, "GET", path, null)).as(path).isZero();
    }
  }

  @Test
  void aTokenThatCanBeGuessedIsRefusedAndNotShown() {
    String tooShort = TOKEN.substring(1);
    assertThatThrownBy(() -> new Access(Optional.of(tooShort), false))
        .hasMessageContainingAll("16", "openssl")
        .hasMessageNotContaining(tooShort);
    assertThatThrownBy(() -> new Access(Optional.empty(), true))
        .hasMessageContaining("--token-file");
  }

  private static List<String> wrong() {
    return List.of(
        "Bearer 0123456789abcdeg",
        "Bearer 0123456789abcde",
        "Bearer " + TOKEN + "0",
        "Bearer",
        "Bearer ",
        "Basic " + TOKEN,
        TOKEN,
        "");
  }

  private static int status(
      Access access, String method, String path, @Nullable String authorization) {
    return access.refusal(method, path, authorization).map(RefusedRequest::status).orElse(0);
  }
}
