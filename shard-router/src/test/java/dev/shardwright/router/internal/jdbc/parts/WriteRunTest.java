package dev.shardwright.router.internal.jdbc.parts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.jdbc.statement.Answered;
import dev.shardwright.router.internal.rows.ForwardingResultSet;
import dev.shardwright.router.internal.sql.destination.Destination;
import dev.shardwright.router.internal.sql.scan.SqlText;
import dev.shardwright.router.internal.sql.write.ShardWrite;
import dev.shardwright.router.internal.sql.write.WritePlan;
import dev.shardwright.topology.Region;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class WriteRunTest {
  @Test
  void closesTheRowsOfAllShardsButOneWhereTheyAreTheSame() throws SQLException {
    List<Rows> rows = List.of(new Rows(), new Rows(), new Rows());
    WritePlan plan =
        new WritePlan(
            Stream.of("s1", "s2", "s3").map(WriteRunTest::write).toList(), /* replicated= */ true);
    Answered answered =
        WriteRun.answered(
            plan,
            rows.stream().map(Answered::ofRows).map(PartEnd::done).toList(),
            /* mostRows= */ 0);
    assertThat(answered.rows()).isSameAs(rows.get(0));
    assertThat(rows.stream().map(each -> each.closed)).containsExactly(false, true, true);
  }

  private static ShardWrite write(String shard) {
    return new ShardWrite(
        new Destination.OneShard("", Region.ALL, ShardId.of(shard), List.of()),
        SqlText.of("insert into rates values ('a') returning code"),
        List.of());
  }

  /** Rows that know whether they were closed. */
  private static final class Rows extends ForwardingResultSet {
    private boolean closed;

    @Override
    protected ResultSet rows() {
      throw new IllegalStateException("nothing is read");
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
