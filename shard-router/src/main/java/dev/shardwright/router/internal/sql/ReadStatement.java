package dev.shardwright.router.internal.sql;

import com.google.common.base.Suppliers;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.sql.answer.Answer;
import dev.shardwright.router.internal.sql.destination.Destination;
import dev.shardwright.router.internal.sql.destination.KeyList;
import dev.shardwright.router.internal.sql.destination.ParameterValues;
import dev.shardwright.router.internal.sql.destination.StatementRoute;
import dev.shardwright.router.internal.sql.functions.AnyShardCheck;
import dev.shardwright.router.internal.sql.functions.DottedNames;
import dev.shardwright.router.internal.sql.functions.Effects;
import dev.shardwright.router.internal.sql.functions.Moments;
import dev.shardwright.router.internal.sql.functions.Rivals;
import dev.shardwright.router.internal.sql.functions.SessionCheck;
import dev.shardwright.router.internal.sql.functions.SpreadCheck;
import dev.shardwright.router.internal.sql.plan.AnswerPlanner;
import dev.shardwright.router.internal.sql.scan.DottedName;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlRefused.Reason;
import dev.shardwright.router.internal.sql.scan.SqlText;
import dev.shardwright.router.internal.sql.scan.StackGuard;
import dev.shardwright.router.internal.sql.tables.HiddenRows;
import dev.shardwright.router.internal.sql.tables.Locality;
import dev.shardwright.router.internal.sql.tables.SearchPath;
import dev.shardwright.router.internal.sql.tables.TableUse;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import dev.shardwright.router.internal.sql.write.ReferenceWrite;
import dev.shardwright.router.internal.sql.write.WriteDivision;
import dev.shardwright.router.internal.sql.write.WritePlan;
import dev.shardwright.topology.Topology;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The analysis of a query or of a write. Immutable, but for its other texts, and how it is answered
 * over several shards, which are worked out when they are asked for.
 */
final class ReadStatement implements Analysis {
  /** For so many sets of hidden rows the answers are kept: one for each shard that has some. */
  private static final int MAX_HIDING = 16;

  private final Kind kind;
  private final boolean givesRows;
  private final ParsedStatement statement;
  private final StatementRoute route;
  private final List<KeyList> lists;
  private final Optional<WriteDivision> division;
  private final Locality locality;
  private final boolean onlyReads;
  private final boolean answersAnywhere;
  private final Optional<String> objectionToAnyShard;
  private final boolean mayBeApart;
  private final boolean actsOnRowsAlone;
  private final Optional<String> objectionAsFirst;
  private final Set<String> setsLocally;
  private final Set<String> rivals;
  private final Set<DottedName> dottedNames;
  private final Supplier<Optional<SqlText>> moment;
  private volatile @Nullable List<Answer> answers;
  private volatile Map<HiddenRows, List<Answer>> hiding = Map.of();

  /**
   * @param kind {@link Analysis.Kind#QUERY} or {@link Analysis.Kind#WRITE}
   * @param route where it goes
   * @param lists of keys, which are shared out among shards
   * @param division of a write that can be carried out by several shards
   * @param path where functions are looked up
   */
  ReadStatement(
      Kind kind,
      boolean givesRows,
      ParsedStatement statement,
      StatementRoute route,
      List<KeyList> lists,
      Optional<WriteDivision> division,
      Locality locality,
      SearchPath path) {
    this.kind = kind;
    this.givesRows = givesRows;
    this.statement = statement;
    this.route = route;
    this.lists = lists;
    this.division = division;
    this.locality = locality;
    this.onlyReads = kind == Kind.QUERY && Effects.none(statement.tree());
    this.answersAnywhere =
        route.keyspaces().isEmpty()
            || (kind == Kind.QUERY && !AnyShardCheck.needsRows(statement.tree(), locality.uses()));
    this.objectionToAnyShard =
        answersAnywhere ? AnyShardCheck.objection(statement.tree()) : Optional.empty();
    this.mayBeApart =
        onlyReads
            || (kind == Kind.QUERY
                && answersAnywhere
                && objectionToAnyShard.isEmpty()
                && !SessionCheck.asksTransaction(statement));
    this.actsOnRowsAlone =
        kind == Kind.WRITE
            && !route.sharded().isEmpty()
            && route.sharded().stream().noneMatch(StatementRoute.Sharded::inserted)
            && !readsReferences()
            && Effects.none(statement.tree());
    this.objectionAsFirst = SessionCheck.objectionAsFirst(statement);
    this.setsLocally = SessionCheck.setsLocally(statement);
    this.rivals = Rivals.of(statement.tree(), path);
    this.dottedNames = DottedNames.of(statement.tree(), path);
    this.moment = Suppliers.memoize(() -> StackGuard.guarded(() -> atOneMoment(statement)));
  }

  @Override
  public Kind kind() {
    return kind;
  }

  @Override
  public boolean onlyReads() {
    return onlyReads;
  }

  @Override
  public boolean mayBeApart() {
    return mayBeApart;
  }

  @Override
  public boolean actsOnRowsAlone() {
    return actsOnRowsAlone;
  }

  @Override
  public Set<String> rivals() {
    return rivals;
  }

  @Override
  public Set<DottedName> dottedNames() {
    return dottedNames;
  }

  @Override
  public Set<String> keyspaces() {
    return route.keyspaces();
  }

  @Override
  public boolean readsReferences() {
    return locality.uses().stream().anyMatch(use -> use.kind() == TableUse.Kind.REFERENCE);
  }

  @Override
  public boolean givesRows() {
    return givesRows;
  }

  @Override
  public SqlText text() {
    return statement.text();
  }

  @Override
  public Optional<SqlText> atOneMoment() {
    return moment.get();
  }

  private static Optional<SqlText> atOneMoment(ParsedStatement statement) {
    if (!Moments.isIn(statement.tree())) {
      return Optional.of(statement.text());
    }
    try {
      SpreadCheck.checkMoments(statement);
      return Optional.of(statement.print(Moments.bound(statement).root().toString()));
    } catch (SqlRefused e) {
      return Optional.empty();
    }
  }

  @Override
  public int parameters() {
    return statement.parameters();
  }

  @Override
  public Destination destination(ParameterValues values, Topology topology) {
    return route.destination(values, topology);
  }

  @Override
  public boolean answersAnywhere() {
    return answersAnywhere;
  }

  @Override
  public void checkAnyShard() {
    if (objectionToAnyShard.isPresent()) {
      throw new SqlRefused(
          Reason.NOT_OVER_SHARDS,
          ("%s, and %s: say the sharding key, with on(key) or a connection that is bound to it, or"
                  + " use single() of a keyspace that is not sharded")
              .formatted(
                  route.keyspaces().isEmpty()
                      ? "nothing in the statement says which of the shards is meant"
                      : "no row can have the key that the statement says",
                  objectionToAnyShard.get()));
    }
  }

  @Override
  public Set<String> setsLocally() {
    return setsLocally;
  }

  @Override
  public void checkAsFirst() {
    SessionCheck.checkAsFirst(objectionAsFirst);
  }

  @Override
  public boolean tellsDrawn() {
    return objectionAsFirst.isPresent();
  }

  @Override
  public Map<ShardId, IntUnaryOperator> shares(
      ParameterValues values, Collection<ShardId> shards, Topology topology) {
    Map<ShardId, IntUnaryOperator> shares = new HashMap<>();
    for (KeyList list : lists) {
      topology
          .keyspace(list.keyspace())
          .ifPresent(
              keyspace ->
                  list.shares(values, shards, keyspace)
                      .forEach(
                          (shard, share) -> shares.merge(shard, share, IntUnaryOperator::andThen)));
    }
    return shares;
  }

  @Override
  public List<Answer> answers() {
    if (kind != Kind.QUERY) {
      throw new SqlRefused(
          Reason.NOT_OVER_SHARDS,
          "rows are changed or locked on one shard at a time: give the sharding key, as in key ="
              + " ?");
    }
    List<Answer> planned = answers;
    if (planned == null) {
      planned = StackGuard.guarded(() -> AnswerPlanner.answers(statement, locality));
      answers = planned;
    }
    return planned;
  }

  @Override
  public List<Answer> answers(HiddenRows hidden) {
    if (hidden.isEmpty()) {
      return answers();
    }
    Map<HiddenRows, List<Answer>> known = hiding;
    List<Answer> planned = known.get(hidden);
    if (planned == null) {
      planned =
          StackGuard.guarded(() -> AnswerPlanner.answers(statement, locality, hidden::condition));
      // What was hidden before will seldom be so again.
      Map<HiddenRows, List<Answer>> more =
          new HashMap<>(known.size() < MAX_HIDING ? known : Map.of());
      more.put(hidden, planned);
      hiding = more;
    }
    return planned;
  }

  @Override
  public Optional<ReferenceWrite> toReferenceTable() {
    return division.flatMap(WriteDivision::toReferenceTable);
  }

  @Override
  public WritePlan writes(ParameterValues values, Topology topology) {
    if (division.isEmpty()) {
      return Analysis.super.writes(values, topology);
    }
    Destination destination = destination(values, topology);
    return StackGuard.guarded(() -> division.get().plan(destination, values, topology));
  }
}
