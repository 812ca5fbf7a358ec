package dev.shardwright.cli.session;

import dev.shardwright.admin.AdminOutcome;
import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.admin.ClusterAdminOptions;
import dev.shardwright.cli.output.Answer;
import dev.shardwright.cli.output.Cell;
import dev.shardwright.cli.output.JsonRendering;
import dev.shardwright.cli.output.Printable;
import dev.shardwright.cli.output.TextRendering;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.credentials.EnvironmentCredentials;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.rebalance.RebalancerOptions;
import dev.shardwright.router.PoolProfile;
import dev.shardwright.router.RouterOptions;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.Timeouts;
import dev.shardwright.topology.TopologyStore;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * One run of the program: connects as its settings say, and speaks to whoever started it. What it
 * opens, the caller closes.
 */
public final class Session {
  private final GlobalOptions options;
  private final Surroundings surroundings;
  private final CredentialsProvider credentials;

  /** For one command line. */
  public Session(GlobalOptions options, Surroundings surroundings) {
    this.options = options;
    this.surroundings = surroundings;
    this.credentials = new EnvironmentCredentials(surroundings.environment(), surroundings.home());
  }

  /**
   * Which cluster is meant.
   *
   * @throws WrongUsage if it is not said
   */
  public Settings settings() {
    return Settings.of(options, surroundings.environment());
  }

  /** The app role of endpoints for which none is named. */
  public String defaultUser() {
    String user = surroundings.environment().apply("SHARDWRIGHT_USER");
    return user == null || user.isBlank() ? System.getProperty("user.name") : user;
  }

  /** Where user names and passwords come from. */
  public CredentialsProvider credentials() {
    return credentials;
  }

  /** What changes the cluster. */
  public ClusterAdmin admin() {
    return admin(ClusterAdminOptions.DEFAULTS);
  }

  /** The same, and it waits for databases as these options say. */
  public ClusterAdmin admin(ClusterAdminOptions waits) {
    Settings settings = settings();
    return ClusterAdmin.connect(
        settings.zooKeeper(), settings.cluster(), settings.options(), credentials, waits);
  }

  /** The same, over a topology that somebody else has opened and closes. */
  public ClusterAdmin admin(TopologyStore store) {
    return new ClusterAdmin(store, settings().cluster(), credentials, ClusterAdminOptions.DEFAULTS);
  }

  /** The cluster in ZooKeeper. */
  public ZooKeeperCluster cluster() {
    Settings settings = settings();
    return ZooKeeperCluster.connect(settings.zooKeeper(), settings.cluster(), settings.options());
  }

  /** A router, as services have one. */
  public ShardRouter router() {
    return router(Timeouts.DEFAULTS.statement());
  }

  /** The same, and a statement may take so long. */
  public ShardRouter router(Duration statement) {
    Settings settings = settings();
    return ShardRouter.connect(
        settings.zooKeeper(),
        settings.cluster(),
        RouterOptions.DEFAULTS
            .withCredentials(credentials)
            .withPools(PoolProfile.SERVERLESS)
            .withTimeouts(Timeouts.DEFAULTS.withStatement(statement))
            .withZooKeeper(settings.options()));
  }

  /** What measures, plans and moves. */
  public Rebalancer rebalancer() {
    Settings settings = settings();
    return Rebalancer.connect(
        settings.zooKeeper(),
        settings.cluster(),
        RebalancerOptions.DEFAULTS.withCredentials(credentials).withZooKeeper(settings.options()));
  }

  /** The same, and its metrics go there. */
  public Rebalancer rebalancer(MeterRegistry meters) {
    Settings settings = settings();
    return Rebalancer.connect(
        settings.zooKeeper(),
        settings.cluster(),
        RebalancerOptions.DEFAULTS
            .withCredentials(credentials)
            .withZooKeeper(settings.options())
            .withMeters(meters));
  }

  /** The value of an environment variable, if it is set to something. */
  public Optional<String> variable(String name) {
    return Optional.ofNullable(surroundings.environment().apply(name))
        .map(String::strip)
        .filter(value -> !value.isEmpty());
  }

  /** Whether a person looks on. */
  public boolean isTerminal() {
    return surroundings.terminal();
  }

  /** Whether answers are for programs. */
  public boolean isJson() {
    return options.output == OutputFormat.JSON;
  }

  /** Writes an answer as the options say. */
  public void print(Answer answer) {
    PrintStream out = surroundings.out();
    if (isJson()) {
      out.println(JsonRendering.pretty(answer));
    } else {
      out.print(new TextRendering(surroundings.colours()).render(answer));
    }
    out.flush();
  }

  /** Writes an answer for programs, or its own text for people. */
  public void print(Answer answer, String text) {
    if (isJson()) {
      print(answer);
    } else {
      surroundings.out().println(Printable.lines(text));
      surroundings.out().flush();
    }
  }

  /** Writes one of several answers, to be read on its own. */
  public void printNext(Answer answer) {
    if (isJson()) {
      surroundings.out().println(JsonRendering.oneLine(answer));
      surroundings.out().flush();
    } else {
      print(answer);
    }
  }

  /** Writes what came of a change: a sentence for people, the epoch and the advice for programs. */
  public void printDone(String sentence, AdminOutcome outcome) {
    if (isJson()) {
      print(
          Answer.EMPTY
              .fact("epoch", Cell.number(outcome.epoch().value()))
              .lines("advice", outcome.advice()));
      return;
    }
    surroundings.out().println(Printable.lines(sentence + " (epoch " + outcome.epoch() + ")"));
    outcome
        .advice()
        .forEach(advice -> surroundings.out().println(Printable.lines("Advice: " + advice)));
    surroundings.out().flush();
  }

  /** Says something about the work, apart from its answer. */
  public void tell(String line) {
    surroundings.err().println(Printable.lines(line));
    surroundings.err().flush();
  }

  /** Where progress is shown. */
  public PrintStream err() {
    return surroundings.err();
  }

  /**
   * Asks before something that cannot be undone.
   *
   * @param yes whether it was agreed to already
   * @throws NotDone if the answer is not yes, or nobody is there to answer
   */
  public void confirm(String question, boolean yes) {
    if (yes) {
      return;
    }
    if (!isTerminal()) {
      throw new NotDone(question + " Nobody is here to answer: give --yes to agree");
    }
    surroundings.err().print(Printable.lines(question) + " [y/N] ");
    surroundings.err().flush();
    if (!answer().strip().toLowerCase(Locale.ROOT).startsWith("y")) {
      throw new NotDone("nothing was done");
    }
  }

  /** On a thread of its own: Ctrl-C does not end the reading of a terminal. */
  private String answer() {
    FutureTask<String> answer = new FutureTask<>(this::readLine);
    Thread reader = new Thread(answer, "shard-admin-answer");
    reader.setDaemon(true);
    reader.start();
    try {
      return answer.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NotDone("nothing was done", e);
    } catch (ExecutionException e) {
      throw new NotDone("the answer could not be read: " + e.getCause(), e);
    }
  }

  private String readLine() throws IOException {
    // Not closed: it belongs to whoever started the program.
    String line =
        new BufferedReader(new InputStreamReader(surroundings.in(), Charset.defaultCharset()))
            .readLine();
    return line == null ? "" : line;
  }
}
