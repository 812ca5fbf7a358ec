package dev.shardwright.router.internal.sql.keys;

import dev.shardwright.router.internal.sql.TestShards;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Queries over the tables of {@link TestShards}, made at random so that sharding keys meet
 * constants and one another in all sorts of places. Some are not valid SQL; all of those that are
 * have one right answer.
 */
final class RandomQueries {
  /** Each table with its columns, the key first. */
  static final Map<String, List<String>> TABLES = new LinkedHashMap<>();

  static {
    TABLES.put("orders", List.of("user_id", "x", "y"));
    TABLES.put("users", List.of("id", "x", "y"));
    TABLES.put("carts", List.of("user_id", "x", "y"));
    TABLES.put("people", List.of("id", "region", "x", "y"));
    TABLES.put("visits", List.of("person", "region", "x", "y"));
    TABLES.put("countries", List.of("id", "x", "y"));
  }

  static final List<Integer> KEYS = List.of(3, 7, 12, 15, 22, 27);
  private static final Set<String> KEY_NAMES = Set.of("user_id", "id", "person", "k", "q");

  private record Item(String name, List<String> columns) {}

  private final Random random;
  private final List<String> ctes = new ArrayList<>();
  private final List<Item> cteItems = new ArrayList<>();
  private int names;

  RandomQueries(Random random) {
    this.random = random;
  }

  String query() {
    ctes.clear();
    cteItems.clear();
    names = 0;
    if (chance(20)) {
      addCte();
    }
    String query = query(2, List.of(), new Item("", new ArrayList<>()), false);
    return (ctes.isEmpty() ? "" : "with " + String.join(", ", ctes) + " ") + query;
  }

  private void addCte() {
    Item cte = new Item("c" + names++, new ArrayList<>());
    String query = query(1, List.of(), cte, true);
    ctes.add(cte.name() + " as (" + query + ")");
    cteItems.add(cte);
  }

  /** A query; what it shows is added to the item's columns. */
  private String query(int depth, List<Item> outer, Item shown, boolean nested) {
    if (depth > 0 && chance(12)) {
      Item ignored = new Item("", new ArrayList<>());
      String operation =
          pick(List.of("union all", "union", "except", "intersect", "except all", "union all"));
      String first = block(depth - 1, outer, shown, 2, true);
      return "("
          + first
          + ") "
          + operation
          + " ("
          + block(depth - 1, outer, ignored, 2, true)
          + ")";
    }
    return block(depth, outer, shown, nested ? 2 : 0, nested);
  }

  private String block(int depth, List<Item> outer, Item shown, int width, boolean nested) {
    List<Item> from = new ArrayList<>();
    String items = from(depth, outer, from);
    List<Item> scope = new ArrayList<>(from);
    scope.addAll(outer);
    String where = chance(85) ? " where " + conditions(depth, from, scope) : "";
    int columns = width > 0 ? width : 1 + random.nextInt(3);
    if (nested && chance(15)) {
      return grouped(from, items, where, shown);
    }
    List<String> select = new ArrayList<>();
    for (int i = 0; i < columns; i++) {
      String column = i == 0 || chance(40) ? keyColumn(from) : column(from);
      String name = i == 0 ? "k" : i == 1 && chance(50) ? "q" : "o" + i;
      select.add(column + " as " + name);
      shown.columns().add(name);
    }
    if (depth > 0 && chance(8)) {
      Item ignored = new Item("", new ArrayList<>());
      String one = block(0, scope, ignored, 1, false);
      select.add("(select count(*) from (" + one + ") n) as n");
      shown.columns().add("n");
    }
    if (chance(8)) {
      select.add("count(*) over (partition by " + keyColumn(from) + ") as w");
      shown.columns().add("w");
    }
    String distinct = chance(10) ? "distinct " : "";
    String cut =
        nested && chance(8)
            ? " order by "
                + IntStream.rangeClosed(1, select.size())
                    .mapToObj(String::valueOf)
                    .collect(Collectors.joining(", "))
                + " limit "
                + random.nextInt(4)
            : "";
    return "select " + distinct + String.join(", ", select) + " from " + items + where + cut;
  }

  private String grouped(List<Item> from, String items, String where, Item shown) {
    String key = chance(70) ? keyColumn(from) : column(from);
    shown.columns().add("k");
    shown.columns().add("n");
    return "select " + key + " as k, count(*) as n from " + items + where + " group by " + key;
  }

  private String from(int depth, List<Item> outer, List<Item> items) {
    StringBuilder text = new StringBuilder(item(depth, outer, items, false));
    int joins = random.nextInt(3);
    for (int i = 0; i < joins; i++) {
      int kind = random.nextInt(10);
      if (kind == 0) {
        text.append(", ").append(item(depth, outer, items, true));
      } else if (kind == 1) {
        text.append(chance(30) ? " natural join " : " cross join ")
            .append(item(depth, outer, items, false));
      } else if (kind == 2) {
        text.append(pick(List.of(" join ", " left join ", " right join ", " full join ")))
            .append(item(depth, outer, items, false));
        text.append(" using (").append(common(items)).append(")");
      } else if (kind == 3) {
        text.append(pick(List.of(" join (", " left join (")))
            .append(item(depth, outer, items, false))
            .append(pick(List.of(" join ", " left join ")))
            .append(item(depth, outer, items, false))
            .append(" on ")
            .append(conditions(0, last(items, 2), last(items, 2)))
            .append(") on ")
            .append(conditions(0, items, items));
      } else {
        String join =
            pick(List.of(" join ", " left join ", " right join ", " join ", " full join "));
        text.append(join)
            .append(item(depth, outer, items, join.equals(" join ")))
            .append(" on ")
            .append(join.equals(" full join ") ? equality(items) : conditions(0, items, items));
      }
    }
    return text.toString();
  }

  private static List<Item> last(List<Item> items, int count) {
    return items.subList(items.size() - count, items.size());
  }

  private String item(int depth, List<Item> outer, List<Item> items, boolean lateral) {
    String name = "t" + names++;
    if (!cteItems.isEmpty() && chance(25)) {
      Item cte = pick(cteItems);
      items.add(new Item(name, cte.columns()));
      return cte.name() + " " + name;
    }
    if (depth > 0 && chance(25)) {
      Item item = new Item(name, new ArrayList<>());
      boolean sees = lateral && chance(50);
      List<Item> scope = new ArrayList<>(sees ? items : List.of());
      scope.addAll(outer);
      String text = "(" + query(depth - 1, scope, item, true) + ") " + name;
      items.add(item);
      return sees ? "lateral " + text : text;
    }
    if (chance(5)) {
      items.add(new Item(name, List.of("k", "x")));
      return "(values (%s, 1), (%s, 2)) %s (k, x)".formatted(key(), key(), name);
    }
    String table = pick(List.copyOf(TABLES.keySet()));
    items.add(new Item(name, List.copyOf(TABLES.getOrDefault(table, List.of()))));
    return table + " " + name;
  }

  private String conditions(int depth, List<Item> from, List<Item> scope) {
    List<String> all = new ArrayList<>();
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      all.add(condition(depth, from, scope));
    }
    return String.join(" and ", all);
  }

  private String condition(int depth, List<Item> from, List<Item> scope) {
    return switch (random.nextInt(depth > 0 ? 18 : 14)) {
      case 0, 1, 2 -> keyColumn(from) + " = " + key();
      case 3 -> equality(scope);
      case 4 -> keyColumn(from) + " in (" + key() + ", " + key() + ")";
      case 5 -> keyColumn(scope) + pick(List.of(" < ", " > ", " <= ", " >= ", " <> ")) + key();
      case 6 ->
          "("
              + condition(0, from, scope)
              + pick(List.of(" or ", " and "))
              + condition(0, from, scope)
              + ")";
      case 7 -> "not (" + condition(0, from, scope) + ")";
      case 8 -> keyColumn(from) + " between " + key() + " and " + key();
      case 9 -> column(scope) + pick(List.of(" is null", " is not null"));
      case 10 ->
          keyColumn(from) + " is not distinct from " + pick(List.of(key(), keyColumn(scope)));
      case 11 ->
          "(%s, %s) = (%s, %s)"
              .formatted(
                  keyColumn(from), column(from), keyColumn(scope), pick(List.of("1", key())));
      case 12 ->
          "(%s, %s) in ((%s, 1), (%s, 2))".formatted(keyColumn(from), column(from), key(), key());
      case 13 -> region(from, scope);
      case 14, 15 ->
          pick(List.of("exists (", "not exists ("))
              + block(depth - 1, scope, new Item("", new ArrayList<>()), 1, false)
              + ")";
      default ->
          keyColumn(scope)
              + pick(List.of(" in (", " in (", " not in (", " = any ("))
              + block(depth - 1, scope, new Item("", new ArrayList<>()), 1, chance(20))
              + ")";
    };
  }

  private String region(List<Item> from, List<Item> scope) {
    if (from.stream().noneMatch(item -> item.columns().contains("region"))) {
      return equality(scope);
    }
    return regionColumn(from)
        + " = "
        + (chance(50) ? pick(List.of("'eu'", "'us'")) : regionColumn(scope));
  }

  private String equality(List<Item> scope) {
    return chance(80)
        ? keyColumn(scope) + " = " + keyColumn(scope)
        : column(scope) + " = " + column(scope);
  }

  /** A column that the last item has, and just one before it, if there is such a one. */
  private String common(List<Item> items) {
    Item last = items.get(items.size() - 1);
    List<Item> before = items.subList(0, items.size() - 1);
    List<String> fit =
        last.columns().stream()
            .filter(name -> before.stream().filter(i -> i.columns().contains(name)).count() == 1)
            .toList();
    return pick(fit.isEmpty() ? last.columns() : fit);
  }

  private String keyColumn(List<Item> items) {
    return column(items, KEY_NAMES::contains);
  }

  private String regionColumn(List<Item> items) {
    return column(items, "region"::equals);
  }

  private String column(List<Item> items) {
    return column(items, name -> !name.equals("region"));
  }

  private String column(List<Item> items, java.util.function.Predicate<String> which) {
    for (int i = 0; i < 20; i++) {
      Item item = pick(items);
      List<String> fit = item.columns().stream().filter(which).toList();
      if (!fit.isEmpty()) {
        String column = pick(fit);
        long having = items.stream().filter(each -> each.columns().contains(column)).count();
        return chance(having == 1 ? 25 : 2) ? column : item.name() + "." + column;
      }
    }
    return "1";
  }

  private String key() {
    return String.valueOf(pick(KEYS));
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  private <T> T pick(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }
}
