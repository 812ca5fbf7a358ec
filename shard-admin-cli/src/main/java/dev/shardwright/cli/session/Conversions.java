package dev.shardwright.cli.session;

import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.TableName;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/** Reads the values of options and parameters, and says what they could have been. */
public final class Conversions {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|min|h|d)?");
  private static final Pattern RATE = Pattern.compile("(\\d{1,9})(B|kB|MB|GB)?(/s)?");

  private Conversions() {}

  /** Teaches the program to read our types. */
  public static void register(CommandLine program) {
    register(program, ShardId.class, ShardId::of);
    register(program, Region.class, Region::of);
    register(program, TableName.class, TableName::of);
    register(program, KeyType.class, text -> constant(KeyType.values(), "key type", text));
    register(program, Strategy.class, text -> constant(Strategy.values(), "strategy", text));
    register(program, Goal.class, Conversions::goal);
    register(
        program,
        OutputFormat.class,
        text -> constant(OutputFormat.values(), "output format", text));
    register(program, Duration.class, Conversions::duration);
    register(program, Rate.class, Conversions::rate);
  }

  private static <T> void register(
      CommandLine program, Class<T> type, Function<String, T> conversion) {
    program.registerConverter(
        type,
        text -> {
          try {
            return conversion.apply(text);
          } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
          }
        });
  }

  /**
   * A goal, as in {@code rows}.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static Goal goal(String text) {
    return constant(Goal.values(), "goal", text);
  }

  private static <E extends Enum<E>> E constant(E[] values, String what, String text) {
    return Arrays.stream(values)
        .filter(value -> value.name().equalsIgnoreCase(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "'%s' is no %s; there are %s"
                        .formatted(text, what, Arrays.toString(values).toLowerCase(Locale.ROOT))));
  }

  /**
   * A time, as in {@code 10m}.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'%s' is no time; write for example 0, 30s, 10m or 2h".formatted(text));
    }
    long count = Long.parseLong(matcher.group(1));
    String unit = matcher.group(2) == null ? "s" : matcher.group(2);
    return switch (unit) {
      case "ms" -> Duration.ofMillis(count);
      case "m", "min" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      case "d" -> Duration.ofDays(count);
      default -> Duration.ofSeconds(count);
    };
  }

  /**
   * A rate, as in {@code 20MB}.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static Rate rate(String text) {
    Matcher matcher = RATE.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'%s' is no rate; write for example 500kB, 20MB or 1GB, in a second".formatted(text));
    }
    long factor =
        switch (matcher.group(2) == null ? "B" : matcher.group(2)) {
          case "kB" -> 1_000L;
          case "MB" -> 1_000_000L;
          case "GB" -> 1_000_000_000L;
          default -> 1L;
        };
    return new Rate(Long.parseLong(matcher.group(1)) * factor);
  }
}
