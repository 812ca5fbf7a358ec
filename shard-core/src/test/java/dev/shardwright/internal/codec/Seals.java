package dev.shardwright.internal.codec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32C;

/** Damages documents, and gives damaged ones a fitting checksum, to reach what lies behind it. */
final class Seals {
  private static final int JSON_SEAL = ",\"crc32c\":\"00000000\"}".length();

  private Seals() {}

  /** Bytes that differ: cut, changed, or put in. */
  static byte[] damage(byte[] bytes, Random random) {
    if (random.nextInt(4) == 0) {
      return Arrays.copyOf(bytes, random.nextInt(bytes.length));
    }
    byte[] damaged = bytes.clone();
    int changes = 1 + random.nextInt(4);
    do {
      for (int i = 0; i < changes; i++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
    } while (Arrays.equals(damaged, bytes));
    return damaged;
  }

  /** The text, Latin 1 or ASCII, with its checksum put right. */
  static byte[] sealJson(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    byte[] open = Arrays.copyOf(bytes, Math.max(0, bytes.length - JSON_SEAL));
    String seal = ",\"crc32c\":\"%08x\"}".formatted(crc(open));
    ByteBuffer sealed = ByteBuffer.allocate(open.length + JSON_SEAL);
    return sealed.put(open).put(seal.getBytes(StandardCharsets.US_ASCII)).array();
  }

  /** The ring document with its checksum put right. */
  static byte[] sealRing(byte[] bytes) {
    byte[] open = Arrays.copyOf(bytes, Math.max(0, bytes.length - Integer.BYTES));
    return ByteBuffer.allocate(open.length + Integer.BYTES).put(open).putInt(crc(open)).array();
  }

  private static int crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
