package dev.shardwright.router.internal.sql.plan;

import dev.shardwright.router.internal.sql.answer.Answer;
import dev.shardwright.router.internal.sql.answer.Gather;
import dev.shardwright.router.internal.sql.answer.MergeRows;
import dev.shardwright.router.internal.sql.answer.TokenFilter;
import dev.shardwright.router.internal.sql.functions.SpreadCheck;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.tables.Locality;
import dev.shardwright.router.internal.sql.tree.Nodes;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.SetOperationList;

/** Finds how the answer of a query over several shards is put together. */
public final class AnswerPlanner {
  private AnswerPlanner() {}

  /**
   * The ways that are exact, the cheapest first; at least one.
   *
   * @throws SqlRefused if there is none; says why, and what to write instead
   */
  public static List<Answer> answers(ParsedStatement statement, Locality locality) {
    return answers(statement, locality, TokenFilter.NONE);
  }

  /**
   * The same, where the shards' parts do not see all rows.
   *
   * @throws SqlRefused if there is none; says why, and what to write instead
   */
  public static List<Answer> answers(
      ParsedStatement statement, Locality locality, TokenFilter filter) {
    SpreadCheck.check(statement, locality.uses());
    List<Answer> answers = new ArrayList<>();
    Optional<Block> local =
        statement.tree() instanceof PlainSelect select
                && locality.isLocal(select)
                && !mayCutByCte(select)
            ? Optional.of(new Block(statement, locality, select, filter))
            : Optional.empty();
    if (local.isPresent() && !local.get().mayMeanUnknownOutput()) {
      Block block = local.get();
      answers.addAll(RowsPlan.answers(block));
      if (!answers.isEmpty()) {
        if (block.mayGiveRecords()) {
          copied(statement, locality, filter).ifPresent(answers::add);
        }
        return answers;
      }
      GroupsPlan.answer(block).ifPresent(answers::add);
      answers.addAll(CombinePlan.answers(block));
    }
    if (statement.tree() instanceof SetOperationList union) {
      Optional<MergeRows> merge = UnionPlan.answer(statement, union, locality, filter);
      merge.ifPresent(answers::add);
      if (merge.isPresent() && merge.get().order().isEmpty()) {
        return answers;
      }
    }
    answers.add(GatherPlan.answer(statement, locality, filter));
    return answers;
  }

  /** For where the others do not fit; empty if the rows cannot be copied. */
  private static Optional<Gather> copied(
      ParsedStatement statement, Locality locality, TokenFilter filter) {
    try {
      return Optional.of(GatherPlan.answer(statement, locality, filter));
    } catch (SqlRefused e) {
      return Optional.empty(); // the others may fit
    }
  }

  /** Whether LIMIT or OFFSET may name a query of WITH, which the last query does not have. */
  private static boolean mayCutByCte(PlainSelect select) {
    return select.getWithItemsList() != null
        && (!Nodes.all(select.getLimit(), Select.class).isEmpty()
            || !Nodes.all(select.getOffset(), Select.class).isEmpty()
            || !Nodes.all(select.getFetch(), Select.class).isEmpty());
  }
}
