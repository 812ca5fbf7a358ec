package dev.shardwright.bench.compare;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * As much of a PostgreSQL backend as one point select needs: it speaks the wire protocol, version
 * 3, and gives every query the same row, but for that with which a session enters the shard. Its
 * answers are bytes made beforehand, so that it adds next to nothing to what is measured. Used by
 * one thread.
 */
final class CannedServer {
  /** What {@code shardwright.enter} answers here. */
  static final String IDENTITY = "bench/stub";

  private static final int STARTUP_LENGTH = 4;
  private static final int TEXT_OID = 25;

  private static final byte[] GREETING =
      bytes(
          out -> {
            message(out, 'R', body -> body.writeInt(0));
            parameter(out, "server_version", "18.0");
            parameter(out, "server_encoding", "UTF8");
            parameter(out, "client_encoding", "UTF8");
            parameter(out, "DateStyle", "ISO, MDY");
            parameter(out, "TimeZone", "UTC");
            parameter(out, "integer_datetimes", "on");
            parameter(out, "standard_conforming_strings", "on");
            parameter(out, "application_name", "");
            message(
                out,
                'K',
                body -> {
                  body.writeInt(1);
                  body.writeInt(1);
                });
            message(out, 'Z', body -> body.writeByte('I'));
          });
  private static final byte[] PARSED = bytes(out -> message(out, '1', body -> {}));
  private static final byte[] BOUND = bytes(out -> message(out, '2', body -> {}));
  private static final byte[] CLOSED = bytes(out -> message(out, '3', body -> {}));
  private static final byte[] READY = bytes(out -> message(out, 'Z', body -> body.writeByte('I')));
  private static final byte[] SET = bytes(out -> message(out, 'C', body -> text(body, "SET")));
  private static final byte[] DONE =
      bytes(out -> message(out, 'C', body -> text(body, "SELECT 1")));
  private static final byte[] COLUMNS = columns("owner", "balance");
  private static final byte[] ROW = row("somebody", "30000");
  private static final byte[] ENTRY_COLUMNS = columns("identity", "path", "isolation", "strings");
  private static final byte[] ENTRY = row(IDENTITY, "public", "read committed", "on");

  private byte[] question = new byte[1024];
  private int questionLength;
  private byte[] answer = new byte[4096];
  private int answerEnd;
  private int answerStart;
  private boolean greeted;
  private boolean entering;

  OutputStream questions() {
    return new OutputStream() {
      @Override
      public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] source, int offset, int length) {
        take(source, offset, length);
      }
    };
  }

  InputStream answers() {
    return new InputStream() {
      @Override
      public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] target, int offset, int length) {
        int count = Math.min(length, answerEnd - answerStart);
        if (count == 0 && length > 0) {
          throw new IllegalStateException("the client waits for an answer that is not canned");
        }
        System.arraycopy(answer, answerStart, target, offset, count);
        answerStart += count;
        if (answerStart == answerEnd) {
          answerStart = 0;
          answerEnd = 0;
        }
        return count;
      }

      @Override
      public int available() {
        return answerEnd - answerStart;
      }
    };
  }

  private void take(byte[] source, int offset, int length) {
    while (questionLength + length > question.length) {
      question = Arrays.copyOf(question, 2 * question.length);
    }
    System.arraycopy(source, offset, question, questionLength, length);
    questionLength += length;
    int done = 0;
    while (true) {
      int header = greeted ? 1 : 0;
      if (questionLength - done < header + STARTUP_LENGTH) {
        break;
      }
      int size = header + ByteBuffer.wrap(question).getInt(done + header);
      if (questionLength - done < size) {
        break;
      }
      if (greeted && question[done] == 'P') {
        entering =
            new String(question, done, size, StandardCharsets.UTF_8).contains("shardwright.enter");
      }
      respond(greeted ? question[done] : 0);
      done += size;
    }
    System.arraycopy(question, done, question, 0, questionLength - done);
    questionLength -= done;
  }

  private void respond(byte type) {
    switch (type) {
      case 0 -> {
        greeted = true;
        say(GREETING);
      }
      case 'P' -> say(PARSED);
      case 'B' -> say(BOUND);
      case 'D' -> say(entering ? ENTRY_COLUMNS : COLUMNS);
      case 'E' -> {
        say(entering ? ENTRY : ROW);
        say(DONE);
      }
      case 'C' -> say(CLOSED);
      case 'S' -> say(READY);
      case 'Q' -> {
        // The driver's own settings, while it connects.
        say(SET);
        say(READY);
      }
      case 'X' -> {
        // The client says good-bye.
      }
      default ->
          throw new IllegalStateException("message '" + (char) type + "' has no canned answer");
    }
  }

  private void say(byte[] canned) {
    while (answerEnd + canned.length > answer.length) {
      answer = Arrays.copyOf(answer, 2 * answer.length);
    }
    System.arraycopy(canned, 0, answer, answerEnd, canned.length);
    answerEnd += canned.length;
  }

  @FunctionalInterface
  private interface Writing {
    void to(DataOutputStream out) throws IOException;
  }

  private static byte[] columns(String... names) {
    return bytes(
        out ->
            message(
                out,
                'T',
                body -> {
                  body.writeShort(names.length);
                  for (String name : names) {
                    column(body, name);
                  }
                }));
  }

  private static byte[] row(String... values) {
    return bytes(
        out ->
            message(
                out,
                'D',
                body -> {
                  body.writeShort(values.length);
                  for (String value : values) {
                    value(body, value);
                  }
                }));
  }

  private static byte[] bytes(Writing writing) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      writing.to(new DataOutputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void message(DataOutputStream out, char type, Writing body) throws IOException {
    byte[] content = bytes(body);
    out.writeByte(type);
    out.writeInt(content.length + STARTUP_LENGTH);
    out.write(content);
  }

  private static void parameter(DataOutputStream out, String name, String value)
      throws IOException {
    message(
        out,
        'S',
        body -> {
          text(body, name);
          text(body, value);
        });
  }

  private static void column(DataOutputStream out, String name) throws IOException {
    text(out, name);
    out.writeInt(0);
    out.writeShort(0);
    out.writeInt(TEXT_OID);
    out.writeShort(-1);
    out.writeInt(-1);
    out.writeShort(0);
  }

  private static void value(DataOutputStream out, String value) throws IOException {
    byte[] content = value.getBytes(StandardCharsets.UTF_8);
    out.writeInt(content.length);
    out.write(content);
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.writeByte(0);
  }
}
