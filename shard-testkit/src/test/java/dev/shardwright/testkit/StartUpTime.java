package dev.shardwright.testkit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Prints how long three PostgreSQL servers and one ZooKeeper take to start, five times over: {@code
 * java -cp … dev.shardwright.testkit.StartUpTime}. The first round includes loading the classes.
 */
final class StartUpTime {
  private static final int ROUNDS = 5;

  private StartUpTime() {}

  public static void main(String[] arguments) {
    PostgresServer.start().close(); // unpacks the programs where that was not done before
    List<Long> millis = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      millis.add(round());
    }
    System.out.println("start-up of 3 PostgreSQL and 1 ZooKeeper, ms: " + millis);
    Collections.sort(millis);
    System.out.println("median ms: " + millis.get(ROUNDS / 2));
  }

  private static long round() {
    long start = System.nanoTime();
    try (PostgresServer first = PostgresServer.start();
        PostgresServer second = PostgresServer.start();
        PostgresServer third = PostgresServer.start();
        ZooKeeperServer zooKeeper = ZooKeeperServer.start()) {
      long millis = (System.nanoTime() - start) / 1_000_000;
      if (!first.running() || !second.running() || !third.running() || !zooKeeper.running()) {
        throw new IllegalStateException("a server is not there");
      }
      return millis;
    }
  }
}
