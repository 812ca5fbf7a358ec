package dev.shardwright.cli.daemon.web;

import dev.shardwright.ShardException;
import dev.shardwright.cli.output.Answer;
import dev.shardwright.cli.output.Cell;
import dev.shardwright.cli.output.JsonRendering;
import dev.shardwright.cli.session.Conversions;
import dev.shardwright.cli.session.NotDone;
import dev.shardwright.rebalance.SteeringRefused;
import dev.shardwright.rebalance.plan.Goal;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server: checks each request, asks the {@link Api}, sends the answer. Bounded: so many
 * connections, threads and bytes of a body, and no more. Thread-safe.
 */
public final class Web implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Web.class);
  private static final int MOST_CONNECTIONS = 256;
  private static final int MOST_THREADS = 24;
  private static final long MOST_BYTES = 16 * 1024;
  private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");
  private static final Pattern JSON_TYPE =
      Pattern.compile("application/json\\s*(;.*)?", Pattern.CASE_INSENSITIVE);

  private static final Map<String, String> HEADERS =
      Map.of(
          "Content-Security-Policy", "default-src 'self'",
          "X-Content-Type-Options", "nosniff",
          "X-Frame-Options", "DENY",
          "Referrer-Policy", "no-referrer");

  private final Access access;
  private final Api api;
  private final Supplier<String> metrics;
  private final Javalin server;
  private volatile ListenAddress address;

  private Web(ListenAddress address, Access access, Api api, Supplier<String> metrics) {
    this.address = address;
    this.access = access;
    this.api = api;
    this.metrics = metrics;
    this.server = Javalin.create(this::configure);
  }

  /**
   * Listens from now on.
   *
   * @param metrics in the form of Prometheus
   * @throws NotDone if it cannot listen there
   */
  public static Web start(ListenAddress address, Access access, Api api, Supplier<String> metrics) {
    Web web = new Web(address, access, api, metrics);
    try {
      web.server.start(address.host(), address.port());
    } catch (RuntimeException e) { // Javalin's own, or Jetty's, whichever meets it first
      web.close();
      throw new NotDone(
          "cannot listen at %s (%s): choose a free port and an address of this machine with --listen"
              .formatted(address, rootOf(e)),
          e);
    }
    web.address = address.withPort(web.server.port());
    return web;
  }

  /** Where it listens, with the port that it found where any was wanted. */
  public ListenAddress address() {
    return address;
  }

  /** Answers what was asked already, and nothing more. Safe to call twice. */
  @Override
  public void close() {
    server.stop();
  }

  private void configure(JavalinConfig config) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.http.prefer405over404 = true;
    config.http.maxRequestSize = MOST_BYTES;
    config.jetty.threadPool = threads();
    config.jetty.modifyServer(
        jetty -> jetty.addBean(new NetworkConnectionLimit(MOST_CONNECTIONS, jetty)));
    config.jetty.modifyHttpConfiguration(http -> http.setSendServerVersion(false));
    RoutesConfig routes = config.routes;
    routes.before(this::check);
    routes.get("/", context -> send(context, Page.file("index.html")));
    routes.get("/page/{file}", context -> send(context, Page.file(context.pathParam("file"))));
    routes.get(
        "/page/lib/uplot/{file}",
        context -> send(context, Page.ofUplot(context.pathParam("file"))));
    routes.get("/health", this::health);
    routes.get("/metrics", context -> context.contentType(METRICS_TYPE).result(metrics.get()));
    routes.get("/api/session", this::session);
    read(routes, "status", context -> api.status());
    read(routes, "ring", context -> api.ring());
    read(routes, "skew", context -> api.skew());
    read(routes, "skew/history", context -> api.skewHistory());
    read(routes, "migrations", context -> api.migrations());
    read(routes, "migrations/{number}", context -> api.migration(number(context)));
    read(routes, "routers", context -> api.routers());
    read(routes, "alerts", context -> api.alerts());
    routes.get("/api/plan", this::plan);
    routes.post("/api/rebalance", this::rebalance);
    routes.post("/api/migrations/{number}/{steering}", this::steer);
    routes.exception(HttpResponseException.class, Web::failed);
    routes.exception(Exception.class, Web::failed);
  }

  private static void read(RoutesConfig routes, String what, Function<Context, Answer> question) {
    routes.get("/api/" + what, context -> send(context, question.apply(context)));
  }

  /** Reads only, but every shard is sampled for it. */
  private void plan(Context context) {
    refuse(access.refusal(context.header("Authorization")));
    send(context, api.plan(goal(context)));
  }

  private void rebalance(Context context) {
    Answer answer = api.rebalance(RebalanceOrder.read(context.body()));
    context.status(202);
    send(context, answer);
  }

  private void steer(Context context) {
    Steering steering = Steering.of(context.pathParam("steering"));
    send(context, api.steer(number(context), steering));
  }

  private static int number(Context context) {
    String text = context.pathParam("number");
    if (!NUMBER.matcher(text).matches()) {
      throw RefusedRequest.notFound("'%s' is no number of a migration".formatted(text));
    }
    return Integer.parseInt(text);
  }

  private static Goal goal(Context context) {
    String by = context.queryParam("by");
    try {
      return by == null ? Goal.TOKENS : Conversions.goal(by);
    } catch (IllegalArgumentException e) {
      throw RefusedRequest.bad(String.valueOf(e.getMessage()));
    }
  }

  private static QueuedThreadPool threads() {
    QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS, 4);
    threads.setName("shardwright-web");
    threads.setDaemon(true);
    return threads;
  }

  private void check(Context context) {
    HEADERS.forEach(context::header);
    boolean isData = !context.path().equals("/") && !context.path().startsWith("/page/");
    context.header("Cache-Control", isData ? "no-store" : "no-cache");
    if (!address.isNamedBy(context.header("Host"))) {
      throw new RefusedRequest(
          403, "the Host header does not name this daemon: ask for http://%s".formatted(address));
    }
    refuse(
        access.refusal(context.method().name(), context.path(), context.header("Authorization")));
    if (context.method().name().equals("POST") && !isJson(context.header("Content-Type"))) {
      throw new RefusedRequest(415, "send the body as Content-Type: application/json");
    }
  }

  private static boolean isJson(@Nullable String type) {
    return type != null && JSON_TYPE.matcher(type).matches();
  }

  private static void refuse(Optional<RefusedRequest> refusal) {
    refusal.ifPresent(
        refused -> {
          throw refused;
        });
  }

  private void health(Context context) {
    Health health = api.health();
    context.status(health.isUp() ? 200 : 503);
    send(context, health.answer());
  }

  private void session(Context context) {
    send(
        context,
        Answer.EMPTY
            .fact("writable", Cell.of(access.isWritable()))
            .fact("authorized", Cell.of(access.isAuthorized(context.header("Authorization")))));
  }

  private static void send(Context context, Page.File file) {
    context.contentType(file.type()).result(file.content());
  }

  private static void send(Context context, Answer answer) {
    context.contentType("application/json").result(JsonRendering.oneLine(answer));
  }

  private static void failed(Exception failure, Context context) {
    context.status(status(failure));
    if (context.statusCode() == 401) {
      context.header("WWW-Authenticate", "Bearer");
    }
    send(context, Answer.EMPTY.fact("error", Cell.of(sentence(failure, context))));
  }

  private static int status(Exception failure) {
    if (failure instanceof RefusedRequest refused) {
      return refused.status();
    }
    if (failure instanceof HttpResponseException refused) {
      return refused.getStatus();
    }
    if (failure instanceof SteeringRefused) {
      return 409;
    }
    return failure instanceof ShardException ? 503 : 500;
  }

  private static String sentence(Exception failure, Context context) {
    if (failure instanceof HttpResponseException) {
      return "%s %s: %s; docs/api.md tells what can be asked"
          .formatted(context.method(), context.path(), failure.getMessage());
    }
    if (failure instanceof ShardException || failure instanceof RefusedRequest) {
      return String.valueOf(failure.getMessage());
    }
    LOG.error("{} {} failed", context.method(), context.path(), failure);
    return "internal error: %s. The daemon's log shows where"
        .formatted(failure.getClass().getName());
  }

  private static String rootOf(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root instanceof UnresolvedAddressException
        ? "there is no such host"
        : Optional.ofNullable(root.getMessage()).orElseGet(root::toString);
  }
}
