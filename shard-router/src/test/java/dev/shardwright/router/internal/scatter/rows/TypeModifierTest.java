package dev.shardwright.router.internal.scatter.rows;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.core.Oid;

class TypeModifierTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        Oid.NUMERIC + " | 12 | 2 | 786438 | (12,2)",
        Oid.NUMERIC + " | 3 | 0 | 196612 | (3,0)",
        Oid.NUMERIC_ARRAY + " | 5 | 1 | 327685 | (5,1)",
        Oid.VARCHAR + " | 10 | 0 | 14 | (10)",
        Oid.BPCHAR + " | 4 | 0 | 8 | (4)",
        Oid.BIT + " | 4 | 0 | 4 | (4)",
        Oid.TIMESTAMPTZ + " | 0 | 3 | 3 | (3)",
        Oid.TIME + " | 0 | 0 | 0 | (0)",
        Oid.INTERVAL + " | 0 | 2 | 2147418114 | (32767,2)",
      })
  void isPostgresqlsNumberAndItsText(
      int type, int precision, int scale, int modifier, String bounds) {
    assertThat(TypeModifier.of(type, precision, scale)).isEqualTo(modifier);
    assertThat(TypeModifier.bounds(type, modifier)).isEqualTo(bounds);
  }

  @Test
  void isNoneForTypesWithoutBounds() {
    assertThat(TypeModifier.of(Oid.NUMERIC, 0, 0)).isEqualTo(TypeModifier.NONE);
    assertThat(TypeModifier.of(Oid.VARCHAR, Integer.MAX_VALUE, 0)).isEqualTo(TypeModifier.NONE);
    assertThat(TypeModifier.of(Oid.TIMESTAMPTZ, 0, 6)).isEqualTo(TypeModifier.NONE);
    assertThat(TypeModifier.of(Oid.INT8, 19, 0)).isEqualTo(TypeModifier.NONE);
    assertThat(TypeModifier.bounds(Oid.NUMERIC, TypeModifier.NONE)).isEmpty();
  }
}
