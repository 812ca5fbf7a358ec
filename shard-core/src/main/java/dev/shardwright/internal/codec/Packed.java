package dev.shardwright.internal.codec;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * The small values that a ring document is made of. Whole numbers are unsigned, seven bits a byte,
 * lowest first, the top bit set on all but the last byte.
 */
final class Packed {
  private static final int MAX_NUMBER_BYTES = 10;
  private static final String TOO_SHORT = "it ends too early";

  private Packed() {}

  /** Writes values one after the other. */
  static final class Writer {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    void bytes(byte[] bytes) {
      out.writeBytes(bytes);
    }

    void number(long value) {
      long rest = value;
      while ((rest & ~0x7FL) != 0) {
        out.write((int) (rest & 0x7F) | 0x80);
        rest >>>= 7;
      }
      out.write((int) rest);
    }

    void token(long token) {
      bytes(ByteBuffer.allocate(Long.BYTES).putLong(token).array());
    }

    /**
     * @throws IllegalArgumentException if the text is not valid Unicode
     */
    void text(String text) {
      try {
        ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        number(bytes.length);
        bytes(bytes);
      } catch (CharacterCodingException e) {
        throw new IllegalArgumentException("a text is not valid Unicode", e);
      }
    }

    byte[] toBytes() {
      return out.toByteArray();
    }
  }

  /** Reads what {@link Writer} wrote; says so in a {@link Damaged} where it cannot be. */
  static final class Reader {
    private final ByteBuffer in;

    Reader(byte[] bytes, int length) {
      this.in = ByteBuffer.wrap(bytes, 0, length);
    }

    boolean hasMore() {
      return in.hasRemaining();
    }

    byte[] bytes(int count) throws Damaged {
      if (count > in.remaining()) {
        throw new Damaged(TOO_SHORT);
      }
      byte[] bytes = new byte[count];
      in.get(bytes);
      return bytes;
    }

    long number() throws Damaged {
      long value = 0;
      for (int i = 0; i < MAX_NUMBER_BYTES; i++) {
        byte next = next();
        if (i == MAX_NUMBER_BYTES - 1 && next > 1) {
          break;
        }
        value |= (next & 0x7FL) << (7 * i);
        if (next >= 0) {
          return value;
        }
      }
      throw new Damaged("a number is too long");
    }

    /** A number below the limit. */
    int number(int limit) throws Damaged {
      long value = number();
      if (value < 0 || value >= limit) {
        throw new Damaged(
            "number %s is not below %s".formatted(Long.toUnsignedString(value), limit));
      }
      return (int) value;
    }

    /**
     * How many elements follow. Never more than the bytes that are left, of which each takes at
     * least one: so a wrong count cannot ask for memory.
     */
    int count() throws Damaged {
      return number(in.remaining() + 1);
    }

    private byte next() throws Damaged {
      if (!in.hasRemaining()) {
        throw new Damaged(TOO_SHORT);
      }
      return in.get();
    }

    long token() throws Damaged {
      return ByteBuffer.wrap(bytes(Long.BYTES)).getLong();
    }

    String text() throws Damaged {
      byte[] encoded = bytes(count());
      try {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(encoded)).toString();
      } catch (CharacterCodingException e) {
        throw new Damaged("a text is not valid UTF-8");
      }
    }
  }

  /** The bytes are not what a writer wrote. */
  static final class Damaged extends Exception {
    Damaged(String reason) {
      super(reason);
    }
  }
}
