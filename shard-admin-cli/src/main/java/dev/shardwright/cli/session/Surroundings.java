package dev.shardwright.cli.session;

import java.io.Console;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the program has around it.
 *
 * @param environment the value of an environment variable, or null if it is not set
 * @param home the user's directory, where the password file is
 * @param in where answers to questions come from
 * @param out where answers go
 * @param err where complaints, questions and progress go
 * @param terminal whether a person is there, who reads and can be asked
 * @param colours whether what that person reads may have colours
 */
public record Surroundings(
    Function<String, @Nullable String> environment,
    Path home,
    InputStream in,
    PrintStream out,
    PrintStream err,
    boolean terminal,
    boolean colours) {

  /** Those of this process. */
  public static Surroundings ofProcess(boolean colours) {
    return new Surroundings(
        System::getenv,
        Path.of(System.getProperty("user.home")),
        System.in,
        inUtf8(System.out),
        inUtf8(System.err),
        isTerminal(System.console()),
        colours);
  }

  /** Whatever the locale: what programs read, and what has names in it, is to be as it was. */
  private static PrintStream inUtf8(PrintStream stream) {
    return new PrintStream(stream, true, StandardCharsets.UTF_8);
  }

  /** From Java 22 on there may be a console where no terminal is, and it tells. */
  private static boolean isTerminal(@Nullable Console console) {
    if (console == null) {
      return false;
    }
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
