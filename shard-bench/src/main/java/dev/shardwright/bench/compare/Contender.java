package dev.shardwright.bench.compare;

import java.util.Random;

/**
 * One way to do the work that is compared.
 *
 * @param name as shown in the table
 * @param operation does the work once; called from several threads at once
 */
public record Contender(String name, Operation operation) {

  /** The work. */
  @FunctionalInterface
  public interface Operation {
    void run(Random random) throws Exception;
  }
}
