package dev.shardwright.cli;

import dev.shardwright.cli.daemon.ServeCommand;
import dev.shardwright.cli.data.ExplainCommand;
import dev.shardwright.cli.data.FsckCommand;
import dev.shardwright.cli.data.LoadCommand;
import dev.shardwright.cli.data.QueryCommand;
import dev.shardwright.cli.moves.MigrationCommands;
import dev.shardwright.cli.moves.PinCommand;
import dev.shardwright.cli.moves.PlanCommand;
import dev.shardwright.cli.moves.RebalanceCommand;
import dev.shardwright.cli.moves.SkewCommand;
import dev.shardwright.cli.session.Conversions;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.GlobalOptions;
import dev.shardwright.cli.session.Session;
import dev.shardwright.cli.session.Surroundings;
import dev.shardwright.cli.setup.AdoptCommand;
import dev.shardwright.cli.setup.DoctorCommand;
import dev.shardwright.cli.setup.ExportCommand;
import dev.shardwright.cli.setup.ImportCommand;
import dev.shardwright.cli.setup.InitCommand;
import dev.shardwright.cli.setup.KeyspaceCommands;
import dev.shardwright.cli.setup.RouteCommand;
import dev.shardwright.cli.setup.RouterCommands;
import dev.shardwright.cli.setup.ShardCommands;
import dev.shardwright.cli.setup.StatusCommand;
import dev.shardwright.cli.setup.TableCommands;
import dev.shardwright.cli.setup.UnpinCommand;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** The program {@code shard-admin}. */
public final class Cli {
  /** How long an interrupted command may take to leave things in order. */
  private static final Duration TIDYING = Duration.ofSeconds(20);

  private Cli() {}

  /** Runs one command and ends the JVM with its exit code. */
  public static void main(String[] args) throws InterruptedException {
    configureLog(List.of(args));
    int[] exitCode = {ExitCode.INTERRUPTED};
    Thread command =
        new Thread(
            () -> exitCode[0] = run(args, Surroundings.ofProcess(Ansi.AUTO.enabled())),
            "shard-admin");
    // Ctrl-C interrupts the command and waits for it; then the JVM goes on to end with 130.
    Thread onInterrupt =
        new Thread(
            () -> {
              command.interrupt();
              joinQuietly(command);
            },
            "shard-admin-interrupt");
    Runtime.getRuntime().addShutdownHook(onInterrupt);
    command.start();
    command.join();
    if (removed(onInterrupt)) {
      System.exit(exitCode[0]);
    }
  }

  /**
   * A command says itself what went wrong. A daemon goes on: its log is where it tells what fails,
   * and what becomes of migrations.
   */
  private static void configureLog(List<String> args) {
    boolean daemon = args.contains("serve");
    String ordinary = daemon ? "warn" : "off";
    log("defaultLogLevel", args.contains("--verbose") ? "info" : ordinary);
    if (daemon) {
      log("log.dev.shardwright", "info");
      log("log.io.javalin", "off"); // what fails in the web server is told to whoever asked
      log("showDateTime", "true");
      log("dateTimeFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX");
    }
  }

  private static void log(String setting, String value) {
    String property = "org.slf4j.simpleLogger." + setting;
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /**
   * Runs one command. Interrupting the thread is the same as Ctrl-C.
   *
   * @return the exit code
   */
  public static int run(String[] args, Surroundings surroundings) {
    Optional<String> garbled = Stream.of(args).filter(Failures::isGarbled).findFirst();
    if (garbled.isPresent()) {
      return new Failures(surroundings.err()).garbled(garbled.get());
    }
    GlobalOptions options = new GlobalOptions();
    int exitCode;
    try {
      exitCode = program(options, surroundings).execute(args);
    } catch (Error e) { // picocli lets it through, such as memory that ran out
      return new Failures(surroundings.err()).of(e, options.verbose());
    }
    return surroundings.out().checkError()
        ? new Failures(surroundings.err()).unwritten(exitCode)
        : exitCode;
  }

  private static CommandLine program(GlobalOptions options, Surroundings surroundings) {
    Session session = new Session(options, surroundings);
    Failures failures = new Failures(surroundings.err());
    CommandLine program = new CommandLine(options);
    program.getCommandSpec().version("shard-admin " + version());
    List.of(
            new InitCommand(session),
            new StatusCommand(session),
            new ShardCommands(session),
            new KeyspaceCommands(session),
            new TableCommands(session),
            new PinCommand(session),
            new UnpinCommand(session),
            new RouteCommand(session),
            new RouterCommands(session),
            new DoctorCommand(session),
            new AdoptCommand(session),
            new ExportCommand(session),
            new ImportCommand(session),
            new FsckCommand(session),
            new LoadCommand(session),
            new QueryCommand(session),
            new ExplainCommand(session),
            new SkewCommand(session),
            new PlanCommand(session),
            new RebalanceCommand(session),
            new MigrationCommands(session),
            new ServeCommand(session),
            new CompletionCommand(surroundings.out()))
        .forEach(program::addSubcommand);
    Conversions.register(program);
    return program
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setOut(writer(surroundings.out()))
        .setErr(writer(surroundings.err()))
        .setColorScheme(
            CommandLine.Help.defaultColorScheme(surroundings.colours() ? Ansi.ON : Ansi.OFF))
        .setParameterExceptionHandler((e, args) -> failures.wrongUsage(e))
        .setExecutionExceptionHandler((e, command, result) -> failures.of(e, options.verbose()))
        .setUsageHelpWidth(100);
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
  }

  private static String version() {
    return Optional.ofNullable(Cli.class.getPackage().getImplementationVersion())
        .orElse("development");
  }

  private static void joinQuietly(Thread thread) {
    try {
      thread.join(TIDYING.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the JVM is not ending already. */
  private static boolean removed(Thread hook) {
    try {
      return Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return false;
    }
  }
}
