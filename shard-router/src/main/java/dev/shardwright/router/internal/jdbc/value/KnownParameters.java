package dev.shardwright.router.internal.jdbc.value;

import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import java.sql.ParameterMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLState;

/** What a shard says of the parameters of a statement. Needs no connection. Immutable. */
public record KnownParameters(List<Parameter> parameters) implements ParameterMetaData {
  public KnownParameters {
    parameters = List.copyOf(parameters);
  }

  /**
   * One of them.
   *
   * @param className null if the driver knows none
   * @param type one of {@link java.sql.Types}
   */
  record Parameter(@Nullable String className, int type, String typeName, boolean signed) {}

  /**
   * Reads all there is to know.
   *
   * @param driver whose connection is at hand
   */
  public static KnownParameters of(ParameterMetaData driver) throws SQLException {
    List<Parameter> all = new ArrayList<>();
    for (int at = 1; at <= driver.getParameterCount(); at++) {
      all.add(
          new Parameter(
              driver.getParameterClassName(at),
              driver.getParameterType(at),
              driver.getParameterTypeName(at),
              driver.isSigned(at)));
    }
    return new KnownParameters(all);
  }

  private Parameter at(int place) throws SQLException {
    if (place < 1 || place > parameters.size()) {
      throw new SQLException(
          "there is no parameter %s: the statement has %s".formatted(place, parameters.size()),
          PSQLState.INVALID_PARAMETER_VALUE.getState());
    }
    return parameters.get(place - 1);
  }

  @Override
  public int getParameterCount() {
    return parameters.size();
  }

  @Override
  public int isNullable(int place) throws SQLException {
    at(place);
    return parameterNullableUnknown;
  }

  @Override
  public boolean isSigned(int place) throws SQLException {
    return at(place).signed();
  }

  /** Not known, as with the driver. */
  @Override
  public int getPrecision(int place) throws SQLException {
    at(place);
    return 0;
  }

  /** Not known, as with the driver. */
  @Override
  public int getScale(int place) throws SQLException {
    at(place);
    return 0;
  }

  @Override
  public int getParameterType(int place) throws SQLException {
    return at(place).type();
  }

  @Override
  public String getParameterTypeName(int place) throws SQLException {
    return at(place).typeName();
  }

  @Override
  public @Nullable String getParameterClassName(int place) throws SQLException {
    return at(place).className();
  }

  @Override
  public int getParameterMode(int place) throws SQLException {
    at(place);
    return parameterModeIn;
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    if (type.isInstance(this)) {
      return type.cast(this);
    }
    throw SqlFailures.notSupported("the metadata of parameters wraps no " + type.getName());
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return type.isInstance(this);
  }
}
