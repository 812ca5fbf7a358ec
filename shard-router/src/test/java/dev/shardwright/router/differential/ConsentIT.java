package dev.shardwright.router.differential;

import java.sql.SQLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The hand-written statements that write to several shards, with the consent that they need. */
@Tag("newest")
@Tag("slow")
class ConsentIT {
  @Test
  void theDriverWritesToSeveralShardsAsOnePostgresql() throws SQLException {
    try (FourAndOne databases = FourAndOne.withAllTables();
        ByDriver driver = ByDriver.thatWritesToSeveralShards(databases)) {
      WrittenTables.writeAsOnePostgresql(databases, driver, /* optIn= */ true);
    }
  }
}
