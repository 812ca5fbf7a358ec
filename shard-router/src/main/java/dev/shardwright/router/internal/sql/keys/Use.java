package dev.shardwright.router.internal.sql.keys;

import dev.shardwright.router.internal.sql.destination.KeyTest;
import dev.shardwright.router.internal.sql.destination.Rule;
import dev.shardwright.router.internal.sql.tables.Registered;
import java.util.ArrayList;
import java.util.List;
import net.sf.jsqlparser.schema.Table;
import org.jspecify.annotations.Nullable;

/**
 * One place where a statement names a registered table.
 *
 * @param source what it is in its block's FROM
 * @param key null unless the table is sharded
 * @param region null unless its keyspace has regions
 */
record Use(
    Registered table,
    Table node,
    Source source,
    @Nullable KeyColumn key,
    @Nullable KeyColumn region) {

  QueryBlock block() {
    return source.block();
  }

  /** Whether its rows are changed, not only read. */
  boolean isChanged() {
    return block().isChanging() && source.equals(block().target());
  }

  /** What is known of the place of its rows that the statement needs. */
  Rule rule() {
    List<Rule> rules = new ArrayList<>();
    if (key != null) {
      for (KeyColumn origin : key.origins()) {
        origin.facts().forEach(fact -> rules.add(fact.rule(of -> ofKey(of, origin))));
      }
    }
    if (region != null) {
      for (KeyColumn origin : region.origins()) {
        origin.facts().forEach(fact -> rules.add(fact.rule(of -> ofRegion(of, origin))));
      }
    }
    return Rule.and(rules);
  }

  /** The lists that its own key is compared with. */
  List<KeyTest.In> lists() {
    List<KeyTest.In> lists = new ArrayList<>();
    if (key != null) {
      for (Condition fact : key.facts()) {
        fact.each(
            of -> {
              if (of.column().equals(key) && of.test() instanceof KeyTest.In in) {
                lists.add(in);
              }
            });
      }
    }
    return lists;
  }

  /** Of its own columns, what is said of both at once counts too. */
  private Rule ofKey(Condition.Of of, KeyColumn origin) {
    if (of.column().equals(origin)) {
      return new Rule.Key(of.test());
    }
    return origin.equals(key) && of.column().equals(region)
        ? new Rule.InRegion(of.test())
        : Rule.ALL;
  }

  private static Rule ofRegion(Condition.Of of, KeyColumn origin) {
    return of.column().equals(origin) ? new Rule.InRegion(of.test()) : Rule.ALL;
  }
}
