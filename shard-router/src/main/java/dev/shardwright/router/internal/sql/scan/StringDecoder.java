package dev.shardwright.router.internal.sql.scan;

import dev.shardwright.router.internal.sql.scan.SqlRefused.Reason;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Reads what PostgreSQL reads in the forms of string constants that have escapes. */
final class StringDecoder {
  private static final int OCTAL_DIGITS = 3;

  private StringDecoder() {}

  /** What stands between the quotes of {@code E'…'}. */
  static String escaped(String body) {
    // Octal and \x escapes are bytes, several of which may make one character.
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Cursor in = new Cursor(body);
    while (in.more()) {
      int c = in.next();
      if (c == '\'') {
        in.skip(); // doubled
        bytes.write('\'');
      } else if (c == '\\') {
        escape(in, bytes);
      } else {
        write(bytes, c);
      }
    }
    return utf8(bytes.toByteArray());
  }

  /** What stands between the quotes of {@code U&'…'} or {@code U&"…"}. */
  static String unicode(String body, char quote, char escape) {
    StringBuilder text = new StringBuilder();
    Cursor in = new Cursor(body);
    while (in.more()) {
      int c = in.next();
      if (c == quote) {
        in.skip(); // doubled
        text.append(quote);
      } else if (c != escape) {
        text.appendCodePoint(c);
      } else if (in.skipIf(escape)) {
        text.append(escape);
      } else {
        // Two escapes may be the halves of one character.
        int unit = in.skipIf('+') ? in.hex(6) : in.hex(4);
        checkCodePoint(unit);
        text.appendCodePoint(unit);
      }
    }
    return checked(text.toString());
  }

  /** What stands between the quotes of a form without other escapes than the doubled quote. */
  static String plain(String body) {
    return body.indexOf('\'') < 0 ? body : body.replace("''", "'");
  }

  private static void escape(Cursor in, ByteArrayOutputStream bytes) {
    if (!in.more()) {
      throw wrong("ends in a backslash");
    }
    int c = in.next();
    switch (c) {
      case 'b' -> bytes.write('\b');
      case 'f' -> bytes.write('\f');
      case 'n' -> bytes.write('\n');
      case 'r' -> bytes.write('\r');
      case 't' -> bytes.write('\t');
      case 'v' -> bytes.write(0x0B);
      case 'x' -> hexByte(in, bytes);
      case 'u' -> write(bytes, character(in, in.hex(4)));
      case 'U' -> write(bytes, character(in, in.hex(8)));
      case '0', '1', '2', '3', '4', '5', '6', '7' -> bytes.write(in.octal(c - '0'));
      default -> write(bytes, c);
    }
  }

  private static void hexByte(Cursor in, ByteArrayOutputStream bytes) {
    int first = in.digit(16);
    if (first < 0) {
      bytes.write('x');
      return;
    }
    int second = in.digit(16);
    bytes.write(second < 0 ? first : first * 16 + second);
  }

  private static int character(Cursor in, int unit) {
    checkCodePoint(unit);
    if (!Character.isSurrogate((char) unit) || unit > Character.MAX_VALUE) {
      return unit;
    }
    if (!Character.isHighSurrogate((char) unit) || !in.skipIf('\\')) {
      throw wrong("has half a surrogate pair");
    }
    int low;
    if (in.skipIf('u')) {
      low = in.hex(4);
    } else if (in.skipIf('U')) {
      low = in.hex(8);
    } else {
      throw wrong("has half a surrogate pair");
    }
    if (low > Character.MAX_VALUE || !Character.isLowSurrogate((char) low)) {
      throw wrong("has half a surrogate pair");
    }
    return Character.toCodePoint((char) unit, (char) low);
  }

  private static void checkCodePoint(int unit) {
    if (unit <= 0 || unit > Character.MAX_CODE_POINT) {
      throw wrong("has an escape that is no character");
    }
  }

  private static void write(ByteArrayOutputStream bytes, int codePoint) {
    bytes.writeBytes(Character.toString(codePoint).getBytes(StandardCharsets.UTF_8));
  }

  private static String utf8(byte[] bytes) {
    try {
      return checked(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      throw wrong("is not UTF-8");
    }
  }

  private static String checked(String text) {
    if (text.indexOf('\0') >= 0) {
      throw wrong("has a zero byte");
    }
    if (SqlScanner.loneSurrogate(text) >= 0) {
      throw wrong("has half a surrogate pair");
    }
    return text;
  }

  private static SqlRefused wrong(String what) {
    return new SqlRefused(Reason.SYNTAX, "a string constant with escapes " + what);
  }

  /** Reads code points and digits. */
  private static final class Cursor {
    private final String text;
    private int at;

    Cursor(String text) {
      this.text = text;
    }

    boolean more() {
      return at < text.length();
    }

    int next() {
      int c = text.codePointAt(at);
      at += Character.charCount(c);
      return c;
    }

    void skip() {
      at++;
    }

    boolean skipIf(char expected) {
      boolean there = more() && text.charAt(at) == expected;
      if (there) {
        at++;
      }
      return there;
    }

    /** The next digit, or -1 if there is none. */
    int digit(int radix) {
      int digit = more() && text.charAt(at) < 0x80 ? Character.digit(text.charAt(at), radix) : -1;
      if (digit >= 0) {
        at++;
      }
      return digit;
    }

    int hex(int digits) {
      long value = 0;
      for (int i = 0; i < digits; i++) {
        int digit = digit(16);
        if (digit < 0) {
          throw wrong("has a Unicode escape of fewer than " + digits + " digits");
        }
        value = value * 16 + digit;
      }
      return value > Character.MAX_CODE_POINT ? -1 : (int) value;
    }

    int octal(int first) {
      int value = first;
      for (int i = 1; i < OCTAL_DIGITS; i++) {
        int digit = digit(8);
        if (digit < 0) {
          break;
        }
        value = value * 8 + digit;
      }
      return value & 0xFF;
    }
  }
}
