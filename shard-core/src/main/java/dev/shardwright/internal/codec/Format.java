package dev.shardwright.internal.codec;

import dev.shardwright.TopologyUnavailable;
import org.jspecify.annotations.Nullable;

/**
 * The version of the documents' layout, and what is said about a document that cannot be read.
 *
 * <p>A document carries the format of its writer, and the oldest format whose readers understand
 * it. A release that only adds what older readers may pass over raises the first; one that changes
 * the meaning of what is there raises both.
 */
public final class Format {
  /** What this release writes, and the newest that it understands in full. */
  public static final long CURRENT = 1;

  /** The oldest reader for which documents of this release are meant. */
  static final long MINIMUM_READER = 1;

  private Format() {}

  /**
   * Refuses a document that is meant for newer readers only.
   *
   * @throws TopologyUnavailable if this release is too old for it
   */
  static void check(String path, long format, long minimumReader) {
    if (format < 1 || minimumReader < 1 || minimumReader > format) {
      throw corrupt(
          path, "format " + format + " for readers of " + minimumReader + " makes no sense", null);
    }
    if (minimumReader > CURRENT) {
      throw new TopologyUnavailable(
          "document %s has format %s and is meant for readers of format %s or newer, this release of"
                  .formatted(path, format, minimumReader)
              + " Shardwright understands format %s: upgrade this process".formatted(CURRENT),
          null);
    }
  }

  /** The error for a document that is damaged. */
  static TopologyUnavailable corrupt(String path, String reason, @Nullable Throwable cause) {
    return new TopologyUnavailable(
        "document %s is corrupt or truncated: %s; nothing of it was applied. Restore it from a backup"
                .formatted(path, reason)
            + " of ZooKeeper",
        cause);
  }
}
