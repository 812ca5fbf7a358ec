package dev.shardwright.router.internal.scatter.rows;

import dev.shardwright.router.internal.sql.answer.ColumnType;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TypeInfo;
import org.postgresql.jdbc.PgResultSet;

/**
 * The columns of a shard's rows.
 *
 * @param columns in their order
 */
public record RowShape(List<Column> columns) {
  public RowShape {
    columns = List.copyOf(columns);
  }

  /**
   * One column.
   *
   * @param label its name
   * @param type the OID of its type
   * @param typeName the name of its type, which means the same on every shard
   * @param modifier the bounds of its type, as {@link TypeModifier} has them
   */
  public record Column(String label, int type, String typeName, int modifier) {
    /** The numbers of types that are not PostgreSQL's own differ from database to database. */
    private boolean sameAs(Column other) {
      return label.equals(other.label) && typeName.equals(other.typeName);
    }

    @Override
    public String toString() {
      return label + " " + typeName;
    }
  }

  /**
   * The shape of those rows. Afterwards the driver knows their types: no getter of the rows asks
   * the server about them, which would be wrong once the connection belongs to somebody else.
   */
  public static RowShape of(ResultSet rows, BaseConnection connection) throws SQLException {
    PgResultSet pgRows = rows.unwrap(PgResultSet.class);
    ResultSetMetaData data = rows.getMetaData();
    TypeInfo types = connection.getTypeInfo();
    List<Column> columns = new ArrayList<>();
    for (int i = 1; i <= data.getColumnCount(); i++) {
      int type = pgRows.getColumnOID(i);
      if (data.getColumnType(i) == Types.ARRAY) {
        types.getArrayDelimiter(type);
        int element = types.getPGArrayElement(type);
        types.getSQLType(element);
      }
      int modifier = TypeModifier.of(type, data.getPrecision(i), data.getScale(i));
      columns.add(
          new Column(
              data.getColumnLabel(i), type, QualifiedTypeNames.of(type, connection), modifier));
    }
    return new RowShape(columns);
  }

  public boolean sameAs(RowShape other) {
    if (columns.size() != other.columns.size()) {
      return false;
    }
    for (int i = 0; i < columns.size(); i++) {
      if (!columns.get(i).sameAs(other.columns.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** The names of the columns. */
  public List<String> labels() {
    return columns.stream().map(Column::label).toList();
  }

  /** The names of the types of the columns. */
  public List<String> typeNames() {
    return columns.stream().map(Column::typeName).toList();
  }

  /** The types of the columns. */
  public List<ColumnType> types() {
    return columns.stream()
        .map(
            column ->
                new ColumnType(
                    column.typeName(), TypeModifier.bounds(column.type(), column.modifier())))
        .toList();
  }

  public int size() {
    return columns.size();
  }

  /** The place of a column from 1, given so, or backwards from the last, which is -1. */
  public int column(int place) {
    return place > 0 ? place : columns.size() + 1 + place;
  }

  /** The OID of the type of a column, counted from 1. */
  public int type(int column) {
    return columns.get(column - 1).type();
  }

  @Override
  public String toString() {
    return columns.toString();
  }
}
