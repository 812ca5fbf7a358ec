package dev.shardwright.bench.peers;

import dev.shardwright.bench.compare.Contender;
import java.util.Random;

/**
 * One of those that are compared.
 *
 * @param name as shown in the tables
 */
record Contestant(String name, Asking asking) {

  /** How it is asked to do a work once. */
  interface Asking {
    Object ask(Work work, Random random) throws Exception;
  }

  /** One that has so many accounts. */
  static Contestant of(String name, Bank bank, int accounts) {
    return new Contestant(name, (work, random) -> work.ask(bank, accounts, random));
  }

  Object ask(Work work, Random random) throws Exception {
    return asking.ask(work, random);
  }

  Contender at(Work work) {
    return new Contender(name, random -> ask(work, random));
  }
}
