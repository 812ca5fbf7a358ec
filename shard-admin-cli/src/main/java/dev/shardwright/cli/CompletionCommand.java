package dev.shardwright.cli;

import java.io.PrintStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code completion}. */
@Command(
    name = "completion",
    description = "Writes a completion script for bash and zsh.",
    footer = {"", "Example, in .bashrc:", "  source <(shard-admin completion)"})
final class CompletionCommand implements Runnable {
  private final PrintStream out;

  @Spec private @Nullable CommandSpec spec;

  CompletionCommand(PrintStream out) {
    this.out = out;
  }

  @Override
  public void run() {
    CommandSpec root = Objects.requireNonNull(spec, "picocli sets it").root();
    out.println(AutoComplete.bash("shard-admin", root.commandLine()));
    out.flush();
  }
}
