package dev.shardwright.router.internal.sql.tree;

import java.util.Collection;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.select.FromItem;
import net.sf.jsqlparser.statement.select.Join;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.Select;
import org.jspecify.annotations.Nullable;

/** Refuses clauses of other databases, which the parser knows too. */
public final class Unsupported {
  private Unsupported() {}

  public static void check(Select select) {
    refuse(
        select,
        select.isOracleSiblings()
            || select.getForClause() != null
            || select.getOption() != null
            || any(select.getInterpolate())
            || select.getLimitBy() != null
            || select.getIsolation() != null
            || select.getMySqlProcedureAnalyse() != null
            || select.getPivot() != null
            || select.getUnPivot() != null);
    if (select instanceof PlainSelect plain) {
      check(plain);
    }
  }

  private static void check(PlainSelect select) {
    refuse(
        select,
        any(select.getIntoTables())
            || select.getIntoTempTable() != null
            || select.getMySqlSelectIntoClause() != null
            || select.getPreWhere() != null
            || any(select.getLateralViews())
            || select.isUsingFinal()
            || select.isUseWithNoLog()
            || any(select.getSettings())
            || select.getSampleClause() != null
            || select.getOptimizeFor() != null
            || select.getTop() != null
            || select.getSkip() != null
            || select.getFirst() != null
            || select.getMySqlHintStraightJoin()
            || select.getBigQuerySelectQualifier() != null
            || select.getQualify() != null
            || select.getOracleHierarchical() != null
            || select.getPreferringClause() != null
            || select.getOracleHint() != null
            || select.getForXmlPath() != null
            || select.getKsqlWindow() != null
            || select.isEmitChanges()
            || select.getMySqlSqlCalcFoundRows()
            || select.getMySqlSqlCacheFlag() != null);
  }

  public static void check(Table table) {
    check((FromItem) table);
    refuse(
        table,
        table.getIndexHint() != null
            || table.getSqlServerHints() != null
            || table.getTimeTravel() != null
            || table.getTimeTravelStrAfterAlias() != null
            || table.getNameParts().size() > 2);
  }

  public static void check(FromItem item) {
    refuse(item, item.getPivot() != null || item.getUnPivot() != null);
  }

  public static void check(Join join) {
    boolean without = join.isSimple() || join.isCross() || join.isNatural();
    int conditions = join.getOnExpressions().size() + (any(join.getUsingColumns()) ? 1 : 0);
    refuse(join, conditions != (without ? 0 : 1));
    refuse(
        join,
        join.isAsOf()
            || join.isStraight()
            || join.isApply()
            || join.isFetch()
            || join.isSemi()
            || join.isAny()
            || join.isAll()
            || join.isGlobal()
            || join.isArray()
            || join.isWindowJoin()
            || join.getJoinHint() != null
            || (join.isOuter() && !join.isLeft() && !join.isRight() && !join.isFull()));
  }

  public static void refuse(Object part, boolean is) {
    if (is) {
      throw Expressions.notUnderstood(part);
    }
  }

  public static boolean any(@Nullable Collection<?> parts) {
    return parts != null && !parts.isEmpty();
  }
}
