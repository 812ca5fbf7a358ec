package dev.shardwright.cli.session;

import java.io.InputStream;
import java.io.PrintStream;
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
 * @param terminal whether a person looks at {@code out} and {@code err}
 */
public record Surroundings(
    Function<String, @Nullable String> environment,
    Path home,
    InputStream in,
    PrintStream out,
    PrintStream err,
    boolean terminal) {

  /** Those of this process. */
  public static Surroundings ofProcess(boolean terminal) {
    return new Surroundings(
        System::getenv,
        Path.of(System.getProperty("user.home")),
        System.in,
        System.out,
        System.err,
        terminal);
  }
}
