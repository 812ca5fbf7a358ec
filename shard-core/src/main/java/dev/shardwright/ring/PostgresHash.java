package dev.shardwright.ring;

import static com.google.common.base.Preconditions.checkArgument;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * PostgreSQL's extended hash functions with seed 0, bit for bit.
 *
 * <p>The algorithm is Bob Jenkins' lookup3 of May 2006, which he gave to the public domain
 * (burtleburtle.net/bob/c/lookup3.c), with the initial value and the 64-bit result of PostgreSQL's
 * {@code hash_bytes_extended} and {@code hash_bytes_uint32_extended} (src/common/hashfn.c) as they
 * are on little-endian machines; PostgreSQL on a big-endian one hashes text and uuid differently.
 * PostgreSQL keeps these functions as they are: hash partitions on disk rest on them.
 */
public final class PostgresHash {
  private static final VarHandle LITTLE_ENDIAN_INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int BLOCK = 3 * Integer.BYTES;

  private PostgresHash() {}

  /**
   * {@code hashint8extended(value, 0)}, which {@code hashint4extended} and {@code hashint2extended}
   * equal for values in their range. Allocates nothing.
   */
  public static long hashInt8(long value) {
    int low = (int) value;
    int high = (int) (value >>> Integer.SIZE);
    // Folded so that a value has the same hash in each integer type.
    int folded = low ^ (value >= 0 ? high : ~high);
    int start = Lookup3.start(Integer.BYTES);
    return Lookup3.finish(start + folded, start, start);
  }

  /**
   * {@code hashtextextended(text, 0)} in a database of encoding UTF-8, under a deterministic
   * collation. Allocates nothing if the text is ASCII.
   *
   * @throws IllegalArgumentException if PostgreSQL could not hold the text: it has a NUL, or an
   *     unpaired surrogate
   */
  public static long hashText(String text) {
    if (!isPlain(text)) {
      checkStorable(text);
      return hashBytes(text.getBytes(StandardCharsets.UTF_8));
    }
    int length = text.length();
    Lookup3 state = new Lookup3(length);
    int at = 0;
    for (; length - at >= BLOCK; at += BLOCK) {
      state.mixIn(fourAt(text, at), fourAt(text, at + 4), fourAt(text, at + 8));
    }
    for (int i = at; i < length; i++) {
      state.addLast(i - at, text.charAt(i));
    }
    return state.finish();
  }

  /** {@code uuid_hash_extended(value, 0)}. Allocates nothing. */
  public static long hashUuid(UUID value) {
    long most = Long.reverseBytes(value.getMostSignificantBits());
    long least = Long.reverseBytes(value.getLeastSignificantBits());
    Lookup3 state = new Lookup3(2 * Long.BYTES);
    state.mixIn((int) most, (int) (most >>> Integer.SIZE), (int) least);
    state.a += (int) (least >>> Integer.SIZE);
    return state.finish();
  }

  private static long hashBytes(byte[] bytes) {
    Lookup3 state = new Lookup3(bytes.length);
    int at = 0;
    for (; bytes.length - at >= BLOCK; at += BLOCK) {
      state.mixIn(
          (int) LITTLE_ENDIAN_INT.get(bytes, at),
          (int) LITTLE_ENDIAN_INT.get(bytes, at + 4),
          (int) LITTLE_ENDIAN_INT.get(bytes, at + 8));
    }
    for (int i = at; i < bytes.length; i++) {
      state.addLast(i - at, bytes[i] & 0xff);
    }
    return state.finish();
  }

  /** Whether each character is its own UTF-8 form, and storable. */
  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0 || c >= 0x80) {
        return false;
      }
    }
    return true;
  }

  private static int fourAt(String text, int at) {
    return text.charAt(at)
        | text.charAt(at + 1) << 8
        | text.charAt(at + 2) << 16
        | text.charAt(at + 3) << 24;
  }

  private static void checkStorable(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      checkArgument(c != 0, "text key has a NUL at index %s, which PostgreSQL cannot hold", i);
      if (Character.isSurrogate(c)) {
        boolean pair = i + 1 < text.length() && Character.isSurrogatePair(c, text.charAt(i + 1));
        checkArgument(pair, "text key is not valid Unicode: unpaired surrogate at index %s", i);
        i++;
      }
    }
  }

  /**
   * The three words that lookup3 stirs; never leaves its method, so the JIT keeps it off the heap.
   */
  private static final class Lookup3 {
    int a;
    int b;
    int c;

    Lookup3(int length) {
      a = start(length);
      b = a;
      c = a;
    }

    /** lookup3's constant and the length, and the previous hash that PostgreSQL passes. */
    static int start(int length) {
      return 0x9e3779b9 + length + 3923095;
    }

    void mixIn(int first, int second, int third) {
      a += first;
      b += second;
      c += third;
      a = (a - c) ^ Integer.rotateLeft(c, 4);
      c += b;
      b = (b - a) ^ Integer.rotateLeft(a, 6);
      a += c;
      c = (c - b) ^ Integer.rotateLeft(b, 8);
      b += a;
      a = (a - c) ^ Integer.rotateLeft(c, 16);
      c += b;
      b = (b - a) ^ Integer.rotateLeft(a, 19);
      a += c;
      c = (c - b) ^ Integer.rotateLeft(b, 4);
      b += a;
    }

    /** Adds a byte of the last, incomplete block. */
    void addLast(int index, int value) {
      if (index < 4) {
        a += value << (8 * index);
      } else if (index < 8) {
        b += value << (8 * (index - 4));
      } else {
        c += value << (8 * (index - 7)); // the lowest byte of c stands for the length
      }
    }

    long finish() {
      return finish(a, b, c);
    }

    static long finish(int first, int second, int third) {
      int a = first;
      int b = second;
      int c = third;
      c = (c ^ b) - Integer.rotateLeft(b, 14);
      a = (a ^ c) - Integer.rotateLeft(c, 11);
      b = (b ^ a) - Integer.rotateLeft(a, 25);
      c = (c ^ b) - Integer.rotateLeft(b, 16);
      a = (a ^ c) - Integer.rotateLeft(c, 4);
      b = (b ^ a) - Integer.rotateLeft(a, 14);
      c = (c ^ b) - Integer.rotateLeft(b, 24);
      return (long) b << Integer.SIZE | Integer.toUnsignedLong(c);
    }
  }
}
