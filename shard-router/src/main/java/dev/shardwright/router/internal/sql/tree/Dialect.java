package dev.shardwright.router.internal.sql.tree;

import static com.google.common.base.Strings.isNullOrEmpty;

import com.google.common.base.Ascii;
import com.google.common.base.Strings;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.sf.jsqlparser.expression.Alias;
import net.sf.jsqlparser.expression.CastExpression;
import net.sf.jsqlparser.expression.IntervalExpression;
import net.sf.jsqlparser.expression.operators.relational.InExpression;
import net.sf.jsqlparser.expression.operators.relational.LikeExpression;
import net.sf.jsqlparser.expression.operators.relational.OldOracleJoinBinaryExpression;
import net.sf.jsqlparser.expression.operators.relational.ParenthesedExpressionList;
import net.sf.jsqlparser.expression.operators.relational.SupportsOldOracleJoinSyntax;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.delete.Delete;
import net.sf.jsqlparser.statement.insert.Insert;
import net.sf.jsqlparser.statement.select.AllColumns;
import net.sf.jsqlparser.statement.select.Distinct;
import net.sf.jsqlparser.statement.select.Fetch;
import net.sf.jsqlparser.statement.select.Join;
import net.sf.jsqlparser.statement.select.Limit;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.TableFunction;
import net.sf.jsqlparser.statement.update.Update;
import org.jspecify.annotations.Nullable;

/**
 * What of the many dialects that the parser knows is PostgreSQL's. A tree with other nodes, or with
 * a keyword where PostgreSQL expects a name, was read otherwise than PostgreSQL reads it.
 */
final class Dialect {
  /** The classes of nodes, without their packages, that PostgreSQL's statements are made of. */
  private static final Set<String> NODES =
      Set.of(
          // expressions
          "AliasedExpression",
          "AllValue",
          "AnalyticExpression",
          "AnyComparisonExpression",
          "ArrayConstructor",
          "ArrayExpression",
          "BooleanValue",
          "CaseExpression",
          "CastExpression",
          "CollateExpression",
          "Column",
          "DateTimeLiteralExpression",
          "DoubleValue",
          "ExistsExpression",
          "ExpressionList",
          "ExtractExpression",
          "Function",
          "HexValue",
          "IntervalExpression",
          "IntervalQualifier",
          "JdbcParameter",
          "JsonAggregateFunction",
          "JsonFunction",
          "JsonFunctionExpression",
          "JsonKeyValuePair",
          "JsonTableFunction",
          "JsonTableColumnsClause",
          "JsonTableValueColumnDefinition",
          "KeywordArgument",
          "LongValue",
          "NamedExpressionList",
          "NullValue",
          "OracleNamedFunctionParameter",
          "OrderByClause",
          "OverlapsCondition",
          "ParenthesedExpressionList",
          "PartitionByClause",
          "PostgresNamedFunctionParameter",
          "RangeExpression",
          "RowConstructor",
          "RowGetExpression",
          "StringValue",
          "TimeKeyExpression",
          "TrimFunction",
          "WhenClause",
          "WindowDefinition",
          "WindowElement",
          "WindowOffset",
          "WindowRange",
          "XmlTableColumnDefinition",
          "XmlTableFunction",
          "XmlTablePassingClause",
          // operators
          "Addition",
          "AndExpression",
          "Between",
          "BitwiseAnd",
          "BitwiseLeftShift",
          "BitwiseOr",
          "BitwiseRightShift",
          "BitwiseXor",
          "Concat",
          "ContainedBy",
          "Contains",
          "Division",
          "DoubleAnd",
          "EqualsTo",
          "GeometryDistance",
          "GreaterThan",
          "GreaterThanEquals",
          "InExpression",
          "Intersects",
          "IsBooleanExpression",
          "IsDistinctExpression",
          "IsNullExpression",
          "IsUnknownExpression",
          "JsonExpression",
          "JsonOperator",
          "LikeExpression",
          "Matches",
          "MinorThan",
          "MinorThanEquals",
          "Modulo",
          "Multiplication",
          "NotEqualsTo",
          "NotExpression",
          "OrExpression",
          "RegExpMatchOperator",
          "SignedExpression",
          "SimilarToExpression",
          "Subtraction",
          "TimezoneExpression",
          // clauses
          "Alias",
          "AliasColumn",
          "AllColumns",
          "AllTableColumns",
          "ColDataType",
          "ColumnParams",
          "Distinct",
          "Fetch",
          "GroupByElement",
          "Join",
          "LateralSubSelect",
          "Limit",
          "Offset",
          "OrderByElement",
          "ParenthesedFromItem",
          "SampleClause",
          "SelectItem",
          "Table",
          "TableFunction",
          "WithCycleClause",
          "WithItem",
          "WithSearchClause",
          // statements
          "Delete",
          "ExceptOp",
          "Insert",
          "InsertConflictAction",
          "InsertConflictTarget",
          "IntersectOp",
          "Merge",
          "MergeDelete",
          "MergeInsert",
          "MergeUpdate",
          "ParenthesedDelete",
          "ParenthesedInsert",
          "ParenthesedSelect",
          "ParenthesedUpdate",
          "PlainSelect",
          "ReturningClause",
          "SetOperationList",
          "TableStatement",
          "UnionOp",
          "Update",
          "UpdateSet",
          "Values");

  /** What the parser takes for a column, though it is a keyword that stands for a value. */
  private static final Set<String> VALUE_KEYWORDS =
      Set.of(
          "current_catalog",
          "current_date",
          "current_role",
          "current_schema",
          "current_time",
          "current_timestamp",
          "current_user",
          "default",
          "localtime",
          "localtimestamp",
          "session_user",
          "system_user",
          "user");

  private static final Set<LikeExpression.KeyWord> LIKES =
      Set.of(
          LikeExpression.KeyWord.LIKE,
          LikeExpression.KeyWord.ILIKE,
          LikeExpression.KeyWord.SIMILAR_TO);

  private Dialect() {}

  /** What in this node is not PostgreSQL's, in words for the caller; empty if nothing is. */
  static Optional<String> foreign(Object node) {
    String type = node.getClass().getSimpleName();
    if (!NODES.contains(type) || !hasOnlyPostgresClauses(node)) {
      return Optional.of(type);
    }
    if (node instanceof Alias alias) {
      return alias.isUseAs()
          ? keyword(alias.getName(), false)
          : keyword(alias.getName(), Keywords.isNoBareLabel(alias.getName()));
    }
    if (node instanceof Column column) {
      return keyword(column.getColumnName(), isKeyword(column));
    }
    return node instanceof Table table
        ? keyword(table.getName(), Keywords.isNoName(table.getName()))
        : Optional.empty();
  }

  private static Optional<String> keyword(@Nullable String name, boolean isKeyword) {
    if (isNullOrEmpty(name)) {
      return Optional.empty(); // an alias that names columns only
    }
    boolean quotedOtherwise = "[`'".indexOf(name.charAt(0)) >= 0;
    return isKeyword || quotedOtherwise ? Optional.of(name) : Optional.empty();
  }

  private static boolean isKeyword(Column column) {
    String name = column.getColumnName();
    return column.getTable() == null
        && Keywords.isNoName(name)
        && !VALUE_KEYWORDS.contains(Ascii.toLowerCase(name));
  }

  /** Clauses that are no nodes of their own, in nodes that PostgreSQL has without them. */
  private static boolean hasOnlyPostgresClauses(Object node) {
    if (node instanceof Join join) {
      return isPostgres(join);
    }
    if (node instanceof PlainSelect select) {
      return select.getQualify() == null
          && !select.isOracleSiblings()
          && select.getLimitBy() == null
          && select.getSampleClause() == null;
    }
    if (node instanceof Limit limit) {
      return limit.getOffset() == null && limit.getByExpressions() == null;
    }
    if (node instanceof AllColumns all) {
      return all.getExceptColumns() == null && all.getReplaceExpressions() == null;
    }
    if (node instanceof Fetch fetch) {
      return fetch.getFetchParameters().stream().noneMatch("PERCENT"::equalsIgnoreCase);
    }
    if (node instanceof Distinct distinct) {
      return !distinct.isUseUnique() && !distinct.isUseDistinctRow();
    }
    return isPostgresExpression(node) && isPostgresWrite(node);
  }

  /** The parser keeps the conditions of joins within joins apart from their joins. */
  private static boolean isPostgres(Join join) {
    boolean unknown =
        join.isApply()
            || join.isSemi()
            || join.isGlobal()
            || join.isAsOf()
            || join.isStraight()
            || join.isAny()
            || join.isAll()
            || join.isArray()
            || join.isWindowJoin();
    int conditions = join.getOnExpressions().size() + (join.getUsingColumns().isEmpty() ? 0 : 1);
    boolean unconditional = join.isSimple() || join.isCross() || join.isNatural();
    return !unknown && conditions == (unconditional ? 0 : 1);
  }

  private static boolean isPostgresExpression(Object node) {
    if (node instanceof CastExpression cast) {
      return cast.isImplicitCast()
          || isNullOrEmpty(cast.keyword)
          || "cast".equalsIgnoreCase(cast.keyword);
    }
    if (node instanceof InExpression in) {
      return in.getRightExpression() instanceof ParenthesedExpressionList
          || in.getRightExpression() instanceof Select;
    }
    if (node instanceof TableFunction call) {
      return !call.isRowsFrom();
    }
    if (node instanceof IntervalExpression interval) {
      return interval.getParameter() != null && interval.getParameter().startsWith("'");
    }
    if (node instanceof Table table) {
      return table.getNameParts().stream().noneMatch(Strings::isNullOrEmpty); // a..b
    }
    if (node instanceof LikeExpression like) {
      return LIKES.contains(like.getLikeKeyWord()) && !like.isUseBinary();
    }
    if (node instanceof OldOracleJoinBinaryExpression comparison) {
      return comparison.getOldOracleJoinSyntax() == SupportsOldOracleJoinSyntax.NO_ORACLE_JOIN;
    }
    return true;
  }

  private static boolean isPostgresWrite(Object node) {
    if (node instanceof Insert insert) {
      return !insert.isModifierIgnore()
          && isEmpty(insert.getSetUpdateSets())
          && !insert.isOverwrite();
    }
    if (node instanceof Update update) {
      return isEmpty(update.getStartJoins())
          && isEmpty(update.getOrderByElements())
          && update.getLimit() == null;
    }
    return !(node instanceof Delete delete)
        || (isEmpty(delete.getTables())
            && isEmpty(delete.getJoins())
            && isEmpty(delete.getOrderByElements())
            && delete.getLimit() == null);
  }

  private static boolean isEmpty(@Nullable List<?> list) {
    return list == null || list.isEmpty();
  }
}
