package dev.shardwright.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.admin.LoadOrder.ForeignKey;
import dev.shardwright.topology.TableName;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LoadOrderTest {
  @Test
  void putsEachTableAfterThoseItRefersTo() {
    assertThat(order("abcde", "ab", "bd", "ad", "ce")).containsExactly("d", "b", "a", "e", "c");
    assertThat(order("cab")).containsExactly("a", "b", "c");
  }

  @Test
  void doesNotMindKeysToTheSameTableOrToOthers() {
    assertThat(order("ab", "aa", "ax", "ab")).containsExactly("b", "a");
  }

  @Test
  void refusesACircleByItsKeysAndNoOthers() {
    assertThatThrownBy(() -> order("abcde", "ab", "bc", "cd", "db", "de"))
        .isInstanceOf(ChangeRefused.class)
        .hasMessageContaining("circle: bc of public.b, cd of public.c, db of public.d; make one")
        .hasMessageContaining("alter table \"public\".\"b\" alter constraint \"bc\" deferrable");
  }

  /** Tables of one letter; each key is named by the two that it connects. */
  private static List<String> order(String tables, String... keys) {
    List<ForeignKey> foreignKeys =
        Stream.of(keys)
            .map(
                key ->
                    new ForeignKey(
                        key, TableName.of(key.substring(0, 1)), TableName.of(key.substring(1))))
            .toList();
    List<TableName> names =
        tables.chars().mapToObj(c -> TableName.of(String.valueOf((char) c))).toList();
    return LoadOrder.of(names, foreignKeys).stream().map(TableName::name).toList();
  }
}
