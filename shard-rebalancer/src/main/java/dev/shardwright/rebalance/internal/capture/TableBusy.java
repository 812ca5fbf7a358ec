package dev.shardwright.rebalance.internal.capture;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/** A lock on a table, or on a sequence, was not to be had in time; nothing was changed. */
public final class TableBusy extends SQLException {
  private static final long serialVersionUID = 1L;
  private static final String LOCK_NOT_AVAILABLE = "55P03";

  TableBusy(String relation, Duration patience, Optional<String> holders) {
    super(
        "%s could not be locked within %s, which takes a moment without %s: end what holds it, or wait"
            .formatted(relation, patience, holders.orElse("other locks")),
        LOCK_NOT_AVAILABLE);
  }
}
