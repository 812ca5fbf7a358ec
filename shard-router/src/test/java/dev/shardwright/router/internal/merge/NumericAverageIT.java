package dev.shardwright.router.internal.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.TestDatabase;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** PostgreSQL divides too, and must get the same digits. */
class NumericAverageIT {
  private static final int PAIRS = 20_000;

  @Test
  void hasTheDigitsOfPostgresqlsDivision() throws SQLException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<String> sums = new ArrayList<>();
    List<Long> counts = new ArrayList<>();
    for (long count : new long[] {1, 9_999, 10_000, 10_001, Long.MAX_VALUE}) {
      for (String sum : new String[] {"0", "0.000", "1", "-9999", "10000", "10001.50", "-0.0001"}) {
        sums.add(sum);
        counts.add(count);
      }
    }
    while (sums.size() < PAIRS) {
      BigInteger digits = new BigInteger(1 + random.nextInt(200), random);
      BigDecimal sum = new BigDecimal(digits, random.nextInt(60));
      sums.add((random.nextBoolean() ? sum : sum.negate()).toPlainString());
      counts.add(1 + (random.nextLong() >>> (1 + random.nextInt(62))));
    }
    List<String> averages = new ArrayList<>();
    for (int i = 0; i < sums.size(); i++) {
      Cell average = NumericAverage.of(new Cell(sums.get(i), null), new Cell(counts.get(i), null));
      averages.add(average == null ? "null" : average.text());
    }
    assertThat(averages).as("seed %s", seed).isEqualTo(divided(sums, counts));
  }

  private static List<String> divided(List<String> sums, List<Long> counts) throws SQLException {
    List<String> quotients = new ArrayList<>();
    try (TestDatabase database = PostgresServer.shared().freshDatabase();
        Connection connection = database.connect();
        PreparedStatement statement =
            connection.prepareStatement(
                "select (sum / count)::text from unnest(?::numeric[], ?::numeric[])"
                    + " with ordinality as d (sum, count, place) order by place")) {
      statement.setArray(1, connection.createArrayOf("text", sums.toArray()));
      statement.setArray(2, connection.createArrayOf("int8", counts.toArray()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          quotients.add(rows.getString(1));
        }
      }
    }
    return quotients;
  }
}
