package dev.shardwright.router.internal.sql.destination;

import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Strategy;
import dev.shardwright.ring.TokenFunction;
import dev.shardwright.router.internal.sql.destination.KeyTest.Side;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlRefused.Reason;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Works rules out for one set of parameters under one snapshot of a keyspace. */
final class RuleEvaluation {
  private static final KeyConversion TEXT = KeyConversion.of(KeyType.TEXT);

  private final KeyspaceTopology keyspace;
  private final KeyType type;
  private final KeyConversion conversion;
  private final TokenFunction tokens;
  private final ParameterValues values;
  private final boolean inserted;
  private final Map<Long, Object> keys = new TreeMap<>();

  /**
   * @param inserted whether the rules are about rows that are inserted, so that each key must be
   *     certain
   */
  RuleEvaluation(KeyspaceTopology keyspace, ParameterValues values, boolean inserted) {
    this.inserted = inserted;
    this.keyspace = keyspace;
    this.type = keyspace.keyType().orElseThrow();
    this.conversion = KeyConversion.of(type);
    this.tokens = keyspace.tokenFunction();
    this.values = values;
  }

  Places places(Rule rule) {
    if (rule instanceof Rule.All) {
      return Places.of(keyspace, KeyRangeSet.ALL);
    }
    if (rule instanceof Rule.None) {
      return Places.of(keyspace, KeyRangeSet.EMPTY);
    }
    if (rule instanceof Rule.Key key) {
      return Places.of(keyspace, tokens(key.test()));
    }
    if (rule instanceof Rule.InRegion region) {
      return Places.of(regions(region.test()), KeyRangeSet.ALL);
    }
    if (rule instanceof Rule.And and) {
      return and.rules().stream().map(this::places).reduce(Places::intersection).orElseThrow();
    }
    return either(((Rule.Or) rule).rules());
  }

  /** The keys by their tokens, as far as the rules worked out so far name them one by one. */
  Map<Long, Object> keys() {
    return keys;
  }

  /** Tests of the key alone are taken together first: there may be thousands. */
  private Places either(Set<Rule> rules) {
    List<KeyRange> ranges = new ArrayList<>();
    List<Places> others = new ArrayList<>();
    for (Rule rule : rules) {
      if (rule instanceof Rule.Key key) {
        ranges.addAll(tokens(key.test()).ranges());
      } else {
        others.add(places(rule));
      }
    }
    Places byKey = Places.of(keyspace, KeyRangeSet.of(ranges));
    return others.stream().reduce(byKey, Places::union);
  }

  private KeyRangeSet tokens(KeyTest test) {
    if (test instanceof KeyTest.Is is) {
      return tokens(List.of(conversion.key(is.operand(), values)));
    }
    if (test instanceof KeyTest.In in) {
      return tokens(conversion.keys(in.operands(), values));
    }
    if (test instanceof KeyTest.AnyOf any) {
      return ArrayElements.of(any.array(), values)
          .map(all -> tokens(conversion.elementKeys(all, any.array())))
          .orElse(KeyRangeSet.ALL);
    }
    return keyspace.strategy() == Strategy.RANGE ? within((KeyTest.Bound) test) : KeyRangeSet.ALL;
  }

  private KeyRangeSet tokens(List<Object> found) {
    List<KeyRange> ranges = new ArrayList<>();
    for (Object key : found) {
      // Empty also for what no row can have as its key: PostgreSQL is to say what it thinks of it.
      OptionalLong token = KeyConversion.token(key, tokens);
      if (token.isEmpty() && inserted) {
        throw new SqlRefused(
            Reason.KEY,
            ("a row to be inserted needs a sharding key of keyspace %s that is certain: a constant or"
                    + " a parameter of type %s, not NULL")
                .formatted(keyspace.name(), type.sqlName()));
      }
      if (key != KeyConversion.NOTHING) {
        if (token.isEmpty()) {
          return KeyRangeSet.ALL;
        }
        keys.put(token.getAsLong(), key);
        ranges.add(KeyRange.of(token.getAsLong()));
      }
    }
    return KeyRangeSet.of(ranges);
  }

  private KeyRangeSet within(KeyTest.Bound bound) {
    Side side = bound.side();
    boolean upper = side == Side.LESS || side == Side.AT_MOST;
    // The nearest whole number on the inner side of an inclusive bound, the outer of a strict one.
    RoundingMode rounding =
        side == Side.LESS || side == Side.AT_LEAST ? RoundingMode.CEILING : RoundingMode.FLOOR;
    Object found =
        type == KeyType.TIMESTAMPTZ
            ? conversion.key(bound.operand(), values)
            : conversion.bound(bound.operand(), values, rounding);
    if (found == KeyConversion.NOTHING) {
      return KeyRangeSet.EMPTY;
    }
    OptionalLong token =
        found instanceof Long number ? OptionalLong.of(number) : KeyConversion.token(found, tokens);
    return token.isPresent() ? beside(token.getAsLong(), side, upper) : KeyRangeSet.ALL;
  }

  /** The ends stand for whatever lies beyond them too, and so are never left out. */
  private static KeyRangeSet beside(long token, Side side, boolean upper) {
    boolean end = token == Long.MIN_VALUE || token == Long.MAX_VALUE;
    boolean strict = !end && (side == Side.LESS || side == Side.GREATER);
    return KeyRangeSet.of(
        upper
            ? new KeyRange(Long.MIN_VALUE, strict ? token - 1 : token)
            : new KeyRange(strict ? token + 1 : token, Long.MAX_VALUE));
  }

  private Set<Region> regions(KeyTest test) {
    List<Object> names;
    if (test instanceof KeyTest.Is is) {
      names = List.of(TEXT.key(is.operand(), values));
    } else if (test instanceof KeyTest.In in) {
      names = in.operands().stream().map(each -> TEXT.key(each, values)).toList();
    } else if (test instanceof KeyTest.AnyOf any) {
      names =
          ArrayElements.of(any.array(), values)
              .map(all -> TEXT.elementKeys(all, any.array()))
              .orElse(List.of(KeyConversion.UNKNOWN));
    } else {
      return keyspace.placements().keySet();
    }
    if (inserted && !regionNames().containsAll(names)) {
      throw new SqlRefused(
          Reason.KEY,
          "a row to be inserted needs one of the regions of keyspace %s: %s"
              .formatted(keyspace.name(), regionNames()));
    }
    if (names.contains(KeyConversion.UNKNOWN)) {
      return keyspace.placements().keySet();
    }
    Set<Region> regions = new TreeSet<>();
    for (Region region : keyspace.placements().keySet()) {
      if (names.contains(region.name())) {
        regions.add(region);
      }
    }
    return regions;
  }

  private Set<Object> regionNames() {
    return keyspace.placements().keySet().stream()
        .map(Region::name)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }
}
