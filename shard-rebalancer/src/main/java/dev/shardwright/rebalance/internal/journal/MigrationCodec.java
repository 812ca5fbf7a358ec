package dev.shardwright.rebalance.internal.journal;

import static com.google.common.base.Preconditions.checkArgument;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.internal.codec.JsonObject;
import dev.shardwright.rebalance.internal.migration.ComparedRows;
import dev.shardwright.rebalance.internal.migration.Direction;
import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.rebalance.internal.migration.MigrationState;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.watch.CutoverPause;
import dev.shardwright.rebalance.watch.MigrationProgress;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.RangeTransfer;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Region;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The bytes of a journal: one JSON object that people can read. */
final class MigrationCodec {
  /** What this release writes; a journal of another format is refused. */
  private static final long FORMAT = 1;

  private MigrationCodec() {}

  static byte[] encode(Migration migration) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("format", FORMAT);
    fields.put("number", migration.number());
    fields.put("keyspace", migration.keyspace());
    fields.put("region", migration.region().name());
    fields.put("source", migration.transfer().source().value());
    fields.put("target", migration.transfer().target().value());
    migration.key().ifPresent(key -> fields.put("key", key));
    fields.put("reason", migration.reason());
    fields.put("state", migration.state().name());
    fields.put("direction", migration.direction().name());
    fields.put("verified", migration.verified() ? 1 : 0);
    migration.openedAt().ifPresent(value -> fields.put("openedAt", value));
    migration.definitions().ifPresent(definitions -> fields.put("definitions", definitions));
    if (!migration.compared().equals(ComparedRows.UNKNOWN)) {
      fields.put("comparedFrom", migration.compared().from());
      fields.put("comparedTo", migration.compared().to());
    }
    fields.put("attempts", migration.attempts());
    fields.put("rows", migration.progress().rows());
    fields.put("bytes", migration.progress().bytes());
    fields.put("estimatedRows", migration.progress().estimatedRows());
    fields.put("rate", migration.progress().bytesPerSecond());
    fields.put("keyLog", migration.progress().keyLog());
    fields.put("createdMillis", migration.created().toEpochMilli());
    fields.put("enteredMillis", migration.entered().toEpochMilli());
    migration.pause().ifPresent(pause -> fields.put("pausePartsNanos", text(pause)));
    migration.givenUp().ifPresent(why -> fields.put("givenUp", why));
    fields.put("note", migration.note());
    fields.put("rollbackWindowMillis", migration.options().rollbackWindow().toMillis());
    fields.put("bytesPerSecond", migration.options().bytesPerSecond());
    fields.put("lanes", migration.options().lanes());
    fields.put("longestPauseMillis", migration.options().pause().toMillis());
    fields.put("ranges", text(migration.transfer().ranges()));
    return JsonObject.write(fields);
  }

  /**
   * @param path where it is kept, for messages
   * @throws TopologyUnavailable if it cannot be understood
   */
  static Migration decode(byte[] bytes, String path) {
    JsonObject json = JsonObject.parse(bytes, path);
    long format = json.number("format");
    if (format != FORMAT) {
      throw new TopologyUnavailable(
          "journal %s has format %s, this release of Shardwright understands format %s: upgrade this process"
              .formatted(path, format, FORMAT),
          null);
    }
    try {
      return new Migration(
          json.smallNumber("number"),
          json.text("keyspace"),
          Region.of(json.text("region")),
          new RangeTransfer(
              ShardId.of(json.text("source")),
              ShardId.of(json.text("target")),
              ranges(json.text("ranges"))),
          json.optionalText("key"),
          json.text("reason"),
          new MoveOptions(
              Duration.ofMillis(json.number("rollbackWindowMillis")),
              json.number("bytesPerSecond"),
              json.smallNumber("lanes"),
              Duration.ofMillis(json.number("longestPauseMillis"))),
          MigrationState.valueOf(json.text("state")),
          Direction.valueOf(json.text("direction")),
          json.number("verified") == 1,
          json.optionalNumber("openedAt"),
          json.optionalText("definitions"),
          new ComparedRows(
              json.optionalText("comparedFrom").orElse(ComparedRows.UNKNOWN.from()),
              json.optionalText("comparedTo").orElse(ComparedRows.UNKNOWN.to())),
          json.smallNumber("attempts"),
          new MigrationProgress(
              json.number("rows"),
              json.number("bytes"),
              json.number("estimatedRows"),
              json.optionalNumber("rate").orElse(0),
              json.optionalNumber("keyLog").orElse(0)),
          Instant.ofEpochMilli(json.number("createdMillis")),
          Instant.ofEpochMilli(json.number("enteredMillis")),
          json.optionalText("pausePartsNanos").map(MigrationCodec::pause),
          givenUp(json),
          json.text("note"));
    } catch (IllegalArgumentException e) {
      // The values check themselves: here it is the journal that is wrong, not the program.
      throw new TopologyUnavailable("journal %s is corrupt: %s".formatted(path, e.getMessage()), e);
    }
  }

  /** An earlier release had it in the note. */
  private static Optional<String> givenUp(JsonObject json) {
    boolean underWay = json.text("state").equals(MigrationState.ABORTING.name());
    return json.optionalText("givenUp")
        .or(() -> underWay ? Optional.of(json.text("note")) : Optional.empty());
  }

  /** Part by part, in their order. */
  private static String text(CutoverPause pause) {
    return pause.parts().values().stream()
        .map(part -> Long.toString(part.toNanos()))
        .collect(Collectors.joining(" "));
  }

  private static CutoverPause pause(String text) {
    List<Duration> parts =
        Stream.of(text.split(" ", -1)).map(Long::valueOf).map(Duration::ofNanos).toList();
    checkArgument(parts.size() == 6, "'%s' is not a pause of six parts", text);
    return new CutoverPause(
        parts.get(0), parts.get(1), parts.get(2), parts.get(3), parts.get(4), parts.get(5));
  }

  private static String text(KeyRangeSet ranges) {
    return ranges.ranges().stream()
        .map(range -> range.first() + ":" + range.last())
        .collect(Collectors.joining(","));
  }

  private static KeyRangeSet ranges(String text) {
    List<KeyRange> ranges = new ArrayList<>();
    for (String range : text.split(",", -1)) {
      int colon = range.indexOf(':');
      ranges.add(
          new KeyRange(
              Long.parseLong(range.substring(0, Math.max(0, colon))),
              Long.parseLong(range.substring(colon + 1))));
    }
    return KeyRangeSet.of(ranges);
  }
}
