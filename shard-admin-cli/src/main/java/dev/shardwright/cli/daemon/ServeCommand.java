package dev.shardwright.cli.daemon;

import dev.shardwright.cli.daemon.web.Access;
import dev.shardwright.cli.daemon.web.ListenAddress;
import dev.shardwright.cli.output.Answer;
import dev.shardwright.cli.output.Cell;
import dev.shardwright.cli.session.Bounds;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.NotDone;
import dev.shardwright.cli.session.Session;
import dev.shardwright.cli.session.WrongUsage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code serve}. */
@Command(
    name = "serve",
    description = "Runs the daemon: carries migrations out, samples skew, and shows all of it.",
    footer = {
      "",
      "Several may run: one leads, and another takes over when it ends. Each samples for itself.",
      "The web page is at /, metrics for Prometheus at /metrics, JSON below /api; docs/api.md tells",
      "what can be asked. Without a token it only shows. Ctrl-C ends it, and nothing is lost.",
      "",
      "Examples:",
      "  shard-admin serve",
      "  (umask 077; openssl rand -hex 32 > token)",
      "  shard-admin serve --listen 127.0.0.1:8470 --token-file token"
    })
public final class ServeCommand implements Callable<Integer> {
  private final Session session;

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "Where to listen (default: 127.0.0.1:8470); port 0 takes a free one.")
  private String listen = "127.0.0.1:8470";

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "Its first line is the token that changes need; else SHARDWRIGHT_TOKEN.")
  private @Nullable Path tokenFile;

  @Option(names = "--require-token", description = "Reading needs the token too.")
  private boolean requireToken;

  @Option(
      names = "--sample-every",
      paramLabel = "TIME",
      description = "How often rows, bytes and load are sampled (default: 1m; 1s to 1d).")
  private Duration sampleEvery = Duration.ofMinutes(1);

  /** For one run of the program. */
  public ServeCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    ListenAddress address = WrongUsage.ifRefused(() -> ListenAddress.of(listen));
    Access access = WrongUsage.ifRefused(() -> new Access(token(), requireToken));
    Bounds.check("--sample-every", sampleEvery);
    try (Daemon daemon = Daemon.start(session, address, access, sampleEvery)) {
      String url = "http://%s/".formatted(daemon.address());
      session.print(
          Answer.EMPTY.fact("url", Cell.of(url)), "Serving %s until Ctrl-C".formatted(url));
      if (!address.isLoopback()) {
        String exposed =
            requireToken
                ? "Nothing that goes to and from %s is encrypted, the token neither"
                : "Anybody who reaches %s can read what is shown, and nothing is encrypted";
        session.tell(exposed.formatted(daemon.address()) + ": put a proxy with TLS before it");
      }
      new CountDownLatch(1).await();
      return ExitCode.DONE;
    } catch (InterruptedException e) {
      session.tell("Stopped. What was under way is left for the next leader, and nothing is lost");
      return ExitCode.INTERRUPTED;
    }
  }

  private Optional<String> token() {
    if (tokenFile == null) {
      return session.variable("SHARDWRIGHT_TOKEN");
    }
    try {
      return Optional.of(
          Files.readString(tokenFile).lines().map(String::strip).findFirst().orElse(""));
    } catch (IOException e) {
      throw new WrongUsage(String.valueOf(NotDone.file(tokenFile, "read", e).getMessage()));
    }
  }
}
