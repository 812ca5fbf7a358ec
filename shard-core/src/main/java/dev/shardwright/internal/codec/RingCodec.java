package dev.shardwright.internal.codec;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.ring.HashRing;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.Pin;
import dev.shardwright.ring.Pins;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.RangeRing;
import dev.shardwright.ring.Ring;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.VirtualNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * The bytes of a document {@code rings/<keyspace>/<region>}: five bytes for a virtual node of a
 * large hash ring.
 *
 * <pre>
 * magic "SWRG", format, minimum reader, revision, kind (0 hash, 1 range)
 * owners:        count, then each id as text, ascending
 * virtual nodes: count, then for each the distance from the boundary before (in steps of the grid for
 *                a hash ring; the first begins at the smallest token and has none) and the owner's place
 * pins:          count, then each key as text, token (8 bytes), owner's place
 * (what later formats add)
 * CRC32C of all bytes before it (4 bytes)
 * </pre>
 *
 * Only boundaries are kept, so a gap or an overlap cannot even be written.
 */
public final class RingCodec {
  private static final byte[] MAGIC = "SWRG".getBytes(StandardCharsets.US_ASCII);
  private static final int HASH = 0;
  private static final int RANGE = 1;
  private static final int KINDS = 2;

  private RingCodec() {}

  /**
   * The document's bytes.
   *
   * @throws IllegalArgumentException if the key of a pin is not valid Unicode
   */
  public static byte[] encode(RingDocument document) {
    Placement placement = document.placement();
    boolean hashed = placement.ring() instanceof HashRing;
    List<ShardId> owners = List.copyOf(placement.owners());
    Map<ShardId, Integer> places = new HashMap<>();
    owners.forEach(owner -> places.put(owner, places.size()));

    Packed.Writer out = new Packed.Writer();
    out.bytes(MAGIC);
    out.number(Format.CURRENT);
    out.number(Format.MINIMUM_READER);
    out.number(document.revision());
    out.number(hashed ? HASH : RANGE);
    out.number(owners.size());
    owners.forEach(owner -> out.text(owner.value()));
    writeVirtualNodes(out, placement.ring(), hashed ? HashRing.GRID_BITS : 0, places);
    writePins(out, placement.pins(), places);
    byte[] content = out.toBytes();
    out.bytes(checksumOf(content, content.length));
    return out.toBytes();
  }

  /**
   * Reads a document; what a later format added at its end is passed over.
   *
   * @param path where it is kept, for messages
   * @throws TopologyUnavailable if it is damaged, or meant for newer readers only
   */
  public static RingDocument decode(byte[] bytes, String path) {
    try {
      int checked = Math.max(0, bytes.length - Integer.BYTES);
      Packed.Reader in = new Packed.Reader(bytes, checked);
      if (!Arrays.equals(in.bytes(MAGIC.length), MAGIC)) {
        throw new Packed.Damaged("it is not a ring");
      }
      long format = in.number();
      Format.check(path, format, in.number());
      byte[] checksum = Arrays.copyOfRange(bytes, checked, bytes.length);
      if (!Arrays.equals(checksum, checksumOf(bytes, checked))) {
        throw new Packed.Damaged("its checksum does not match");
      }
      RingDocument document = readContent(in);
      if (in.hasMore() && format <= Format.CURRENT) {
        throw new Packed.Damaged("something follows the last pin");
      }
      return document;
    } catch (Packed.Damaged | IllegalArgumentException e) {
      // The values check themselves: here it is the document that is wrong, not the program.
      throw Format.corrupt(path, String.valueOf(e.getMessage()), e);
    }
  }

  private static void writeVirtualNodes(
      Packed.Writer out, Ring ring, int gridBits, Map<ShardId, Integer> places) {
    out.number(ring.size());
    long before = Long.MIN_VALUE;
    for (VirtualNode node : ring.virtualNodes()) {
      long first = node.range().first();
      if (first != Long.MIN_VALUE) {
        out.number((first - before) >>> gridBits);
      }
      out.number(placeOf(node.owner(), places));
      before = first;
    }
  }

  private static void writePins(Packed.Writer out, Pins pins, Map<ShardId, Integer> places) {
    out.number(pins.all().size());
    for (Pin pin : pins.all()) {
      out.text(pin.key());
      out.token(pin.token());
      out.number(placeOf(pin.shard(), places));
    }
  }

  private static int placeOf(ShardId owner, Map<ShardId, Integer> places) {
    Integer place = places.get(owner);
    if (place == null) {
      throw new IllegalStateException("shard " + owner + " is not among the owners");
    }
    return place;
  }

  private static RingDocument readContent(Packed.Reader in) throws Packed.Damaged {
    long revision = in.number();
    boolean hashed = in.number(KINDS) == HASH;
    List<ShardId> owners = readOwners(in);
    List<VirtualNode> nodes = readVirtualNodes(in, hashed ? HashRing.GRID_BITS : 0, owners);
    Ring ring = hashed ? HashRing.of(nodes) : RangeRing.of(nodes);
    return new RingDocument(revision, new Placement(ring, readPins(in, owners)));
  }

  private static List<ShardId> readOwners(Packed.Reader in) throws Packed.Damaged {
    int count = in.count();
    List<ShardId> owners = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ShardId owner = ShardId.of(in.text());
      if (i > 0 && owners.get(i - 1).compareTo(owner) >= 0) {
        throw new Packed.Damaged("owner " + owner + " is out of order");
      }
      owners.add(owner);
    }
    return owners;
  }

  private static List<VirtualNode> readVirtualNodes(
      Packed.Reader in, int gridBits, List<ShardId> owners) throws Packed.Damaged {
    int count = in.count();
    if (count == 0) {
      throw new Packed.Damaged("it has no virtual node");
    }
    List<VirtualNode> nodes = new ArrayList<>(count);
    long first = Long.MIN_VALUE;
    ShardId owner = owners.get(in.number(owners.size()));
    for (int i = 1; i < count; i++) {
      long next = boundaryAfter(first, in.number(), gridBits);
      nodes.add(new VirtualNode(new KeyRange(first, next - 1), owner));
      first = next;
      owner = owners.get(in.number(owners.size()));
    }
    nodes.add(new VirtualNode(new KeyRange(first, Long.MAX_VALUE), owner));
    return nodes;
  }

  private static long boundaryAfter(long first, long distance, int gridBits) throws Packed.Damaged {
    long step = distance << gridBits;
    long next = first + step;
    if (step >>> gridBits != distance || next <= first) {
      throw new Packed.Damaged(
          "the boundary after token %s is not above it: the ring has a gap or an overlap"
              .formatted(first));
    }
    return next;
  }

  private static Pins readPins(Packed.Reader in, List<ShardId> owners) throws Packed.Damaged {
    int count = in.count();
    List<Pin> pins = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      pins.add(new Pin(in.text(), in.token(), owners.get(in.number(owners.size()))));
    }
    return Pins.of(pins);
  }

  private static byte[] checksumOf(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return ByteBuffer.allocate(Integer.BYTES).putInt((int) crc.getValue()).array();
  }
}
