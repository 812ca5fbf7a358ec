package dev.shardwright.cli.output;

import java.util.regex.Pattern;

/** Makes texts fit for a terminal, which control characters of C0 and C1 would steer. */
public final class Printable {
  private static final Pattern CONTROLS = Pattern.compile("[\\x00-\\x1f\\x7f-\\x9f]");
  private static final Pattern CONTROLS_IN_LINES =
      Pattern.compile("[\\x00-\\x1f\\x7f-\\x9f&&[^\\n\\t]]");

  private Printable() {}

  /** With a blank for each control character, line breaks too. */
  public static String line(String text) {
    return CONTROLS.matcher(text).replaceAll(" ");
  }

  /** The same, but for line breaks and tabulators, which stay. */
  public static String lines(String text) {
    return CONTROLS_IN_LINES.matcher(text).replaceAll(" ");
  }
}
