package dev.shardwright.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.ring.Pin;
import dev.shardwright.ring.Pins;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.RangeRing;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.TestTopologies;
import dev.shardwright.topology.Topology;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RingCodecTest {
  private static final String PATH = "/shardwright/prod/rings/shop/all";
  private static final int KIB = 1024;

  private static final RingDocument HASHED =
      new RingDocument(300, placement("shop", Region.of("eu")));
  private static final RingDocument RANGED = new RingDocument(1, placement("events", Region.ALL));

  @Test
  void writesTheBytesOfTheGoldenFiles() {
    assertThat(RingCodec.encode(HASHED)).isEqualTo(GoldenFiles.read("ring-hash-1.bin"));
    assertThat(RingCodec.encode(RANGED)).isEqualTo(GoldenFiles.read("ring-range-1.bin"));
  }

  @Test
  void readsTheGoldenFiles() {
    assertThat(RingCodec.decode(GoldenFiles.read("ring-hash-1.bin"), PATH)).isEqualTo(HASHED);
    assertThat(RingCodec.decode(GoldenFiles.read("ring-range-1.bin"), PATH)).isEqualTo(RANGED);
  }

  @Test
  void passesOverWhatANewerReleaseAddedForReadersOfThisFormat() {
    assertThat(RingCodec.decode(GoldenFiles.read("ring-hash-2-for-readers-of-1.bin"), PATH))
        .isEqualTo(HASHED);
  }

  @Test
  void refusesADocumentForNewerReadersAndSaysWhatToDo() {
    assertThatThrownBy(
            () -> RingCodec.decode(GoldenFiles.read("ring-hash-2-for-readers-of-2.bin"), PATH))
        .isInstanceOf(TopologyUnavailable.class)
        .hasMessageContaining(PATH)
        .hasMessageContaining("has format 2")
        .hasMessageContaining("understands format 1")
        .hasMessageContaining("upgrade");
  }

  @Test
  void aThousandShardsOfSixtyFourVirtualNodesTakeLessThan400KiB() {
    Placement placement =
        TestTopologies.large(1_000, 64).keyspace("shop").orElseThrow().placement(Region.ALL);
    byte[] bytes = RingCodec.encode(new RingDocument(1_000_000, placement));
    System.out.println("ring of 1,000 shards x 64 virtual nodes: " + bytes.length + " bytes");
    assertThat(bytes.length).isLessThan(400 * KIB);
    assertThat(RingCodec.decode(bytes, PATH).placement()).isEqualTo(placement);
  }

  @Test
  void refusesEveryTruncation() {
    byte[] bytes = RingCodec.encode(HASHED);
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertCorrupt(cut);
      // A fitting checksum does not make it whole either.
      assertCorrupt(Seals.sealRing(cut));
    }
  }

  @Test
  void refusesWhatFollowsTheEndInItsOwnFormat() {
    byte[] bytes = RingCodec.encode(HASHED);
    assertCorrupt(Seals.sealRing(Arrays.copyOf(bytes, bytes.length + 1)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // distance 0: the second virtual node would begin where the first does
        "01 01 05 01 01 01 61 02 00 00 00 00",
        // a distance over the top of the ring
        "01 01 05 00 01 01 61 02 00 80 80 80 80 10 00 00",
        // a hash ring's distance that overflows when it is scaled
        "01 01 05 00 01 01 61 02 00 80 80 80 80 80 80 80 80 80 01 00 00",
        // no virtual node, no owner, an owner that is not in the table
        "01 01 05 01 01 01 61 00 00",
        "01 01 05 01 00 01 00 00",
        "01 01 05 01 01 01 61 01 01 00",
        // owners out of order; an id that is not one; bytes that are not UTF-8
        "01 01 05 01 02 01 62 01 61 01 00 00",
        "01 01 05 01 01 01 41 01 00 00",
        "01 01 05 01 01 01 ff 01 00 00",
        // revision 0, an unknown kind, a number of eleven bytes, counts beyond the end
        "01 01 00 01 01 01 61 01 00 00",
        "01 01 05 02 01 01 61 01 00 00",
        "01 01 ff ff ff ff ff ff ff ff ff ff 01 01 01 61 01 00 00",
        "01 01 05 01 ff ff ff ff 07 01 61 01 00 00",
        "01 01 05 01 01 01 61 ff ff ff ff ff ff ff ff ff 01 00 00",
        "01 01 05 01 01 01 61 01 00 ff ff ff ff 0f",
        // counts for which there is memory for nothing else
        "01 01 05 01 fe ff ff ff 07 01 61 01 00 00",
        "01 01 05 01 01 01 61 fe ff ff ff 07 00 00",
        "01 01 05 01 01 01 61 01 00 fe ff ff ff 07",
      })
  void refusesRingsThatCannotBe(String content) {
    assertCorrupt(sealed(content));
  }

  @Test
  void theRefusedRingsDifferFromAReadableOneOnlyInTheirFault() {
    RingDocument least = new RingDocument(5, Placement.of(RangeRing.ownedBy(ShardId.of("a"))));
    assertThat(RingCodec.decode(sealed("01 01 05 01 01 01 61 01 00 00"), PATH)).isEqualTo(least);
  }

  @Test
  void refusesToWriteAPinThatIsNotUnicode() {
    ShardId shard = ShardId.of("a");
    Pins pins = Pins.of(List.of(new Pin("half \ud83d", 1, shard)));
    RingDocument document = new RingDocument(1, new Placement(RangeRing.ownedBy(shard), pins));
    assertThatThrownBy(() -> RingCodec.encode(document))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Property(tries = 300)
  void readsWhatItWrote(@ForAll long seed) {
    Topology topology = TestTopologies.random(new Random(seed));
    for (KeyspaceTopology keyspace : topology.keyspaces().values()) {
      RingDocument ring = new RingDocument(Math.max(1, seed >>> 1), keyspace.placement(Region.ALL));
      assertThat(RingCodec.decode(RingCodec.encode(ring), PATH)).isEqualTo(ring);
    }
  }

  @Property(tries = 1_000)
  void refusesDamagedBytes(@ForAll long seed) {
    assertCorrupt(Seals.damage(RingCodec.encode(HASHED), new Random(seed)));
  }

  @Property(tries = 2_000)
  void staysCalmWhenDamagedBytesHaveAFittingChecksum(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] damaged = Seals.sealRing(Seals.damage(RingCodec.encode(HASHED), random));
    try {
      RingDocument read = RingCodec.decode(damaged, PATH);
      assertThat(RingCodec.decode(RingCodec.encode(read), PATH)).isEqualTo(read);
    } catch (TopologyUnavailable e) {
      assertThat(e).hasMessageContaining(PATH);
    }
  }

  private static void assertCorrupt(byte[] bytes) {
    assertThatThrownBy(() -> RingCodec.decode(bytes, PATH))
        .isInstanceOf(TopologyUnavailable.class)
        .hasMessageContaining(PATH);
  }

  private static byte[] sealed(String hex) {
    byte[] content = HexFormat.ofDelimiter(" ").parseHex(hex);
    byte[] magic = "SWRG".getBytes(StandardCharsets.US_ASCII);
    byte[] bytes = Arrays.copyOf(magic, magic.length + content.length + Integer.BYTES);
    System.arraycopy(content, 0, bytes, magic.length, content.length);
    return Seals.sealRing(bytes);
  }

  private static Placement placement(String keyspace, Region region) {
    return TestTopologies.everything().keyspace(keyspace).orElseThrow().placement(region);
  }
}
