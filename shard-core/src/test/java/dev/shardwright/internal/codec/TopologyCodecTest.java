package dev.shardwright.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.ring.Placement;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.TestTopologies;
import dev.shardwright.topology.Topology;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopologyCodecTest {
  private static final String PATH = "/shardwright/prod/topology";

  @Test
  void writesTheBytesOfTheGoldenFile() {
    byte[] bytes = TopologyCodec.encode(document(TestTopologies.everything()));
    assertThat(new String(bytes, StandardCharsets.UTF_8))
        .isEqualTo(new String(GoldenFiles.read("topology-1.json"), StandardCharsets.UTF_8));
  }

  @Test
  void readsTheGoldenFile() {
    Topology topology = TestTopologies.everything();
    TopologyDocument read = TopologyCodec.decode(GoldenFiles.read("topology-1.json"), PATH);
    assertThat(read).isEqualTo(document(topology));
    assertThat(assemble(read, topology)).isEqualTo(topology);
  }

  @Test
  void passesOverWhatANewerReleaseAddedForReadersOfThisFormat() {
    TopologyDocument read =
        TopologyCodec.decode(GoldenFiles.read("topology-2-for-readers-of-1.json"), PATH);
    assertThat(read.format()).isEqualTo(2);
    assertThat(assemble(read, TestTopologies.everything())).isEqualTo(TestTopologies.everything());
  }

  @Test
  void refusesADocumentForNewerReadersAndSaysWhatToDo() {
    assertThatThrownBy(
            () -> TopologyCodec.decode(GoldenFiles.read("topology-2-for-readers-of-2.json"), PATH))
        .isInstanceOf(TopologyUnavailable.class)
        .hasMessageContaining(PATH)
        .hasMessageContaining("has format 2")
        .hasMessageContaining("understands format 1")
        .hasMessageContaining("upgrade");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "[]",
        "{}",
        "{",
        "hello",
        "{\"format\":1}",
        "{\"format\":\"1\",\"minimumReader\":1}",
        "{\"format\":0,\"minimumReader\":0}",
        "{\"format\":1,\"minimumReader\":2}",
        "{\"format\":1,\"minimumReader\":1}",
        "{\"format\":1,\"format\":1,\"minimumReader\":1}",
        "{\"format\":99999999999999999999,\"minimumReader\":1}",
        "{\"format\":1,\"minimumReader\":1,\"crc32c\":\"00000000\"}"
      })
  void refusesGarbage(String text) {
    assertThatThrownBy(() -> TopologyCodec.decode(text.getBytes(StandardCharsets.UTF_8), PATH))
        .isInstanceOf(TopologyUnavailable.class)
        .hasMessageContaining(PATH)
        .hasMessageContaining("corrupt");
  }

  @Test
  void refusesDeepNesting() {
    byte[] bytes = "{\"format\":".concat("[".repeat(100_000)).getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> TopologyCodec.decode(bytes, PATH))
        .isInstanceOf(TopologyUnavailable.class);
  }

  @Test
  void refusesAnEditByHand() {
    String text =
        new String(GoldenFiles.read("topology-1.json"), StandardCharsets.UTF_8)
            .replace("\"weight\":250", "\"weight\":251");
    assertThatThrownBy(() -> TopologyCodec.decode(text.getBytes(StandardCharsets.UTF_8), PATH))
        .isInstanceOf(TopologyUnavailable.class)
        .hasMessageContaining("checksum");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"weight\":250|\"weight\":0",
        "\"weight\":250|\"weight\":4294967546",
        "\"state\":\"ACTIVE\"|\"state\":\"ASLEEP\"",
        "\"id\":\"two\"|\"id\":\"one\"",
        "\"name\":\"events\"|\"name\":\"shop\"",
        "\"revision\":1|\"revision\":2",
        "\"epoch\":1|\"epoch\":-1",
        "jdbc:postgresql://two|jdbc:mysql://two"
      })
  void refusesValuesThatCannotBe(String edit) {
    String[] parts = edit.split("\\|", 2);
    String text = new String(GoldenFiles.read("topology-1.json"), StandardCharsets.UTF_8);
    assertThat(text).contains(parts[0]);
    byte[] edited = Seals.sealJson(text.replace(parts[0], parts[1]));
    assertThatThrownBy(() -> TopologyCodec.decode(edited, PATH))
        .isInstanceOf(TopologyUnavailable.class)
        .hasMessageContaining(PATH);
  }

  @ParameterizedTest
  @ValueSource(strings = {"half_\ud83d", "half_\ud83d_pair", "\udc00", "pair_\ud83d\ude00"})
  void aTextComesBackAsItWasEvenIfItIsNotValidUnicode(String text) {
    TreeSet<TableName> tables = new TreeSet<>();
    tables.add(TableName.of(text));
    TopologyDocument document = document(Topology.INITIAL.withReferenceTables(tables));
    assertThat(TopologyCodec.decode(TopologyCodec.encode(document), PATH)).isEqualTo(document);
  }

  @Property(tries = 300)
  void readsWhatItWrote(@ForAll long seed) {
    Topology topology = TestTopologies.random(new Random(seed));
    TopologyDocument document = document(topology);
    TopologyDocument read = TopologyCodec.decode(TopologyCodec.encode(document), PATH);
    assertThat(read).isEqualTo(document);
    assertThat(assemble(read, topology)).isEqualTo(topology);
  }

  @Property(tries = 500)
  void refusesDamagedBytes(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] bytes = TopologyCodec.encode(document(TestTopologies.everything()));
    byte[] damaged = Seals.damage(bytes, random);
    assertThatThrownBy(() -> TopologyCodec.decode(damaged, PATH))
        .isInstanceOf(TopologyUnavailable.class);
  }

  @Property(tries = 1_000)
  void staysCalmWhenDamagedBytesHaveAFittingChecksum(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] bytes = TopologyCodec.encode(document(TestTopologies.everything()));
    String damaged = new String(Seals.damage(bytes, random), StandardCharsets.ISO_8859_1);
    try {
      TopologyDocument read = TopologyCodec.decode(Seals.sealJson(damaged), PATH);
      assertThat(TopologyCodec.decode(TopologyCodec.encode(read), PATH).revisions())
          .isEqualTo(read.revisions());
    } catch (TopologyUnavailable e) {
      assertThat(e).hasMessageContaining(PATH);
    }
  }

  private static TopologyDocument document(Topology topology) {
    SortedMap<RingName, Long> revisions = new TreeMap<>();
    for (KeyspaceTopology keyspace : topology.keyspaces().values()) {
      for (Map.Entry<Region, Placement> ring : keyspace.placements().entrySet()) {
        revisions.put(new RingName(keyspace.name(), ring.getKey()), 1L);
      }
    }
    return TopologyDocument.of(topology, revisions, "0123456789abcdef");
  }

  private static Topology assemble(TopologyDocument document, Topology rings) {
    return document.assemble(
        name -> rings.keyspace(name.keyspace()).orElseThrow().placements().get(name.region()));
  }
}
