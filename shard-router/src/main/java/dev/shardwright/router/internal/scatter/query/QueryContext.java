package dev.shardwright.router.internal.scatter.query;

import com.google.common.primitives.Ints;
import dev.shardwright.ShardException;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.ShardUnavailable;
import dev.shardwright.router.UnknownOutcome;
import dev.shardwright.router.internal.loan.BoundShard;
import dev.shardwright.router.internal.loan.Loan;
import dev.shardwright.router.internal.merge.RowWindow;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.scatter.fanout.Admission;
import dev.shardwright.router.internal.scatter.fanout.Cancellation;
import dev.shardwright.router.internal.scatter.fanout.Failures;
import dev.shardwright.router.internal.scatter.fanout.FanOut;
import dev.shardwright.router.internal.scatter.fanout.Limits;
import dev.shardwright.router.internal.scatter.fanout.MissingShards;
import dev.shardwright.router.internal.scatter.part.Asking;
import dev.shardwright.router.internal.scatter.part.Delivery;
import dev.shardwright.router.internal.scatter.part.Instants;
import dev.shardwright.router.internal.scatter.part.LongerTimeout;
import dev.shardwright.router.internal.scatter.part.OpenLoans;
import dev.shardwright.router.internal.scatter.part.PartStatement;
import dev.shardwright.router.internal.scatter.part.ShardPart;
import dev.shardwright.router.internal.scatter.result.Describer;
import dev.shardwright.router.internal.scatter.rows.ByteOrder;
import dev.shardwright.router.internal.scatter.rows.PartRows;
import dev.shardwright.router.internal.scatter.rows.PartialRows;
import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlText;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;

/**
 * One query while it runs, and the steps that the ways of answering it have in common. Used by one
 * thread; others may stop it.
 */
public final class QueryContext {
  /** The most rows of a shard that are sent at once; more are streamed. */
  private static final int WHOLE_ROWS = 10_000;

  private static final int FETCH_SIZE = 1_000;

  private final QueryResources resources;
  private final ScatterQuery query;
  private final Experience.Of experience;
  private final Cancellation opening;
  private final Cancellation reading;
  private final OpenLoans loans = new OpenLoans();
  private final Instants instants;
  private final SortedMap<ShardId, ShardException> missing = new TreeMap<>();
  private long mostRows = Long.MAX_VALUE;
  private Hiding hiding = Hiding.NONE;
  private Map<ShardId, IntUnaryOperator> shares = Map.of();

  public QueryContext(QueryResources resources, ScatterQuery query) {
    this.resources = resources;
    this.query = query;
    OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
    this.instants = new Instants(query.transactionBegan().orElse(now), now);
    this.experience = resources.experience().of(query.analysis());
    this.opening = new Cancellation(resources.wishes(), resources.clock());
    this.reading = new Cancellation(resources.wishes(), resources.clock());
  }

  public QueryResources resources() {
    return resources;
  }

  public ScatterQuery query() {
    return query;
  }

  public Experience.Of experience() {
    return experience;
  }

  /** Ends what has not given its first rows yet. */
  public Cancellation opening() {
    return opening;
  }

  /** Ends the fetching of further rows. */
  public Cancellation reading() {
    return reading;
  }

  /** Through which rows come once the first are here. */
  public OpenLoans loans() {
    return loans;
  }

  /** So many rows of the answer are wanted at most. */
  public void most(long rows) {
    mostRows = rows;
  }

  /** The shards whose rows are missing in the answer, and why. */
  public SortedMap<ShardId, ShardException> missing() {
    return missing;
  }

  public Limits limits() {
    return new Limits(query.options().maxRows(), query.options().maxBytes());
  }

  /** From here on, parts are those of that answer. */
  public void answer(int at) {
    query
        .stay()
        .map(by -> by.routing().topology())
        .ifPresent(
            topology -> {
              Analysis analysis = query.analysis();
              hiding = Hiding.of(analysis, query.shards(), topology, at);
              shares = analysis.shares(query.parameters(), query.shards(), topology);
            });
  }

  /** What shards with hidden rows do for the answer. */
  public Hiding hiding() {
    return hiding;
  }

  /** All shards' part of the answer. */
  public PartStatement part(SqlText text) {
    return part(text, hiding);
  }

  /** The same of the merged answer that asks for no collations. */
  public PartStatement partWithoutCollations(SqlText text) {
    return part(text, hiding.withoutCollations());
  }

  private PartStatement part(SqlText text, Hiding whereRowsAreHidden) {
    return new PartStatement(
        text, whereRowsAreHidden.parts(), query.parameters(), shares, instants, null);
  }

  public PartStatement statement(SqlText text) {
    return statement(text, null);
  }

  /**
   * A text for one shard.
   *
   * @param partials the partial rows that the text is about; null if it has none
   */
  public PartStatement statement(SqlText text, @Nullable PartialRows partials) {
    return new PartStatement(text, Map.of(), query.parameters(), Map.of(), instants, partials);
  }

  /** More time than the pools allow, if the query may take it: in a transaction that only reads. */
  public Optional<LongerTimeout> timeout() {
    return query.repeatable()
        ? LongerTimeout.of(query.options().deadline(), resources.runner().timeouts())
        : Optional.empty();
  }

  /** Reads what a shard has not said about a statement's columns along with its rows. */
  public Describer describer(PartStatement statement) {
    return new Describer(
        resources.runner(), here().get(0), statement, query.session(), query.bound());
  }

  /**
   * Runs a statement on all shards, up to the first rows: whole where they are few, which is tried
   * first if it is not known, and streamed where they are many. What may change something runs
   * once, and its rows come whole.
   *
   * @param reach the most rows of a shard that matter; {@link RowWindow#ALL} if that is not known
   * @return one for each shard that is not missing, at least one; all of the same shape
   */
  public List<PartRows> open(PartStatement statement, long reach, boolean text)
      throws SQLException {
    if (!query.repeatable()) {
      return open(statement, Delivery.whole(0), text); // once, and committed
    }
    boolean bounded = reach <= WHOLE_ROWS;
    int wanted = query.options().fetchSize();
    if (!bounded && (wanted > 0 || experience.isLong())) {
      return open(statement, Delivery.streamed(wanted > 0 ? wanted : FETCH_SIZE), text);
    }
    Delivery whole = Delivery.whole(bounded ? 0 : WHOLE_ROWS + 1);
    List<PartRows> parts = open(statement, whole, text);
    if (bounded || !isCutShort(parts)) {
      return parts;
    }
    parts.forEach(PartRows::close);
    experience.wasLong();
    return open(statement, Delivery.streamed(FETCH_SIZE), text);
  }

  /** Runs a statement on one shard; all of its rows are here then. */
  public PartRows openOnOne(PartStatement statement) throws SQLException {
    return openWhole(anyShard(), (at, delivery) -> run(at, statement, delivery, Optional.empty()));
  }

  /**
   * Has a shard run the last query of an answer; all of its rows are here then.
   *
   * @throws SqlRefused if they are more than may be held
   */
  public PartRows openWhole(ShardId shard, BiFunction<ShardId, Delivery, PartRows> last)
      throws SQLException {
    Limits limits = limits();
    Delivery delivery = Delivery.whole(Ints.saturatedCast(Math.min(mostRows, limits.oneTooMany())));
    PartRows rows = onOne(shard, at -> last.apply(at, delivery), PartRows::close);
    try {
      limits.checkHeld(rows.count());
      return rows;
    } catch (SQLException | RuntimeException e) {
      rows.close();
      throw e;
    }
  }

  /** One shard's part of a statement, for whoever runs it. */
  public ShardPart part(ShardId shard, PartStatement statement, Delivery delivery) {
    return part(shard, statement, delivery, Optional.empty());
  }

  private ShardPart part(
      ShardId shard, PartStatement statement, Delivery delivery, Optional<Admission.Place> place) {
    return new ShardPart(
        shard,
        statement.on(shard),
        delivery,
        new ShardPart.Conditions(
            query.session(),
            opening,
            reading,
            loans,
            timeout(),
            query.repeatable(),
            place,
            query.stay(),
            query.options().deadline()));
  }

  /** A place among the queries that hold connections of several shards; its taker leaves it. */
  public Admission.Place enter() {
    return resources.admission().enter(opening);
  }

  /**
   * Does work on a shard while the calling thread waits and can be interrupted.
   *
   * @param discard gives back what the work gave, if nobody waits for it any more
   */
  public <R> R onOne(ShardId shard, Function<ShardId, R> work, Consumer<R> discard) {
    return onAll(List.of(shard), work, discard, MissingShards.FAIL).given().get(0);
  }

  /**
   * The same on any shard of the query. Where rows may be missing, those of a shard that cannot be
   * reached are, and another is asked.
   */
  public <R> R onAny(Function<ShardId, R> work, Consumer<R> discard) {
    while (true) {
      ShardId shard = anyShard();
      try {
        return onAll(List.of(shard), work, discard, query.missingShards()).given().get(0);
      } catch (ShardUnavailable e) {
        if (!mayBeMissing() || query.bound().isPresent() || here().size() == 1) {
          throw e;
        }
        missing.put(shard, e);
      }
    }
  }

  private boolean mayBeMissing() {
    return query.missingShards() == MissingShards.NAME && !opening.isStopped();
  }

  /**
   * Asks a shard, on the transaction's connection if that is there, what is to be known before the
   * parts. Ends with the query; for the threads of {@link #onAny} and its like.
   *
   * @param question only reads
   */
  public <T> T ask(ShardId shard, Loan.Exchange<T> question) {
    Optional<BoundShard> bound = query.bound().filter(at -> at.shard().equals(shard));
    if (bound.isEmpty()) {
      return resources
          .runner()
          .run(new Target.OfShard(shard), new Asking<>(query.session(), opening, question));
    }
    PgConnection driver = bound.get().connection();
    try {
      return opening.duringTransaction(driver, () -> question.on(driver));
    } catch (SQLException e) {
      throw Failures.of(shard, e);
    }
  }

  /**
   * Opens the parts of a query whose rows may be put in order by their text. How the shards order
   * text is found out, if that is not known yet, before the parts, which may hold all connections
   * that there are; where shards may be missing, after them, of those that are not.
   */
  public List<PartRows> openInOrderOfText(PartStatement statement, long reach, boolean text)
      throws SQLException {
    boolean all = query.missingShards() == MissingShards.FAIL;
    ByteOrder order = resources.byteOrder();
    if (all) {
      learn(order, query.shards().stream().filter(shard -> !order.knows(shard)).toList());
    }
    List<PartRows> parts = open(statement, reach, text);
    boolean learnt = false;
    try {
      if (!all) {
        parts.stream()
            .map(PartRows::shard)
            .filter(shard -> !order.knows(shard))
            .forEach(shard -> learnAfterParts(order, shard));
      }
      learnt = true;
      return parts;
    } finally {
      if (!learnt) {
        parts.forEach(PartRows::close);
      }
    }
  }

  private void learn(ByteOrder order, List<ShardId> unknown) {
    if (!unknown.isEmpty()) {
      var unused =
          onAll(
              unknown,
              shard -> {
                boolean byBytes = ask(shard, ByteOrder::isDefault);
                order.learn(shard, byBytes);
                return byBytes;
              },
              byBytes -> {},
              MissingShards.FAIL);
    }
  }

  /** The deadline may be over, which others have missed; this shard has just answered. */
  private void learnAfterParts(ByteOrder order, ShardId shard) {
    order.learn(
        shard,
        resources
            .runner()
            .run(
                new Target.OfShard(shard),
                new Asking<>(query.session(), reading, ByteOrder::isDefault)));
  }

  /** Does work on shards at the same time. */
  public <R> FanOut.Outcome<R> onAll(
      Collection<ShardId> shards,
      Function<ShardId, R> work,
      Consumer<R> discard,
      MissingShards missingShards) {
    return new FanOut<>(shards, work, discard, missingShards, opening)
        .run(resources.workers(), query.options().parallelism(), resources.interrupts());
  }

  /**
   * That of the transaction, or one that is not missing; not always the same, so that last queries
   * are spread.
   */
  private ShardId anyShard() {
    if (query.bound().isPresent()) {
      return query.bound().get().shard();
    }
    List<ShardId> here = here();
    return here.get(resources.turn(here.size()));
  }

  /** The shards that are not missing; at least one. */
  public List<ShardId> here() {
    return query.shards().stream().filter(shard -> !missing.containsKey(shard)).toList();
  }

  private List<PartRows> open(PartStatement statement, Delivery delivery, boolean text) {
    Delivery as = text ? delivery.asText() : delivery;
    boolean holds = delivery.fetchSize() > 0 && query.shards().size() > 1;
    Optional<Admission.Place> place = holds ? Optional.of(enter()) : Optional.empty();
    try {
      FanOut.Outcome<PartRows> outcome =
          new FanOut<>(
                  query.shards(),
                  shard -> run(shard, statement, as, place),
                  PartRows::close,
                  query.missingShards(),
                  opening)
              .runHere(resources.workers(), query.options().parallelism(), resources.interrupts());
      missing.clear();
      missing.putAll(outcome.failed());
      checkSameShape(outcome.given());
      return outcome.given();
    } finally {
      place.ifPresent(Admission.Place::leave);
    }
  }

  private PartRows run(
      ShardId shard, PartStatement statement, Delivery delivery, Optional<Admission.Place> place) {
    Optional<BoundShard> bound = query.bound().filter(at -> at.shard().equals(shard));
    ShardPart part = part(shard, statement, delivery, place);
    if (bound.isEmpty()) {
      return run(shard, part);
    }
    try {
      return part.on(bound.get().connection());
    } catch (SQLException e) {
      throw Failures.of(shard, e);
    }
  }

  private PartRows run(ShardId shard, ShardPart part) {
    try {
      return resources.runner().run(target(shard), part);
    } catch (UnknownOutcome e) {
      if (!query.repeatable()) {
        opening.outweigh(e);
      }
      throw e;
    }
  }

  private Target target(ShardId shard) {
    Target target = query.only().orElseGet(() -> new Target.OfShard(shard));
    return query.stay().map(target::begun).orElse(target);
  }

  private static boolean isCutShort(List<PartRows> parts) throws SQLException {
    for (PartRows part : parts) {
      if (part.count() > WHOLE_ROWS) {
        return true;
      }
    }
    return false;
  }

  private static void checkSameShape(List<PartRows> parts) {
    PartRows first = parts.get(0);
    for (PartRows part : parts) {
      if (!part.shape().sameAs(first.shape())) {
        parts.forEach(PartRows::close);
        throw new SqlRefused(
            SqlRefused.Reason.NOT_OVER_SHARDS,
            ("shard %s gives the columns %s, but shard %s gives %s: make their tables the same, or"
                    + " name the columns instead of *")
                .formatted(first.shard(), first.shape(), part.shard(), part.shape()));
      }
    }
  }
}
