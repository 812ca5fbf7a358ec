package dev.shardwright.examples.quickstart;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * What the command line asks for.
 *
 * @param data the folder with the OpenFlights files; empty for generated data
 * @param users how many users the generated marketplace has
 * @param traffic how long to read and write
 * @param threads how many threads do so
 * @param fromOne whether it begins with one PostgreSQL that is no shard yet
 * @param keep whether the servers stay up afterwards
 * @param help whether only the help text is wanted
 */
record QuickstartOptions(
    Optional<Path> data,
    int users,
    Duration traffic,
    int threads,
    boolean fromOne,
    boolean keep,
    boolean help) {

  static final String HELP =
      """
      Usage: bin/quickstart [--data DIR] [--users N] [--seconds N] [--threads N] [--keep]
             bin/quickstart --from-one [--users N] [--seconds N] [--threads N]

      Starts a ZooKeeper and three PostgreSQL servers on this machine, sets up a sharded cluster
      on them, loads data, reads and writes it by key, adds a fourth shard meanwhile and moves its
      share of the rows there, and checks that every row is there once.

        --data DIR    load the OpenFlights files airlines.dat, airports.dat and routes.dat of DIR
                      instead of a generated marketplace
        --users N     users of the generated marketplace, 1 to 1000000 (default 20000)
        --seconds N   how long the traffic lasts before the fourth shard comes, 1 to 600 (default 5)
        --threads N   how many threads make it, 1 to 64 (default 4)
        --from-one    begin with a service on one ordinary PostgreSQL, make that the first shard
                      of three under traffic, and move most of the rows away from it
        --keep        leave the servers up until Ctrl-C, start the daemon too, and print the address
                      of its web page and how to connect
        --help        this text

      The last line is for programs: RESULT rows=… rejected=… lost=… doubled=… failed=… …
      Exit code: 0 all well, 1 something was lost, doubled or failed, 2 wrong usage.
      """;

  /**
   * Reads the command line.
   *
   * @throws IllegalArgumentException if it asks for something unknown or out of range
   */
  static QuickstartOptions parse(List<String> arguments) {
    Optional<Path> data = Optional.empty();
    int users = 20_000;
    int seconds = 5;
    int threads = 4;
    boolean fromOne = false;
    boolean keep = false;
    boolean help = false;
    Iterator<String> rest = arguments.iterator();
    while (rest.hasNext()) {
      String option = rest.next();
      switch (option) {
        case "--data" -> data = Optional.of(folder(value(option, rest)));
        case "--users" -> users = number(option, value(option, rest), 1_000_000);
        case "--seconds" -> seconds = number(option, value(option, rest), 600);
        case "--threads" -> threads = number(option, value(option, rest), 64);
        case "--from-one" -> fromOne = true;
        case "--keep" -> keep = true;
        case "--help", "-h" -> help = true;
        default -> throw new IllegalArgumentException("unknown option " + option);
      }
    }
    if (fromOne && (keep || data.isPresent())) {
      throw new IllegalArgumentException("--from-one goes with neither --data nor --keep");
    }
    return new QuickstartOptions(
        data, users, Duration.ofSeconds(seconds), threads, fromOne, keep, help);
  }

  private static String value(String option, Iterator<String> rest) {
    if (!rest.hasNext()) {
      throw new IllegalArgumentException(option + " needs a value");
    }
    return rest.next();
  }

  private static int number(String option, String text, int largest) {
    String expected =
        option + " takes a whole number from 1 to " + largest + ", not '" + text + "'";
    try {
      int number = Integer.parseInt(text);
      if (1 <= number && number <= largest) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(expected, e);
    }
    throw new IllegalArgumentException(expected);
  }

  private static Path folder(String text) {
    Path folder = Path.of(text);
    for (String file : OpenFlights.FILES) {
      if (!Files.isReadable(folder.resolve(file))) {
        throw new IllegalArgumentException("--data: cannot read " + folder.resolve(file));
      }
    }
    return folder;
  }
}
