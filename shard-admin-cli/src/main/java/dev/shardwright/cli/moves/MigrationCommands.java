package dev.shardwright.cli.moves;

import dev.shardwright.cli.output.Answer;
import dev.shardwright.cli.output.Cell;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.NotDone;
import dev.shardwright.cli.session.Session;
import dev.shardwright.rebalance.KeptMigrations;
import dev.shardwright.rebalance.MigrationStatus;
import dev.shardwright.rebalance.Rebalancer;
import java.util.List;
import java.util.SortedMap;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code migration …}. */
@Command(
    name = "migration",
    description = "Shows migrations, watches and steers them.",
    synopsisSubcommandLabel = "COMMAND")
public final class MigrationCommands {
  private final Session session;

  /** For one run of the program. */
  public MigrationCommands(Session session) {
    this.session = session;
  }

  @Command(
      name = "list",
      description = "Lists the migrations that are kept: under way, and over.",
      footer = {"", "Example:", "  shard-admin migration list"})
  int list() {
    try (Rebalancer rebalancer = session.rebalancer()) {
      KeptMigrations kept = rebalancer.kept();
      session.print(MigrationAnswer.of(kept));
      warnOf(kept.illegible());
      return ExitCode.DONE;
    }
  }

  @Command(name = "show", description = "Shows one migration, with the parts of its last pause.")
  int show(@Parameters(paramLabel = "NUMBER", description = "The migration.") int number) {
    try (Rebalancer rebalancer = session.rebalancer()) {
      session.print(MigrationAnswer.of(status(rebalancer, number)));
      return ExitCode.DONE;
    }
  }

  @Command(
      name = "pause",
      description = "Lets migrations rest at the next place where that does no harm.",
      footer = {"", "Example:", "  shard-admin migration pause 7 8"})
  int pause(
      @Parameters(arity = "1..*", paramLabel = "NUMBER", description = "The migrations.")
          List<Integer> numbers) {
    return steer(
        "pause", numbers, Rebalancer::pause, "is to rest: shard-admin migration resume goes on");
  }

  @Command(
      name = "resume",
      description = "Lets paused migrations go on.",
      footer = {"", "Example:", "  shard-admin migration resume 7 8 --watch"})
  int resume(
      @Parameters(arity = "1..*", paramLabel = "NUMBER", description = "The migrations.")
          List<Integer> numbers,
      @Option(
              names = "--watch",
              description = "Watch them, and carry them out if nobody else does.")
          boolean watching) {
    if (watching) {
      order(numbers, Rebalancer::resume, "is to go on");
      return watch(numbers, false);
    }
    return steer("resume", numbers, Rebalancer::resume, "is to go on");
  }

  @Command(
      name = "abort",
      description = "Gives migrations up and removes what they copied; nothing has moved then.",
      footer = {"", "Example:", "  shard-admin migration abort 7"})
  int abort(
      @Parameters(arity = "1..*", paramLabel = "NUMBER", description = "The migrations.")
          List<Integer> numbers,
      @Option(names = "--yes", description = "Do not ask.") boolean yes) {
    session.confirm("Give up migrations %s?".formatted(numbers), yes);
    return steer("abort", numbers, Rebalancer::abort, "is to be given up");
  }

  @Command(
      name = "rollback",
      description = "Takes moved ranges back, with all that was written since, within the window.",
      footer = {"", "Example:", "  shard-admin migration rollback 7"})
  int rollback(
      @Parameters(arity = "1..*", paramLabel = "NUMBER", description = "The migrations.")
          List<Integer> numbers,
      @Option(names = "--yes", description = "Do not ask.") boolean yes) {
    session.confirm("Take the ranges of migrations %s back?".formatted(numbers), yes);
    return steer("rollback", numbers, Rebalancer::rollBack, "is to be taken back");
  }

  @Command(
      name = "forget",
      description = "Takes migrations that are over from the list; no row and no range changes.",
      footer = {
        "",
        "One that is DONE or ABORTED is kept until then, with its note and its last pause.",
        "Any other is refused: wait for its end with shard-admin migration watch.",
        "",
        "Example:",
        "  shard-admin migration forget 7 8"
      })
  int forget(
      @Parameters(arity = "1..*", paramLabel = "NUMBER", description = "The migrations.")
          List<Integer> numbers) {
    return steer("forget", numbers, Rebalancer::forget, "is forgotten");
  }

  @Command(
      name = "watch",
      description = "Shows how far migrations are until they are over, clean-up included.",
      footer = {
        "",
        "Carries them out as well if nobody else does, unless --no-lead is given.",
        "",
        "Examples:",
        "  shard-admin migration watch",
        "  shard-admin migration watch 7 --no-lead"
      })
  int watch(
      @Parameters(
              arity = "0..*",
              paramLabel = "NUMBER",
              description = "The migrations; all that are not over if none is given.")
          @Nullable List<Integer> numbers,
      @Option(names = "--no-lead", description = "Only look.") boolean noLead) {
    try (Rebalancer rebalancer = session.rebalancer()) {
      List<Integer> given = numbers == null ? List.of() : numbers;
      given.forEach(number -> status(rebalancer, number));
      KeptMigrations kept = rebalancer.kept();
      boolean unseen = given.isEmpty() && !kept.illegible().isEmpty();
      if (unseen) {
        warnOf(kept.illegible());
      }
      MigrationWatch watch = new MigrationWatch(session, rebalancer);
      if (!noLead) {
        watch.campaign();
      }
      int seen =
          watch.until(
              given.isEmpty() ? underWay(kept) : given,
              MigrationStatus::isOver,
              status -> !status.state().equals("ABORTED"));
      return unseen ? ExitCode.NOT_DONE : seen;
    }
  }

  private void warnOf(SortedMap<Integer, String> illegible) {
    illegible.forEach(
        (number, why) ->
            session.tell("Warning: migration %d cannot be read: %s".formatted(number, why)));
  }

  private int steer(
      String name, List<Integer> numbers, ObjIntConsumer<Rebalancer> steering, String sentence) {
    order(numbers, steering, sentence);
    if (session.isJson()) {
      session.print(
          Answer.EMPTY.table(
              "migrations",
              List.of("number", "order"),
              numbers.stream()
                  .map(number -> List.of(Cell.number(number.longValue()), Cell.of(name)))
                  .toList()));
    }
    return ExitCode.DONE;
  }

  private void order(List<Integer> numbers, ObjIntConsumer<Rebalancer> steering, String sentence) {
    try (Rebalancer rebalancer = session.rebalancer()) {
      for (int number : numbers) {
        steering.accept(rebalancer, number);
        session.tell("Migration %d %s".formatted(number, sentence));
      }
    }
  }

  private static List<Integer> underWay(KeptMigrations kept) {
    return kept.legible().stream()
        .filter(status -> !status.isOver())
        .map(MigrationStatus::number)
        .toList();
  }

  private static MigrationStatus status(Rebalancer rebalancer, int number) {
    return rebalancer
        .migration(number)
        .orElseThrow(
            () ->
                new NotDone(
                    "there is no migration %d; there are %s"
                        .formatted(
                            number,
                            rebalancer.migrations().stream()
                                .map(MigrationStatus::number)
                                .toList())));
  }
}
