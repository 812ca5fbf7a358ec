package dev.shardwright.router.internal.merge;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Comparator;
import java.util.UUID;

/**
 * How PostgreSQL orders the values of a type, for the types where Java can do exactly the same.
 * Values that it holds equal compare as equal, however they are written.
 */
public enum ValueOrder implements Comparator<Object> {
  /** {@link Long}: the integers and {@code oid}. */
  INTEGER {
    @Override
    public int compare(Object left, Object right) {
      return Long.compare((Long) left, (Long) right);
    }
  },
  /** {@link BigDecimal}, or {@link Double} for what is not finite: {@code numeric}. */
  NUMERIC {
    @Override
    public int compare(Object left, Object right) {
      if (left instanceof BigDecimal a && right instanceof BigDecimal b) {
        return a.compareTo(b);
      }
      return Double.compare(rank(left), rank(right));
    }

    /** Every finite number lies between the infinities, and NaN above them. */
    private static double rank(Object value) {
      return value instanceof Double notFinite ? notFinite : 0;
    }
  },
  /**
   * {@link Double}: {@code float4} and {@code float8}. NaN is the largest; both zeros are equal.
   */
  FLOAT {
    @Override
    public int compare(Object left, Object right) {
      double a = (Double) left;
      double b = (Double) right;
      return a == b ? 0 : Double.compare(a, b);
    }
  },
  /** {@link Boolean}. */
  BOOLEAN {
    @Override
    public int compare(Object left, Object right) {
      return Boolean.compare((Boolean) left, (Boolean) right);
    }
  },
  /** {@link LocalDate}, whose ends stand for the infinities. */
  DATE {
    @Override
    public int compare(Object left, Object right) {
      return ((LocalDate) left).compareTo((LocalDate) right);
    }
  },
  /** {@link LocalTime}, whose end stands for 24:00. */
  TIME {
    @Override
    public int compare(Object left, Object right) {
      return ((LocalTime) left).compareTo((LocalTime) right);
    }
  },
  /** {@link LocalDateTime}, whose ends stand for the infinities. */
  TIMESTAMP {
    @Override
    public int compare(Object left, Object right) {
      return ((LocalDateTime) left).compareTo((LocalDateTime) right);
    }
  },
  /** {@link OffsetDateTime}, whose ends stand for the infinities; the zone does not count. */
  TIMESTAMPTZ {
    @Override
    public int compare(Object left, Object right) {
      return ((OffsetDateTime) left).toInstant().compareTo(((OffsetDateTime) right).toInstant());
    }
  },
  /** {@link UUID}, byte by byte; Java's own order takes them for signed numbers. */
  UUID_BYTES {
    @Override
    public int compare(Object left, Object right) {
      UUID a = (UUID) left;
      UUID b = (UUID) right;
      int high = Long.compareUnsigned(a.getMostSignificantBits(), b.getMostSignificantBits());
      return high != 0
          ? high
          : Long.compareUnsigned(a.getLeastSignificantBits(), b.getLeastSignificantBits());
    }
  },
  /**
   * {@code byte[]}: {@code bytea}, and text in UTF-8 under a collation that orders by bytes. That
   * is the order of code points, which differs from the order of Java's strings.
   */
  BYTES {
    @Override
    public int compare(Object left, Object right) {
      return Arrays.compareUnsigned((byte[]) left, (byte[]) right);
    }
  }
}
