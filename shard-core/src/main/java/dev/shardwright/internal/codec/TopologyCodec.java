package dev.shardwright.internal.codec;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.shardwright.TopologyUnavailable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * The bytes of the document {@code topology}: one JSON object that people can read. Its last field
 * is the CRC32C of all bytes before that field's comma, so that a document that was cut, damaged or
 * edited by hand is told from a whole one.
 */
public final class TopologyCodec {
  private static final String CHECKSUM_NAME = ",\"crc32c\":\"";
  private static final String CHECKSUM_END = "\"}";
  private static final int CHECKSUM_LENGTH =
      CHECKSUM_NAME.length() + 2 * Integer.BYTES + CHECKSUM_END.length();

  private TopologyCodec() {}

  /** The document's bytes. */
  public static byte[] encode(TopologyDocument document) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JsonObject.JSON.createGenerator(out)) {
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_JSON_CONTENT);
      json.writeStartObject();
      new TopologyWriter(json).writeFields(document);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // there is no IO
    }
    byte[] open = out.toByteArray();
    out.writeBytes(checksumOf(open, open.length));
    return out.toByteArray();
  }

  /**
   * Reads a document; fields that this release does not know are passed over.
   *
   * @param path where it is kept, for messages
   * @throws TopologyUnavailable if it is damaged, or meant for newer readers only
   */
  public static TopologyDocument decode(byte[] bytes, String path) {
    JsonObject json = JsonObject.parse(bytes, path);
    long format = json.number("format");
    Format.check(path, format, json.number("minimumReader"));
    int checked = Math.max(0, bytes.length - CHECKSUM_LENGTH);
    byte[] found = Arrays.copyOfRange(bytes, checked, bytes.length);
    if (!Arrays.equals(found, checksumOf(bytes, checked))) {
      throw Format.corrupt(path, "its checksum does not match", null);
    }
    try {
      return TopologyReader.read(json, format);
    } catch (IllegalArgumentException e) {
      // The values check themselves: here it is the document that is wrong, not the program.
      throw Format.corrupt(path, String.valueOf(e.getMessage()), e);
    }
  }

  private static byte[] checksumOf(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    String hex = HexFormat.of().toHexDigits((int) crc.getValue());
    return (CHECKSUM_NAME + hex + CHECKSUM_END).getBytes(StandardCharsets.US_ASCII);
  }
}
