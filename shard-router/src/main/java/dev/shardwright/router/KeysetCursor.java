package dev.shardwright.router;

import com.google.common.hash.Hashing;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The end of one page, in the hands of strangers until the next is wanted.
 *
 * @param query tells for which query and order it is
 * @param types the names of the types of the keys
 * @param values the keys of the last row, in PostgreSQL's text form
 */
record KeysetCursor(long query, List<String> types, List<String> values) {
  private static final int FORMAT = 1;
  private static final int MAX_KEYS = 32;

  /** As the driver says it: as it is where the search path leads to it, else in quotes. */
  private static final Pattern TYPE =
      Pattern.compile("[^\"]{1,63}|(\"([^\"]|\"\"){1,63}\"\\.)?\"([^\"]|\"\"){1,63}\"");

  KeysetCursor {
    types = List.copyOf(types);
    values = List.copyOf(values);
  }

  /** What tells a query and its order from others. */
  static long fingerprint(String sql, List<Keyset.Key> keys) {
    return Hashing.sha256().hashString(sql + "\n" + keys, StandardCharsets.UTF_8).asLong();
  }

  /** As a text without characters that URLs would have to escape. */
  String encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(FORMAT);
      out.writeLong(query);
      out.writeByte(types.size());
      for (int i = 0; i < types.size(); i++) {
        out.writeUTF(types.get(i));
        byte[] value = values.get(i).getBytes(StandardCharsets.UTF_8);
        out.writeInt(value.length);
        out.write(value);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toByteArray());
  }

  /**
   * Reads one that came back.
   *
   * @param query the fingerprint that it must have
   * @param keys how many keys the order has
   * @throws RouteRefused if it is none, or one of another query
   */
  static KeysetCursor decode(String text, long query, int keys) {
    KeysetCursor cursor;
    try (DataInputStream in =
        new DataInputStream(new ByteArrayInputStream(Base64.getUrlDecoder().decode(text)))) {
      cursor = read(in);
    } catch (IOException | IllegalArgumentException e) {
      throw new RouteRefused("the cursor is broken: begin with the first page again", e);
    }
    if (cursor.query() != query || cursor.types().size() != keys) {
      throw new RouteRefused(
          "the cursor is from another query or order: begin with the first page again");
    }
    return cursor;
  }

  private static KeysetCursor read(DataInputStream in) throws IOException {
    int format = in.readByte();
    long query = in.readLong();
    int keys = in.readUnsignedByte();
    if (format != FORMAT || keys > MAX_KEYS) {
      throw new IOException("unknown format");
    }
    List<String> types = new ArrayList<>();
    List<String> values = new ArrayList<>();
    for (int i = 0; i < keys; i++) {
      String type = in.readUTF();
      int length = in.readInt();
      if (!TYPE.matcher(type).matches() || length < 0 || length > in.available()) {
        throw new IOException("a key is broken");
      }
      types.add(type);
      values.add(new String(in.readNBytes(length), StandardCharsets.UTF_8));
    }
    return new KeysetCursor(query, types, values);
  }
}
