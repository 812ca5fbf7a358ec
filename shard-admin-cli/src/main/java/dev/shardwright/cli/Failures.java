package dev.shardwright.cli;

import dev.shardwright.ShardException;
import dev.shardwright.admin.ChangeFailed;
import dev.shardwright.cli.output.Printable;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.NotDone;
import dev.shardwright.cli.session.WrongUsage;
import dev.shardwright.router.UnknownOutcome;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is said about a command that did not do its work, and with which exit code it ends. */
final class Failures {
  /**
   * Of a write that may have happened, was carried out without an answer, or in part
   * (docs/errors.md).
   */
  private static final Set<String> NOT_AGAIN = Set.of("08007", "SW205", "SW206");

  private final PrintStream err;

  Failures(PrintStream err) {
    this.err = err;
  }

  /** Whether an argument has what the JVM puts for bytes that are no text in its locale. */
  static boolean isGarbled(String argument) {
    return argument.indexOf('\uFFFD') >= 0;
  }

  /** The arguments are not what was typed, so another key could be meant. */
  int garbled(String argument) {
    say(
        "the argument '%s' is not understood as UTF-8: set LC_ALL=C.UTF-8 and give it in UTF-8"
            .formatted(argument));
    return ExitCode.USAGE;
  }

  /** What the command had to say did not arrive, or not all of it. */
  int unwritten(int exitCode) {
    say("the answer could not be written: the disk is full, or nobody reads it any more");
    return exitCode == ExitCode.DONE ? ExitCode.NOT_DONE : exitCode;
  }

  /** The command line could not be understood. */
  int wrongUsage(ParameterException e) {
    CommandLine command = e.getCommandLine();
    say(usageMessage(e));
    UnmatchedArgumentException.printSuggestions(e, command.getErr());
    command.getErr().flush();
    err.println("See: " + command.getCommandSpec().qualifiedName() + " --help");
    return ExitCode.USAGE;
  }

  /** The command was understood, and failed. */
  int of(Throwable failure, boolean verbose) {
    if (verbose) {
      StringWriter trace = new StringWriter();
      failure.printStackTrace(new PrintWriter(trace, /* autoFlush= */ true));
      err.print(Printable.lines(trace.toString()));
    }
    if (Thread.interrupted() || isInterruption(failure)) {
      sayInterrupted(failure);
      return ExitCode.INTERRUPTED;
    }
    if (failure instanceof WrongUsage || failure instanceof IllegalArgumentException) {
      say(message(failure)); // values come from whoever typed them
      return ExitCode.USAGE;
    }
    say(isExpected(failure) ? message(failure) : unexpected(failure));
    return ExitCode.NOT_DONE;
  }

  private void sayInterrupted(Throwable failure) {
    Optional<Throwable> changed = causes(failure).filter(Failures::mayHaveChangedRows).findFirst();
    if (changed.isPresent()) {
      say(message(changed.get())); // to do all of it again could do a part twice
      say("interrupted. Look at the rows, then do again only what was not carried out");
      return;
    }
    if (failure instanceof ChangeFailed && !(failure.getCause() instanceof InterruptedException)) {
      say(message(failure)); // what it left, or may have
    }
    say("interrupted. To go on run the same command again");
  }

  private static boolean mayHaveChangedRows(Throwable failure) {
    return failure instanceof UnknownOutcome
        || (failure instanceof SQLException sql && NOT_AGAIN.contains(sqlState(sql)));
  }

  private static String sqlState(SQLException failure) {
    return Optional.ofNullable(failure.getSQLState()).orElse("");
  }

  private static boolean isInterruption(Throwable failure) {
    return causes(failure).anyMatch(InterruptedException.class::isInstance);
  }

  private static Stream<Throwable> causes(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause);
  }

  private static boolean isExpected(Throwable failure) {
    return failure instanceof ShardException
        || failure instanceof NotDone
        || failure instanceof SQLException
        || failure instanceof UncheckedIOException;
  }

  private static String usageMessage(ParameterException e) {
    if (e instanceof UnmatchedArgumentException unmatched) {
      String first = unmatched.getUnmatched().isEmpty() ? "" : unmatched.getUnmatched().get(0);
      boolean hasCommands = !e.getCommandLine().getSubcommands().isEmpty();
      if (hasCommands && !first.startsWith("-")) {
        return "unknown command '%s'".formatted(first);
      }
    }
    return message(e);
  }

  private static String message(Throwable failure) {
    return Optional.ofNullable(failure.getMessage()).orElseGet(failure::toString);
  }

  private static String unexpected(Throwable failure) {
    return "internal error: %s. Run it again with --verbose, and report what it shows"
        .formatted(failure);
  }

  private void say(String message) {
    err.println("shard-admin: " + Printable.lines(message));
    err.flush();
  }
}
