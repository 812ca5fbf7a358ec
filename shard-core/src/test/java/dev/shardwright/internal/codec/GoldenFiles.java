package dev.shardwright.internal.codec;

import static com.google.common.base.Preconditions.checkState;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The committed documents of past, present and future formats. */
final class GoldenFiles {
  private GoldenFiles() {}

  static byte[] read(String name) {
    try (InputStream in = GoldenFiles.class.getResourceAsStream(name)) {
      checkState(in != null, "no golden file %s", name);
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
